"""From text to lines of glyphs: every script, in its order, and nothing lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payment.pdf.typeface import FONT_FOLDER, REPLACEMENT, clean, first_cover
from payment.pdf.typesetting import single_line, wrap

TITLES = [
    "Zażółć gęślą jaźń", "Ηλεκτρική κιθάρα", "Đồng hồ cổ điển", "كتاب قديم عن الخط العربي", "ספר ישן בעברית",
    "हिन्दी की पुरानी किताब, क्षत्रिय", "สวัสดีครับน้ำ", "古い日本のカメラ", "臺北市信義區", "빈티지 카메라", "Україна ґ", "বাংলা বই",
    "தமிழ் புத்தகம்", "తెలుగు పుస్తకం", "ಕನ್ನಡ ಪುಸ್ತಕ", "മലയാളം പുസ്തകം", "ગુજરાતી", "ਪੰਜਾਬੀ", "සිංහල පොත", "ភាសាខ្មែរ", "မြန်မာ",
    "የአማርኛ", "Հայերեն", "ქართული", "ພາສາລາວ", "می‌خواهم", "★ ✓ → ½ € ₹ ₫",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("bold", [False, True])
def test_every_script_has_glyphs(title: str, bold: bool) -> None:
    line = single_line(title, bold)
    assert line.text == title
    assert all(glyph.id != 0 for run in line.runs for glyph in run.glyphs)


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    (run,) = single_line("محمد").runs
    assert run.right_to_left
    assert [glyph.text for glyph in run.glyphs] == list("دمحم")
    alone = {single_line(letter).runs[0].glyphs[0].id for letter in "محمد"}
    assert not alone & {glyph.id for glyph in run.glyphs[1:]}  # forms inside a word differ from the isolated ones


def test_latin_words_inside_hebrew_stay_in_order() -> None:
    line = single_line("ספר Souk book 1984 ישן")
    assert [run.text for run in line.runs if run.text.strip()] == ["ישן", "Souk book 1984", "ספר "]


def test_what_no_font_covers_becomes_a_question_mark() -> None:
    unknown = "\U000e0fff\U00013000"
    assert all(first_cover(character) is None for character in unknown)
    assert clean(f"a{unknown}b") == f"a{REPLACEMENT * 2}b"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Lamp \U0001f9ff nice", "Lamp nice"),
        ("Lamp \U0001f469\u200d\U0001f469\u200d\U0001f467\u200d nice", "Lamp nice"),  # a family, and a joiner left over
        ("\U0001f9d1\U0001f3fd\u200d\U0001f91d\u200d\U0001f9d1\U0001f3fb together", "together"),  # holding hands
        ("\U0001f600\U0001f3fd", ""),  # the picture is there, its colour is not
        ("\U0001f600\ufe0f", "\U0001f600"),
        ("From \U0001f1e9\U0001f1ea to \U0001f1eb\U0001f1f7", "From to"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f kilt", "kilt"),  # Scotland's flag
        ("\U0001f3f3\ufe0f\u200d\U0001f308 shirt", "shirt"),
        ("Set of 1\ufe0f\u20e32\u20e3, size 3", "Set of , size 3"),
        ("\u2764\ufe0f\u200d\U0001f525 candle", "candle"),
        ("\U0001f575\U0001f3fc\u200d\u2642\ufe0f hat", "hat"),
        ("I \u2764\ufe0f it \u00a9\ufe0f \u2122", "I \u2764 it \u00a9 \u2122"),
        ("\u845b\U000e0100\u57ce", "\u845b\u57ce"),  # a variant of a Chinese character
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 #1 * 50\u2009%",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 #1 * 50 %",
        ),
    ],
)
def test_an_emoji_prints_or_is_left_out_whole(text: str, printed: str) -> None:
    assert clean(text) == printed
    line = single_line(text)
    assert all(glyph.id != 0 for run in line.runs for glyph in run.glyphs)


@given(st.text(max_size=80), st.floats(20, 300), st.booleans())
@settings(max_examples=60)
def test_lines_keep_every_character_and_fit(text: str, width: float, bold: bool) -> None:
    lines = wrap(text, width, 8.5, bold)
    assert "".join("".join(line.text for line in lines).split()) == "".join(clean(text).split())
    for line in lines:
        assert len(line.text) <= 2 or line.width * 8.5 / 1000 <= width + 4
        assert all(glyph.id != 0 for run in line.runs for glyph in run.glyphs)


def test_thai_vowels_stay_with_their_consonants() -> None:
    for width in range(12, 60):
        for line in wrap("\u0e40\u0e15\u0e22\u0e19\u0e49\u0e33\u0e41\u0e02\u0e27\u0e07\u0e44\u0e17\u0e22", width, 8.5):
            assert line.text[0] not in "\u0e33\u0e49" and line.text[-1] not in "\u0e40\u0e41\u0e44"


def test_every_font_file_has_its_licence() -> None:
    licences = {path.name for path in FONT_FOLDER.glob("LICENSE-*.txt")}
    assert licences == {"LICENSE-Noto.txt", "LICENSE-DejaVu.txt", "LICENSE-Droid.txt"}
    owners = {path.name[:4] for path in FONT_FOLDER.glob("*.ttf")}
    assert owners == {"Noto", "Deja", "Droi"}
