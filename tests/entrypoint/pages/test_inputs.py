"""Forms: amounts as people write them, and refusals beside the fields they are about."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from entrypoint.devices.browsers import browser_name
from entrypoint.pages.inputs import AmountMax, Form, Mend
from entrypoint.web.reader import Languages, Reader
from souk.clock import SystemClock
from souk.errors import Forbidden, InvalidInput
from souk.money import Money


@pytest.fixture
def reader() -> Reader:
    return Languages(Path("nowhere"), "UTC", SystemClock()).reader("", "en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.234", "€1.23 or €1,234.00? Write it with two decimal places."),
        ("0.500", "Write it with 2 decimal places at the most."),
        ("9" * 20, "That is more than can be booked."),
        ("0", "Enter an amount such as 12.50."),
        ("x", "Enter an amount such as 12.50."),
    ],
)
def test_an_amount_that_is_not_read_is_asked_about_beside_its_field(reader: Reader, text: str, words: str) -> None:
    form = Form({"price": text})
    assert form.money("price", "EUR", reader) is None
    assert (form.errors, form.status) == ({"price": words}, 422)


def test_an_amount_that_is_read_leaves_no_words(reader: Reader) -> None:
    form = Form({"price": "1.234,50 €"})
    assert form.money("price", "EUR", reader) == Money(123450, "EUR")
    assert not form.errors


def test_a_refusal_stands_beside_its_field_as_a_sentence(reader: Reader) -> None:
    form = Form({"city": ""})
    form.blame(InvalidInput("address.city", "is needed", code="needed"), reader, {"city": "City", "name": "Name"})
    assert (form.errors, form.notice, form.status) == ({"city": "City is needed."}, "", 422)


def test_a_refusal_without_a_field_of_the_form_stands_above_it(reader: Reader) -> None:
    form = Form({})
    form.blame(Forbidden("Only the buyer can do this."), reader, {"city": "City"})
    assert (form.errors, form.notice, form.status) == ({}, "Only the buyer can do this.", 403)


@pytest.mark.parametrize("text", ["0", "-2", "", "1.5", "two", "1000", "9" * 30])
def test_what_is_no_quantity_is_refused_beside_the_field(reader: Reader, text: str) -> None:
    form = Form({"quantity": text})
    assert form.units(reader) is None
    assert form.errors == {"quantity": "Enter a whole number from 1 to 999."}


def test_a_quantity_is_read(reader: Reader) -> None:
    assert [Form(values).units(reader) for values in ({"quantity": " 3 "}, {})] == [3, 1]


class Bid(msgspec.Struct, frozen=True, kw_only=True):
    """A form as pages declare theirs."""

    name: Annotated[str, Meta(min_length=2, max_length=5), Mend("Give a name of %s to %s characters.", 2, 5)]
    sum: Annotated[Money, AmountMax(10_000), Mend("At most a hundred.")]
    units: Annotated[int, Meta(ge=1, le=9), Mend("Enter a whole number.")]
    language: Annotated[str, Meta(pattern="^(de|en)$")] = "en"
    urgent: bool
    tags: list[str]


BID = {"name": " Ana ", "sum": "12,50", "units": "3", "language": "de", "urgent": "yes"}


def test_a_declared_form_is_read_at_once(reader: Reader) -> None:
    form = Form(BID)
    bid = Bid(name="Ana", sum=Money(1250, "EUR"), units=3, language="de", urgent=True, tags=["a"])
    assert form.read(Bid, reader, "EUR", tags=["a"]) == bid
    assert not form.errors


def test_what_a_declared_form_can_do_without_has_its_default(reader: Reader) -> None:
    bid = Form(BID | {"language": "xx", "urgent": "no"}).read(Bid, reader, "EUR", tags=[])
    assert bid is not None
    assert (bid.language, bid.urgent) == ("en", False)


@pytest.mark.parametrize("units", ["0", "10", "", "-1", "1.0", "1e0", "three", "9" * 30, "\u0663"])
def test_every_field_of_a_declared_form_that_does_not_fit_is_told(reader: Reader, units: str) -> None:
    form = Form({"name": "x" * 6, "sum": "100.01", "units": units})
    assert form.read(Bid, reader, "EUR", tags=[]) is None
    assert form.errors == {
        "name": "Give a name of 2 to 5 characters.",
        "sum": "At most a hundred.",
        "units": "Enter a whole number.",
    }
    assert form.status == 422
    unread = Form(BID | {"sum": "0.500"})
    assert unread.read(Bid, reader, "EUR", tags=[]) is None
    assert unread.errors == {"sum": "Write it with 2 decimal places at the most."}


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
)
def test_browsers_have_names(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
