"""Forms: amounts as people write them, and refusals beside the fields they are about."""

import pytest

from entrypoint.pages.browsers import browser_name
from entrypoint.pages.inputs import Form, amount_in
from souk.errors import Forbidden, InvalidInput
from souk.money import Money


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12,50", 1250),
        (" 1 234.50 ", 123450),
        ("1.234", 123400),
        ("1,234", 123400),
        ("1.234.567,89", 123456789),
        ("1,234,567.89", 123456789),
        ("€ 3", 300),
        ("EUR 7", 700),
        ("7 eur", 700),
        (".5", 50),
        ("5.", 500),
        ("0.01", 1),
    ],
)
def test_an_amount_is_read_as_it_was_meant(text: str, minor: int) -> None:
    assert amount_in(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(
    "text", ["", "0", "0,00", "-5", "x", "1.2.3", "12,34,5", "1e3", "٣", "½", "9" * 40, "..", "12.5055"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert amount_in(text, "EUR") is None


def test_currencies_have_their_own_decimal_places() -> None:
    assert amount_in("1.234", "BHD") == Money(1234, "BHD")
    assert amount_in("500", "JPY") == Money(500, "JPY")
    assert amount_in("500.5", "JPY") is None


def test_a_refusal_stands_beside_its_field_as_a_sentence() -> None:
    form = Form({"city": ""})
    form.blame(InvalidInput("address.city", "is needed"), {"city": "City", "name": "Name"})
    assert (form.errors, form.notice, form.status) == ({"city": "City is needed."}, "", 422)


def test_a_refusal_without_a_field_of_the_form_stands_above_it() -> None:
    form = Form({})
    form.blame(Forbidden("Only the buyer can do this."), {"city": "City"})
    assert (form.errors, form.notice, form.status) == ({}, "Only the buyer can do this.", 403)


@pytest.mark.parametrize(("text", "units"), [("3", 3), ("0", 1), ("-2", 1), ("", 1), ("99999999", 999), ("9" * 30, 1)])
def test_units_stay_within_limits(text: str, units: int) -> None:
    assert Form({"quantity": text}).units() == units


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
