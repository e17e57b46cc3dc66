"""What a listing must be like."""

import pytest

from catalogue.listings.rules import clean_description, clean_title
from catalogue.texts import plain_text, slug_of
from souk.errors import InvalidInput


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Brass desk lamp", "brass-desk-lamp"),
        ("  Łódź & Ærø: lamp №5!  ", "lodz-aero-lamp-no5"),
        ("Große Straße", "grosse-strasse"),
        ("Самовар тульский", "samovar-tulskii"),
        ("Λύρα", "lyra"),
        ("ランプ", "listing"),
        ("a" * 200, "a" * 80),
    ],
)
def test_slug(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_title_is_tidied_and_not_too_short() -> None:
    assert clean_title("  Two \n words ") == "Two words"
    with pytest.raises(InvalidInput, match="title"):
        clean_title("  ab  ")


@pytest.mark.parametrize("title", ["1984", "李白诗", "نیم\u200cفاصله", "Lamp 🔥", "👩\u200d🚀 suit"])
def test_titles_that_show_are_kept(title: str) -> None:
    assert clean_title(title) == title


NO_TITLES = [
    "...!",
    "🔥🔥🔥",
    "\u3164" * 5,
    "Lamp\u202epmaL",
    "\u2066Lamp\u2069",
    "a\u2800\u2800b",
    "Lam\u200cp",
    "\u200b\ufeff\u00ad",
]


@pytest.mark.parametrize("title", NO_TITLES)
def test_titles_that_do_not_show_or_turn_the_line_are_refused(title: str) -> None:
    with pytest.raises(InvalidInput, match="title"):
        clean_title(title)


def test_description_keeps_its_lines() -> None:
    assert clean_description(" one\r\ntwo \n") == "one\ntwo"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\ud800b"])
def test_unshowable_characters_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_text("title", text)
    assert refused.value.fields["errors"][0]["field"] == "title"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert plain_text("title", "e\u0301") == "é"
