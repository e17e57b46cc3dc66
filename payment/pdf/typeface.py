"""The font files and which of them can write which character.

Files are opened on first use (the operating system maps them into memory) and kept for the life of the process.
"""

import re
import unicodedata
from functools import cache, cached_property, lru_cache
from pathlib import Path

import uharfbuzz as hb

FONT_FOLDER = Path(__file__).parent / "fonts"
REPLACEMENT = "?"  # stands, visibly, for a character that no font here can write

# (regular, bold); without a bold file the regular one is drawn with a thin outline. The order is the preference.
FILES: tuple[tuple[str, str | None], ...] = (
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf"),
    ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    ("NotoSansDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
    ("NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"),
    ("NotoSansBengali-Regular.ttf", None),
    ("NotoSansGurmukhi-Regular.ttf", None),
    ("NotoSansGujarati-Regular.ttf", None),
    ("NotoSansTamil-Regular.ttf", None),
    ("NotoSansTelugu-Regular.ttf", None),
    ("NotoSansKannada-Regular.ttf", None),
    ("NotoSansMalayalam-Regular.ttf", None),
    ("NotoSansSinhala-Regular.ttf", None),
    ("NotoSansKhmer-Regular.ttf", None),
    ("NotoSansMyanmar-Regular.ttf", None),
    ("NotoSansEthiopic-Regular.ttf", None),
    ("DroidSansFallback.ttf", None),
    ("DejaVuSans.ttf", None),
)
JOINERS = frozenset("\u200c\u200d")
_UNWANTED = re.compile(
    "[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
# Emoji as UTS 51 puts them together: flags by two letters or by tags, keys, and pictures that are changed or joined.
_PICTURES = "\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
_PICTURE = f"[\u00a9\u00ae{_PICTURES}\U0001f000-\U0001f0ff\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
_CHANGED = "(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?\u20e3?(?:[\U000e0020-\U000e007e]+\U000e007f?)?"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{1,2}}|[0-9#*]\ufe0f?\u20e3|[\U0001f3fb-\U0001f3ff]"
    f"|(?:{_PICTURE}{_CHANGED})(?:\u200d+(?:{_PICTURE}|[\u2640\u2642]){_CHANGED})*\u200d*"
)


class Typeface:
    """One font file: its coverage, and HarfBuzz's view of it."""

    def __init__(self, file_name: str) -> None:
        self.name = file_name.removesuffix(".ttf")
        self.face = hb.Face(hb.Blob.from_file_path(str(FONT_FOLDER / file_name)))
        self.font = hb.Font(self.face)
        self.units_per_em: int = self.face.upem

    @cached_property
    def coverage(self) -> frozenset[str]:
        """Every character the font has a glyph for."""
        return frozenset(map(chr, self.face.unicodes))

    @cached_property
    def extents(self) -> tuple[int, int]:
        """Ascender and descender in font units."""
        extents = self.font.get_font_extents("ltr")
        return extents.ascender, extents.descender

    def width(self, glyph: int) -> int:
        """Advance of a glyph in font units."""
        return int(self.font.get_glyph_h_advance(glyph))


@cache
def typeface(file_name: str) -> Typeface:
    """The typeface of a file in the font folder."""
    return Typeface(file_name)


def face_of(index: int, bold: bool) -> tuple[Typeface, bool]:
    """The typeface at `index` of FILES, and whether bold must be imitated."""
    regular, heavy = FILES[index]
    if bold and heavy:
        return typeface(heavy), False
    return typeface(regular), bold


@lru_cache(maxsize=8192)
def first_cover(character: str) -> int | None:
    """Index of the first font that has `character`, or None."""
    for index, (regular, _) in enumerate(FILES):
        if character in typeface(regular).coverage:
            return index
    return None


def clean(text: str) -> str:
    """`text` on one line, composed (NFC), with every character that cannot be drawn replaced.

    Direction controls, variation selectors and other invisible marks go away, except for the joiners, which
    change how Persian and Indian scripts are written. An emoji that is one picture which a font here has is drawn; any
    other, such as a flag or several joined to one, goes away as a whole: a part of it would say something else.
    """
    text = unicodedata.normalize("NFC", text)
    text = _UNWANTED.sub("", text if text.isascii() else _EMOJI.sub(_drawn_emoji, text))
    return "".join(map(_drawable, " ".join(text.split())))


def _drawn_emoji(found: re.Match[str]) -> str:
    emoji = found[0].rstrip("\u200d").removesuffix("\ufe0f")
    return emoji if len(emoji) == 1 and first_cover(emoji) is not None else ""


def _drawable(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    if character in JOINERS or first_cover(character) is not None:
        return character
    return " " if unicodedata.category(character) in ("Zs", "Cc") else REPLACEMENT


def fonts_for(text: str) -> list[int]:
    """For each character of a cleaned `text` the index of its font.

    Marks, joiners, spaces and punctuation stay in the font of what stands before them where that has them, so that
    a word is shaped as a whole.
    """
    chosen: list[int] = []
    current = 0
    for character in text:
        if not (_is_neutral(character) and _has(current, character)):
            found = first_cover(character)
            current = current if found is None else found
        chosen.append(current)
    return chosen


def _is_neutral(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character)[0] in "MPZ"


def _has(index: int, character: str) -> bool:
    return character in JOINERS or character in typeface(FILES[index][0]).coverage
