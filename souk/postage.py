"""What postage costs: the one rule, for whoever shows it and whoever charges it. Amounts are in minor units."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from souk.contracts.catalogue.delivery import Delivery, PostageRate


class Parcel(NamedTuple):
    """Units of one listing that go by post, at a rate of its price list."""

    rate: PostageRate
    quantity: int


def rate_to(rates: Sequence[PostageRate], country: str) -> PostageRate | None:
    """The row for a country (ISO 3166-1 alpha-2): the one that names it, else the one for everywhere else, if there is one."""
    named = next((rate for rate in rates if country in rate.countries), None)
    return named or next((rate for rate in rates if not rate.countries), None)


def ships_to(delivery: Delivery, country: str) -> bool:
    """Whether post takes it to a country."""
    return delivery.posted and (delivery.rates is None or rate_to(delivery.rates, country) is not None)


def postage(parcels: Iterable[Parcel], goods: int) -> int:
    """What one seller charges for all that goes to one buyer in one order.

    Rows that are free from `goods`, the sum of the seller's goods in the order, or less charge nothing. Of the others the
    highest price of a first item is paid once, and each item more costs its own further price. Of several rows with that
    price the one whose further price is the highest counts as the first, which is the cheapest for the buyer. The order of
    the parcels therefore does not matter.
    """
    charged = [each for each in parcels if not is_free(each.rate, goods)]
    if not charged:
        return 0
    first, further = max((each.rate.first.amount, each.rate.further.amount) for each in charged)
    return first - further + sum(each.quantity * each.rate.further.amount for each in charged)


def is_free(rate: PostageRate, goods: int) -> bool:
    """Whether goods for so much are sent for nothing."""
    return rate.free_from is not None and goods >= rate.free_from.amount
