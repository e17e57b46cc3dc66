"""From text to lines of placed glyphs: bidirectional order, fonts by run, shaping, wrapping.

HarfBuzz shapes every run; the Unicode bidirectional algorithm gives the order of runs in a line.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import uharfbuzz as hb
from bidi import algorithm as bidi

from payment.pdf.typeface import clean, face_of, fonts_for

MAX_TEXT = 20_000  # characters of one paragraph that are looked at; what a form accepts is far below
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
# A line may break after a space, after a hyphen, slash, underscore or @, and around an East Asian character.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(
    rf"[{_WIDE}][\u3000-\u3002\uff01\uff09\uff0c\uff0e]* *|[^\s{_WIDE}/_@-]*[/_@-]+ *|[^\s{_WIDE}/_@-]+ *|\s+"
)
# A character with its joiners; in Thai and Lao also with the vowels that are written before and after it.
_CLUSTERS = re.compile(r"(?s)[\u0e40-\u0e44\u0ec0-\u0ec4]?.[\u200c\u200d]*[\u0e33\u0e45\u0eb3]?")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph: lengths in thousandths of the font size, `text` is what it stands for."""

    id: int
    text: str
    advance: float
    x_offset: float
    y_offset: float


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one font in the order they are drawn, left to right; `text` is in reading order."""

    font: int
    bold: bool
    right_to_left: bool
    text: str
    glyphs: tuple[Glyph, ...]
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of runs in the order they are drawn; `width` in thousandths of the font size."""

    runs: tuple[Run, ...]
    text: str

    @property
    def width(self) -> float:
        return sum(run.width for run in self.runs)


@lru_cache(maxsize=4096)
def shape(text: str, font: int, bold: bool, right_to_left: bool) -> Run:
    """Shape one run of text that has one font and one direction."""
    typeface, _ = face_of(font, bold)
    buffer = hb.Buffer()
    buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(text)
    buffer.direction = "rtl" if right_to_left else "ltr"
    buffer.language = "en"  # else the machine's locale would decide
    buffer.guess_segment_properties()
    hb.shape(typeface.font, buffer)
    scale = 1000 / typeface.units_per_em
    texts = _cluster_texts(text, [info.cluster for info in buffer.glyph_infos])
    glyphs = tuple(
        Glyph(
            info.codepoint,
            glyph_text,
            place.x_advance * scale,
            place.x_offset * scale,
            place.y_offset * scale,
        )
        for info, place, glyph_text in zip(buffer.glyph_infos, buffer.glyph_positions, texts, strict=True)
    )
    return Run(font, bold, right_to_left, text, glyphs, sum(glyph.advance for glyph in glyphs))


def _cluster_texts(text: str, clusters: list[int]) -> list[str]:
    """The characters each glyph stands for; of several glyphs in one cluster the first gets them all."""
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    texts, seen = [], set()
    for cluster in clusters:
        texts.append("" if cluster in seen else text[cluster : ends[cluster]])
        seen.add(cluster)
    return texts


@lru_cache(maxsize=4096)
def single_line(text: str, bold: bool = False) -> Line:
    """`text` on one line, however wide."""
    text = clean(text[:MAX_TEXT])
    return _line(text, _levels(text), 0, len(text), bold)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[Line]:
    """Break `text` into lines of at most `width` points at font size `size`; nothing is cut.

    A word wider than the line is broken between characters.
    """
    return list(_wrap(text[:MAX_TEXT], width * 1000 / size, bold))


@lru_cache(maxsize=1024)
def _wrap(text: str, limit: float, bold: bool) -> tuple[Line, ...]:
    text = clean(text)
    levels = _levels(text)
    return tuple(_line(text, levels, *span, bold) for span in _spans(text, limit, bold))


