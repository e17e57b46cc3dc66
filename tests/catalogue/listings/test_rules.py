"""What a listing must be like."""

import pytest

from catalogue.listings.rules import clean_description, clean_title, plain_text, slug_of
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


def test_description_keeps_its_lines() -> None:
    assert clean_description(" one\r\ntwo \n") == "one\ntwo"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\ud800b"])
def test_unshowable_characters_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_text("title", text)
    assert refused.value.fields["errors"][0]["field"] == "title"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert plain_text("title", "e\u0301") == "é"
