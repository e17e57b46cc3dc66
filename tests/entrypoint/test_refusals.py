"""What was refused, in the reader's own words."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations

from entrypoint.refusals.refusals import field_message, message_of
from entrypoint.web.reader import Reader
from souk.errors import Choice, InvalidInput, RuleBroken, fault
from souk.http.client import Refused
from souk.money import Money

NOW = datetime(2026, 12, 3, 14, 5, tzinfo=UTC)


@pytest.fixture
def german(tmp_path: Path) -> Reader:
    """Somebody who reads German, as far as it is translated."""
    catalog = Catalog(locale="de")
    catalog.add("{label} can give back at most {left}.", "{label}: höchstens {left} können zurück.")
    catalog.add("{label} is needed.", "{label} fehlt.")
    catalog.add(
        "This order could be refunded until {until:date}. Nothing was refunded; send the money instead.",
        "Bis {until:date}.",
    )
    catalog.add("{action} {order_status} Nothing was changed.", "{order_status} {action}")
    catalog.add("This order cannot be cancelled.", "Nicht abzubrechen.")
    catalog.add("It is already on its way.", "Schon unterwegs.")
    catalog.add(
        (
            "You may report {most} review in a day. This one was not reported.",
            "You may report {most} reviews in a day. This one was not reported.",
        ),
        ("{most} Bewertung am Tag.", "{most} Bewertungen am Tag."),
    )
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return Reader("de", "de", ZoneInfo("Europe/Berlin"), Translations.load(tmp_path, ["de"]), NOW)


def over_the_wire(problem: dict[str, object]) -> Refused:
    """As a page gets it from a service."""
    return Refused(409, {"type": "https://souk.example/problems/rule", "detail": "In English.", **problem})


def test_people_read_the_sentence_in_their_language_with_money_in_their_way(german: Reader) -> None:
    params = {"left": {"amount": 123456, "currency": "EUR"}}
    wrong = {"field": "amount", "message": "can give back at most 1234.56 EUR", "code": "less-left", "params": params}
    assert field_message(german, wrong, "Betrag") == "Betrag: höchstens 1.234,56\N{NO-BREAK SPACE}€ können zurück."


def test_programs_read_english_with_the_same_values() -> None:
    refused = InvalidInput("amount", "can give back at most {left}", code="less-left", left=Money(123456, "EUR"))
    assert refused.message == str(refused) == "amount: can give back at most 1234.56 EUR"
    assert refused.params == refused.fields["errors"][0]["params"] == {"left": {"amount": 123456, "currency": "EUR"}}
    assert refused.fields["left"] == refused.params["left"], "where programs have always read it"


def test_times_and_numbers_are_shown_in_the_readers_way(german: Reader) -> None:
    late = over_the_wire({"code": "refund-too-late", "params": {"until": "2026-11-29T23:30:00+00:00"}})
    assert message_of(german, late) == "Bis Mo., 30. Nov.."
    for most, words in ((1, "1 Bewertung am Tag."), (1200, "1.200 Bewertungen am Tag.")):
        assert (
            message_of(german, over_the_wire({"code": "too-many-reviews-reported", "params": {"most": most}})) == words
        )


def test_a_phrase_in_it_is_chosen_by_its_key(german: Reader) -> None:
    class NotPossibleNow(RuleBroken):
        pass

    why = Choice({"shipped": "It is already on its way."}, "shipped")
    what = Choice({"cancel": "This order cannot be cancelled."}, "cancel")
    refused = NotPossibleNow("{action} {order_status} Nothing was changed.", action=what, order_status=why)
    assert refused.message == "This order cannot be cancelled. It is already on its way. Nothing was changed."
    assert refused.params == {"action": "cancel", "order_status": "shipped"}
    assert message_of(german, refused) == "Schon unterwegs. Nicht abzubrechen."


@pytest.mark.parametrize(
    "problem",
    [
        {},
        {"code": "of-a-newer-service", "params": {"left": 1}},
        {"code": "refund-too-late", "params": {}},
        {"code": "refund-too-late", "params": {"until": "soon"}},
        {"code": "refund-too-late", "params": {"until": 5}},
        {"code": "too-many-reviews-reported", "params": {"most": None}},
        {"code": "not-possible-now", "params": {"action": "cancel", "order_status": "lost"}},
    ],
)
def test_what_has_no_sentence_is_told_in_the_services_words(german: Reader, problem: dict[str, object]) -> None:
    assert message_of(german, over_the_wire(problem)) == "In English."


def test_a_field_without_a_sentence_is_told_in_the_services_words(german: Reader) -> None:
    assert field_message(german, fault("city", "is lost", code="new"), "Ort") == "Ort is lost."
    assert field_message(german, fault("city", "Find it again.", code="new"), "Ort") == "Find it again."
    assert field_message(german, {"field": "city", "message": "is old"}, "Ort") == "Ort is old."
    assert field_message(german, fault("city", "is needed", code="needed"), "Ort") == "Ort fehlt."


def test_braces_that_people_typed_are_braces() -> None:
    assert InvalidInput("attributes.{x}", "“{word}” is not taken", code="new", word="{y}").message == (
        "attributes.{x}: “{y}” is not taken"
    )
    assert RuleBroken("It says {so}.").message == "It says {so}."
