"""Addresses that a parcel can reach."""

import pytest

from shop.demo.names import PLACES
from souk.addresses import checked, countries
from souk.contracts.store.events import Address
from souk.errors import InvalidInput


def address(country: str, postcode: str) -> Address:
    return Address(name="Ada", line1="1 Road", city="Town", postcode=postcode, country=country)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("DE", " 10405 ", "10405"),
        ("GB", "sw1y  4jh", "SW1Y 4JH"),
        ("NL", "1234ab", "1234AB"),
        ("PT", "2725-079", "2725-079"),
        ("US", "22162-1010", "22162-1010"),
        ("IE", "", ""),
        ("IE", "d02 x285", "D02 X285"),
        ("HK", "", ""),
        ("HK", "999077", "999077"),
    ],
)
def test_a_postcode_is_of_its_country(country: str, typed: str, kept: str) -> None:
    assert checked(address(country, typed)).postcode == kept


@pytest.mark.parametrize(
    ("country", "typed", "words"),
    [
        ("DE", "", "is needed there, such as 26133"),
        ("DE", "1040", "is not one of that country, which look like 26133"),
        ("DE", "SW1Y 4JH", "is not one of that country, which look like 26133"),
        ("GB", "10405", "is not one of that country, which look like EC1Y 8SY"),
        ("IE", "Dublin 2", "is not one of that country, which look like A65 F4E2"),
        ("PL", "00-01", "is not one of that country, which look like 00-950"),
    ],
)
def test_another_one_is_refused_with_an_example(country: str, typed: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(address(country, typed))
    [error] = refused.value.fields["errors"]
    assert (error["field"], error["message"]) == ("address.postcode", words)


@pytest.mark.parametrize("country", sorted(countries()))
def test_every_country_says_what_it_wants(country: str) -> None:
    """Some address can be given in every country."""
    try:
        checked(address(country, ""))
    except InvalidInput as needed:
        example = needed.fields["errors"][0]["message"].rpartition("such as ")[2]
        assert checked(address(country, example)).postcode == example


def test_the_demos_people_live_somewhere() -> None:
    for place in PLACES:
        for city, postcode in place.cities:
            checked(address(place.country, postcode)), city
