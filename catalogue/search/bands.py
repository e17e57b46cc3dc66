"""Where listings stand in the orders of price and time, coarsely, for the index that knows their words and tags.

A range of prices or of days is a set of bands, which that index intersects with words and tags by itself. Two indexes
would each name all that they find first: for "40 to 120 euros" alone that is every third listing of the shop.

A place in an order is a number, and every listing is in three bands of it, of different widths. So a range is covered by
few of them, wide ones in its middle and narrow ones at its ends, as search engines keep numbers in tries (Schindler and
Diepenbroek, "Generic XML-based framework for metadata portals", Computers & Geosciences 34, 2008).
"""

from datetime import UTC, date, datetime

EPOCH = date(1970, 1, 1)

WIDTHS = {"price": (90, 10, 1), "published_at": (100, 10, 1)}
"""Of the bands of each order, by its column. Of prices: those of one length; those of the same first digit; those of the
same second one. Of days: a hundred, ten, one."""

NAMES = {"price": "price", "published_at": "day"}


def bands(column: str, first: int, last: int) -> list[str]:
    """The fewest bands with all from one place to another, both included."""
    found = []
    while first <= last:
        width = next(width for width in WIDTHS[column] if first % width == 0 and first + width - 1 <= last)
        found.append(f"{NAMES[column]}:{width}={first // width}")
        first += width
    return found


def place(column: str, value: int | datetime) -> int:
    """Of a price in minor units: its length and its first two digits, as one number without gaps. Of a time: the number of
    its day (UTC) since 1970."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC).date() - EPOCH).days
    digits = str(value)
    return 90 * (len(digits) - 1) + int(f"{digits}0"[:2]) - 10


def price_bands(low: int, high: int) -> list[str]:
    """The fewest bands with all prices from `low` to `high` minor units, both included."""
    return bands("price", place("price", low), place("price", high)) if 0 < low <= high else []


def day_bands(first: datetime, last: datetime) -> list[str]:
    """The fewest bands with all days between two times, both included."""
    return bands("published_at", place("published_at", first), place("published_at", last))
