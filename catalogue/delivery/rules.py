"""What a price list for postage, and a listing's way to its buyer, must be like."""

from collections.abc import Sequence

from souk.addresses import countries
from souk.contracts.catalogue.delivery import NewDeliveryProfile, PostageRate
from souk.contracts.catalogue.listings import PRICE_MAX
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.money import Money
from souk.texts import has_letter, shown_line


class UnknownProfile(NotFound):
    """There is no such price list of this seller's."""


class ProfileIdTaken(RuleBroken):
    """The id that the caller brought belongs to another seller's price list."""

    title = "That id is taken"


class TooManyProfiles(RuleBroken):
    """The seller has as many price lists as one may have."""

    title = "You have too many price lists"


class ProfileInUse(RuleBroken):
    """Listings are sent at the prices of this list."""

    title = "Listings use this price list"
    members = ("listings",)


def checked_profile(new: NewDeliveryProfile, currency: str) -> NewDeliveryProfile:
    """The price list with a tidy name; raises InvalidInput that names the field."""
    for index, rate in enumerate(new.rates):
        _check_prices(f"rates[{index}]", rate, currency)
    _check_countries(new.rates)
    return NewDeliveryProfile(name=_shown("name", new.name), rates=new.rates)


def checked_place(place: str) -> str:
    """Where something is picked up, on one line; raises InvalidInput."""
    return _shown("delivery.pick_up", place) if place.strip() else ""


def _shown(field: str, text: str) -> str:
    line = shown_line(text)
    if line is None or not has_letter(line, or_digit=True):
        raise InvalidInput(field, "Write it with letters that show.", code="name-unseen")
    return line


def _check_prices(field: str, rate: PostageRate, currency: str) -> None:
    named = {"first": rate.first, "further": rate.further, "free_from": rate.free_from}
    for name, amount in named.items():
        least = 1 if name == "free_from" else 0
        if amount is not None:
            _check_amount(f"{field}.{name}", amount, currency, least)
    if rate.further.amount > rate.first.amount:
        raise InvalidInput(
            f"{field}.further", "A further item costs at most as much as the first.", code="further-above-first"
        )


def _check_amount(field: str, amount: Money, currency: str, least: int) -> None:
    if amount.currency != currency:
        raise InvalidInput(field, "Prices here are in {currency}.", code="price-currency", currency=currency)
    if not least <= amount.amount <= PRICE_MAX:
        raise InvalidInput(
            field,
            "It must be between {least} and {most} in the smallest unit of {currency}.",
            code="postage-out-of-range",
            least=least,
            most=PRICE_MAX,
            currency=currency,
        )


def _check_countries(rates: Sequence[PostageRate]) -> None:
    seen: set[str] = set()
    for index, rate in enumerate(rates):
        field = f"rates[{index}].countries"
        unknown = next((country for country in rate.countries if country not in countries()), None)
        if unknown is not None:
            raise InvalidInput(
                field, "{country} is not a country's code (ISO 3166-1).", code="postage-country", country=unknown
            )
        named = rate.countries or [""]
        twice = next((country for country in named if country in seen or named.count(country) > 1), None)
        if twice is not None:
            raise InvalidInput(
                field,
                "Each country stands in one row, and one row is for everywhere else.",
                code="postage-country-twice",
            )
        seen.update(named)
