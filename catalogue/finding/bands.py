"""Where listings stand in the orders of price and time, coarsely, for the index that knows their words and tags.

A range of prices or of days is a set of bands, which that index intersects with words and tags by itself. Two indexes
would each name all that they find first: for "40 to 120 euros" alone that is every third listing of the shop.
"""

from datetime import UTC, date, datetime

EPOCH = date(1970, 1, 1)

BANDS_MAX = 200
"""A range of more bands than this is not worth asking the index for."""


def price_bands(low: int, high: int) -> list[str]:
    """The bands of prices from `low` to `high` minor units, both included; nothing if they are too many.

    A band is the prices of one length that begin with the same two digits.
    """
    if not 0 < low <= high:
        return []
    bands: list[str] = []
    length, first = _band(low)
    while (length, first) <= _band(high):
        if len(bands) == BANDS_MAX:
            return []
        bands.append(f"price={length}:{first}")
        last_of_length = 9 if length == 1 else 99
        length, first = (length, first + 1) if first < last_of_length else (length + 1, 10)
    return bands


def _band(price: int) -> tuple[int, int]:
    digits = str(price)
    return len(digits), int(digits[:2])


def day_bands(first: datetime, last: datetime) -> list[str]:
    """The bands of days (UTC) between two times, both included; nothing if they are too many."""
    start, end = ((time.astimezone(UTC).date() - EPOCH).days for time in (first, last))
    return [f"day={day}" for day in range(start, end + 1)] if end - start < BANDS_MAX else []
