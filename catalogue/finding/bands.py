"""Where listings stand in the orders of price and time, coarsely, for the index that knows their words and tags.

A range of prices or of days is a set of bands, which that index intersects with words and tags by itself. Two indexes
would each name all that they find first: for "40 to 120 euros" alone that is every third listing of the shop.

A place in an order is a number, and every listing is in three bands of it, of different widths. So a range is covered by
few of them, wide ones in its middle and narrow ones at its ends, as search engines keep numbers in tries (Schindler and
Diepenbroek, "Generic XML-based framework for metadata portals", Computers & Geosciences 34, 2008).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

EPOCH = date(1970, 1, 1)

PRICE_WIDTHS = (90, 10, 1)
"""Prices of one length; of those the same first digit; of those the same second one."""

DAY_WIDTHS = (100, 10, 1)


def price_bands(low: int, high: int) -> list[str]:
    """The fewest bands with all prices from `low` to `high` minor units, both included."""
    return _bands("price", PRICE_WIDTHS, _place(low), _place(high)) if 0 < low <= high else []


def day_bands(first: datetime, last: datetime) -> list[str]:
    """The fewest bands with all days (UTC) between two times, both included. A day's place is its number since 1970."""
    start, end = ((time.astimezone(UTC).date() - EPOCH).days for time in (first, last))
    return _bands("day", DAY_WIDTHS, start, end)


def _place(price: int) -> int:
    """Its length and its first two digits, as one number without gaps."""
    digits = str(price)
    return 90 * (len(digits) - 1) + int(f"{digits}0"[:2]) - 10


def _bands(order: str, widths: Sequence[int], first: int, last: int) -> list[str]:
    """The fewest that cover these places; `widths`: the widest first, each a multiple of the next."""
    bands = []
    while first <= last:
        width = next(width for width in widths if first % width == 0 and first + width - 1 <= last)
        bands.append(f"{order}:{width}={first // width}")
        first += width
    return bands
