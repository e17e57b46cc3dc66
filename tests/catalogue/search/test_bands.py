"""Python asks for bands, the database keeps them: both have to mean the same."""

from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from catalogue.search.bands import day_bands, price_bands
from souk.money import AMOUNT_MAX
from tests.catalogue.harness import Shop

PRICES = [1, 2, 9, 10, 11, 19, 99, 100, 110, 999, 1000, 1100, 12345, 99_999, 100_000, 5 * 10**11, AMOUNT_MAX]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = [0, 1, 3, 9, 10, 13, 100, 365, 1000]

KEPT = text("SELECT listing_bands(CAST(:price AS bigint), CAST(:time AS timestamptz))")


@given(st.integers(1, AMOUNT_MAX), st.integers(1, AMOUNT_MAX))
def test_any_range_of_prices_is_a_few_bands(a: int, b: int) -> None:
    bands = price_bands(min(a, b), max(a, b))
    assert len(bands) == len(set(bands)) <= 2 * 9 + 2 * 8 + 14


def test_ranges_of_prices() -> None:
    assert price_bands(1_000, 9_999) == ["price:90=3"]
    assert price_bands(950, 2_109) == ["price:1=265", "price:1=266", "price:1=267", "price:1=268", "price:1=269",
                                       "price:10=27", "price:1=280", "price:1=281"]  # fmt: skip
    assert price_bands(9950, 10_999) == ["price:1=359", "price:1=360"]
    assert price_bands(5, 4) == price_bands(0, 10) == []


def test_ranges_of_days() -> None:
    assert day_bands(NOON - timedelta(days=1), NOON) == ["day:1=20512", "day:1=20513"]
    assert len(day_bands(NOON - timedelta(days=365), NOON)) < 30
    assert day_bands(NOON, NOON - timedelta(days=1)) == []


async def test_a_price_is_in_one_band_of_each_range_around_it_and_in_none_of_others(shop: Shop) -> None:
    async with shop.database.reading() as reader:
        for price in PRICES:
            kept = await reader.scalar(KEPT, {"price": price, "time": None})
            for low, high in product(PRICES, PRICES):
                assert len(set(kept) & set(price_bands(low, high))) == (low <= price <= high), (low, price, high)


async def test_a_day_too(shop: Shop) -> None:
    times = [NOON.replace(hour=23, minute=59, second=59) - timedelta(days=ago) for ago in DAYS]
    async with shop.database.reading() as reader:
        for time in times:
            kept = await reader.scalar(KEPT, {"price": 1, "time": time})
            for first, last in product(times, times):
                found = set(kept) & set(day_bands(first.replace(hour=0, minute=0, second=0), last))
                assert len(found) == (first <= time <= last), (first, time, last)
