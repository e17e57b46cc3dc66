"""Bands are the same in Python, which asks for them, and in the database, which keeps them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from catalogue.finding.bands import BANDS_MAX, day_bands, price_bands
from souk.money import AMOUNT_MAX
from tests.catalogue.harness import Shop

PRICES = [1, 9, 10, 11, 99, 100, 109, 110, 999, 1000, 1099, 12345, 99_999, 100_000, AMOUNT_MAX]


@given(st.integers(1, AMOUNT_MAX), st.integers(1, AMOUNT_MAX), st.integers(1, AMOUNT_MAX))
def test_a_price_is_in_the_bands_of_the_ranges_around_it(a: int, b: int, c: int) -> None:
    low, price, high = sorted((a, b, c))
    bands = price_bands(low, high)
    assert not bands or price_bands(price, price)[0] in bands
    assert len(bands) == len(set(bands)) <= BANDS_MAX


def test_ranges_of_prices() -> None:
    assert price_bands(8, 11) == ["price=1:8", "price=1:9", "price=2:10", "price=2:11"]
    assert price_bands(9950, 10_999) == ["price=4:99", "price=5:10"]
    assert price_bands(5, 4) == price_bands(0, 10) == price_bands(1, AMOUNT_MAX) == []


def test_ranges_of_days() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert day_bands(noon - timedelta(days=1), noon) == ["day=20512", "day=20513"]
    assert day_bands(noon, noon - timedelta(days=1)) == day_bands(noon - timedelta(days=BANDS_MAX), noon) == []


async def test_the_database_says_the_same(shop: Shop) -> None:
    times = [datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), None]
    async with shop.database.reading() as reader:
        for price in PRICES:
            for time in times:
                asked = text("SELECT listing_bands(CAST(:price AS bigint), CAST(:time AS timestamptz))")
                kept = await reader.scalar(asked, {"price": price, "time": time})
                assert kept == price_bands(price, price) + (day_bands(time, time) if time else [])
