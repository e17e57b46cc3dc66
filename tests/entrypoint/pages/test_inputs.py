"""Forms: amounts as people write them, and refusals beside the fields they are about."""

from pathlib import Path

import pytest

from entrypoint.devices.browsers import browser_name
from entrypoint.pages.inputs import Form
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


def test_a_refusal_stands_beside_its_field_as_a_sentence() -> None:
    form = Form({"city": ""})
    form.blame(InvalidInput("address.city", "is needed"), {"city": "City", "name": "Name"})
    assert (form.errors, form.notice, form.status) == ({"city": "City is needed."}, "", 422)


def test_a_refusal_without_a_field_of_the_form_stands_above_it() -> None:
    form = Form({})
    form.blame(Forbidden("Only the buyer can do this."), {"city": "City"})
    assert (form.errors, form.notice, form.status) == ({}, "Only the buyer can do this.", 403)


@pytest.mark.parametrize("text", ["0", "-2", "", "1.5", "two", "1000", "9" * 30])
def test_what_is_no_quantity_is_refused_beside_the_field(reader: Reader, text: str) -> None:
    form = Form({"quantity": text})
    assert form.units(reader) is None
    assert form.errors == {"quantity": "Enter a whole number from 1 to 999."}


def test_a_quantity_is_read(reader: Reader) -> None:
    assert [Form(values).units(reader) for values in ({"quantity": " 3 "}, {})] == [3, 1]


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
