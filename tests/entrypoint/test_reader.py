"""Words, amounts and times as a reader is used to them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from entrypoint.notice_texts import TEXTS, words
from entrypoint.web.reader import Languages
from souk.money import Money

NOW = datetime(2026, 12, 3, 14, 5, tzinfo=UTC)


class _Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    """A shop that also speaks German."""
    catalog = Catalog(locale="de")
    catalog.add("Cart", "Warenkorb")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return Languages(tmp_path, "Europe/Berlin", _Stopped())


@pytest.mark.parametrize(
    ("chosen", "accepted", "language", "formats"),
    [
        ("", "", "en", "en_GB"),
        ("", "de", "de", "de"),
        ("", "de-CH, en;q=0.5", "de", "de_CH"),
        ("en", "de-CH, en-US;q=0.5", "en", "en_US"),
        ("de", "en-US", "de", "de"),
        ("xx", "fr-FR, nonsense-;q=x, de-AT;q=0.1", "de", "de_AT"),
        ("../../etc", "*;q=0.1", "en", "en_GB"),
    ],
)
def test_the_best_language_that_the_shop_speaks(
    languages: Languages, chosen: str, accepted: str, language: str, formats: str
) -> None:
    reader = languages.reader(chosen, accepted)
    assert (reader.language, reader.formats) == (language, formats)
    assert reader.gettext("Cart") == ("Warenkorb" if language == "de" else "Cart")


def test_amounts_and_times(languages: Languages) -> None:
    british, american, german = (languages.reader("", tag) for tag in ("en-GB", "en-US", "de-DE"))
    assert british.money(Money(123456, "EUR")) == "€1,234.56" and british.money(Money(500, "JPY")) == "JP¥500"
    assert german.money(Money(123456, "EUR")) == "1.234,56\N{NO-BREAK SPACE}€"
    assert british.datetime(NOW) == "Thu 3 Dec, 15:05", "the zone is the shop's"
    assert british.moment(NOW + timedelta(milliseconds=1007)) == "Thu 3 Dec, 15:05:01.007"
    assert "Dec 3" in american.datetime(NOW) and "3:05" in american.datetime(NOW) and "PM" in american.datetime(NOW)
    assert "2025" in british.date(NOW - timedelta(days=365))
    assert british.money(None) == british.date(None) == british.datetime(None) == british.ago(None) == ""


def test_relative_only_when_fresh(languages: Languages) -> None:
    reader = languages.reader("", "en-GB")
    assert reader.ago(NOW - timedelta(minutes=5)) == "5 minutes ago"
    assert reader.ago(NOW - timedelta(hours=2)) == "Thu 3 Dec, 13:05"
    assert reader.ago(NOW + timedelta(minutes=5)) == "Thu 3 Dec, 15:10"


def test_the_shop_offers_its_languages(languages: Languages, tmp_path: Path) -> None:
    assert languages.choices == [{"code": "en", "name": "English"}, {"code": "de", "name": "Deutsch"}]
    assert languages.knows("de") and not languages.knows("fr")
    assert Languages(tmp_path / "none", "UTC", _Stopped()).choices == []


def test_every_kind_has_words(languages: Languages) -> None:
    params = {
        "number": "S-1",
        "title": "A {red} bike",
        "amount": {"amount": 4200, "currency": "EUR"},
        "owed": {"amount": 4200, "currency": "EUR"},
        "was": {"amount": 4300, "currency": "EUR"},
        "search": "Bikes {cheap}",
        "searches": ["Bikes {cheap}", "Red ones"],
        "to": "ben@example.org",
        "recovered": {"amount": 4200, "currency": "EUR"},
        "name": "Ada",
        "note": "{thanks}",
        "reason": "a {complaint}",
        "ship_by": NOW.isoformat(),
        "stars": 4,
        "quantity": 2,
        "until": NOW.isoformat(),
    }
    fee = {name: {"amount": 210, "currency": "EUR"} for name in ("fee", "gross", "net")}
    for kind in TEXTS:
        text = words(languages.reader("", ""), kind, params | (fee if kind.endswith("_after_fee") else {}))
        assert (
            text.endswith((".", "charged.", "{thanks}", "a {complaint}"))
            and "{number}" not in text
            and "{amount}" not in text
        )
