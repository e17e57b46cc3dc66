"""Which language and region documents are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.languages import DOCUMENT_LANGUAGES, document_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT", "de-AT"),
        ("DE-at", "de-AT"),
        ("de,en-US;q=0.7,en;q=0.3", "de"),
        ("de;q=0.9,de-CH;q=0.8,en", "en-GB"),
        ("de,de-CH;q=0.8", "de-CH"),
        ("en", "en-GB"),
        ("en-US,en;q=0.5", "en-US"),
        ("pt-BR, pt;q=0.9, es-MX; q=0.8, en;q=0.5", "es-MX"),
        ("pl-XX", "pl"),
        ("zh-Hant-TW, fr-CA;q=0.5", "fr-CA"),
        ("de-Latn-DE-1996", "de-DE"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=nothing, pl;q=0.1", "pl"),
        ("ja, zh", ""),
        ("*", ""),
        ("", ""),
        (",;;q=,x" * 50, ""),
    ],
)
def test_the_most_wanted_language_that_documents_know(header: str, language: str) -> None:
    assert document_language(header) == language


@given(st.text(alphabet="deflnps-, ;q=01.*\x00é", max_size=40))
def test_any_header_gives_a_language_or_none(header: str) -> None:
    found = document_language(header)
    assert found == "" or found[:2] in DOCUMENT_LANGUAGES
