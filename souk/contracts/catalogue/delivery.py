"""How listings get to their buyers, and what that costs."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.money import Money

RATES_MAX = 20
"""Rows of a price list."""

COUNTRIES_MAX = 250
"""Countries that one row may name: all there are."""

PROFILE_NAME_CHARS_MAX, PLACE_CHARS_MAX = 60, 80

PROFILES_MAX = 50
"""Profiles that one seller may keep."""

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

Place = Annotated[str, Meta(max_length=PLACE_CHARS_MAX)]


class PostageRate(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a price list: what postage costs to some countries."""

    countries: Annotated[list[Country], Meta(max_length=COUNTRIES_MAX)] = []
    """Empty: everywhere else."""
    first: Money
    """For the first item; may be nothing."""
    further: Money
    """For each item more; at most as much as for the first."""
    free_from: Money | None = None
    """Nothing is charged if the seller's goods in one order come to so much or more."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How a listing gets to whoever buys it."""

    posted: bool = True
    """False: it is only picked up."""
    rates: list[PostageRate] | None = None
    """What postage costs; None: it is included, to everywhere."""
    pick_up: str = ""
    """Where it can be picked up; empty if it cannot."""
    profile_id: UUID | None = None
    """The price list that the rates are of."""


class DeliveryChoice(msgspec.Struct, frozen=True, kw_only=True):
    """How a listing is to get to whoever buys it, as its seller says: by post, or picked up."""

    posted: bool = True
    profile_id: UUID | None = None
    """One of the seller's price lists; None: postage is included, to everywhere."""
    pick_up: Place = ""
    """Where it can be picked up, shown to buyers; empty if it cannot."""


class NewDeliveryProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A price list as its seller enters it."""

    name: Annotated[str, Meta(min_length=1, max_length=PROFILE_NAME_CHARS_MAX)]
    rates: Annotated[list[PostageRate], Meta(min_length=1, max_length=RATES_MAX)]
    """Each country stands in one row at most, and one row at most is for everywhere else."""


class DeliveryProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's price list for postage, kept once and chosen for listings."""

    id: UUID
    name: str
    rates: list[PostageRate]
    listings: int
    """How many of the seller's listings use it."""