def _spans(text: str, limit: float, bold: bool) -> list[tuple[int, int]]:
    """Start and end of each line in `text`."""
    spans: list[tuple[int, int]] = []
    start = end = 0
    used = 0.0
    for piece in _pieces(text, limit, bold):
        if used and used + _width(piece.rstrip(), bold) > limit:
            spans.append((start, end))
            start, used = end, 0.0
        end += len(piece)
        used += _width(piece, bold)
    if end > start:
        spans.append((start, end))
    return spans


def _pieces(text: str, limit: float, bold: bool) -> list[str]:
    """Unbreakable pieces of `text`, none wider than `limit` (unless a single character is)."""
    pieces: list[str] = []
    for piece in _PIECES.findall(text):
        rest = piece
        while _width(rest.rstrip(), bold) > limit:
            head = _fit(rest, limit, bold)
            if len(head) == len(rest):
                break
            pieces.append(head)
            rest = rest[len(head) :]
        pieces.append(rest)
    return pieces


def _fit(text: str, limit: float, bold: bool) -> str:
    """The longest beginning of `text`, in whole characters with their marks, that is not wider than `limit`."""
    used = 0.0
    end = 0
    for cluster in _CLUSTERS.findall(text):
        used += _width(cluster, bold)
        if used > limit and end and not unicodedata.category(cluster[0]).startswith("M"):
            break
        end += len(cluster)
    return text[:end]


@lru_cache(maxsize=8192)
def _width(text: str, bold: bool) -> float:
    return sum(shape(part, font, bold, False).width for part, font in _font_runs(text))


def _font_runs(text: str) -> list[tuple[str, int]]:
    fonts = fonts_for(text)
    cuts = [0, *(i for i in range(1, len(text)) if fonts[i] != fonts[i - 1]), len(text)]
    return [(text[a:b], fonts[a]) for a, b in pairwise(cuts) if b > a]


def _levels(text: str) -> list[int]:
    """Embedding level of each character (UAX 9): odd ones are read from right to left."""
    if text.isascii() or not any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text):
        return [0] * len(text)
    storage: dict[str, Any] = bidi.get_empty_storage()
    storage["base_level"] = bidi.get_base_level(text)
    storage["base_dir"] = "LR"[storage["base_level"]]
    visible = [i for i, c in enumerate(text) if unicodedata.bidirectional(c) != "BN"]
    bidi.get_embedding_levels("".join(text[i] for i in visible), storage)
    for step in (
        bidi.explicit_embed_and_overrides,
        bidi.resolve_weak_types,
        bidi.resolve_neutral_types,
        bidi.resolve_implicit_levels,
    ):
        step(storage, False)
    found = dict(zip(visible, (entry["level"] for entry in storage["chars"]), strict=True))
    levels: list[int] = []
    for i in range(len(text)):  # a joiner takes the level of the letter it follows
        levels.append(found.get(i, levels[-1] if levels else storage["base_level"]))
    return levels


def _line(text: str, levels: list[int], start: int, end: int, bold: bool) -> Line:
    end = start + len(text[start:end].rstrip())
    fonts = fonts_for(text[start:end])
    pieces: list[tuple[int, int, int, int]] = []  # level, font, start, end
    for i in range(start, end):
        level, font = levels[i], fonts[i - start]
        if pieces and pieces[-1][:2] == (level, font):
            pieces[-1] = (level, font, pieces[-1][2], i + 1)
        else:
            pieces.append((level, font, i, i + 1))
    runs = [shape(text[a:b], font, bold, level % 2 == 1) for level, font, a, b in _visual_order(pieces)]
    return Line(tuple(runs), text[start:end])


def _visual_order(pieces: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Rule L2 of UAX 9: reverse every stretch of each level, from the highest down to the lowest odd one."""
    ordered = list(pieces)
    odd = [piece[0] for piece in ordered if piece[0] % 2]
    for level in range(max((p[0] for p in ordered), default=0), min(odd, default=1) - 1, -1):
        i = 0
        while i < len(ordered):
            j = i
            while j < len(ordered) and ordered[j][0] >= level:
                j += 1
            ordered[i:j] = reversed(ordered[i:j])
            i = max(j, i + 1)
    return ordered
