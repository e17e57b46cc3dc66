"""Who sells what in the demo, and who bought what of whom."""

from datetime import timedelta

import pytest

from shop.demo.fill import shown
from shop.demo.listings import COLOURS_PER_KIND, listings
from shop.demo.logins import JONAS, MAYA
from shop.demo.people import people
from shop.demo.plan import CAST_MAX, FIRST, SEED, Stock, deals, listing_id

CAST = list(people(SEED, CAST_MAX))


def test_everybody_sells_and_buys_and_nobody_of_themselves() -> None:
    made = deals(CAST)
    everybody = {MAYA, JONAS, *CAST}
    assert {deal.seller for deal in made} == {deal.buyer for deal in made} == everybody
    assert all(deal.seller != deal.buyer for deal in made)
    assert len({deal.listing_id for deal in made}) == len(made)


def test_everybody_can_afford_what_they_buy() -> None:
    spent = dict.fromkeys((MAYA, JONAS, *CAST), 0)
    for deal in deals(CAST):
        spent[deal.buyer] += deal.item.price
    assert max(spent[person] for person in CAST) < 40_000
    assert max(spent[MAYA], spent[JONAS]) < 90_000


def test_the_ring_is_over_and_reviewed() -> None:
    ring = deals(CAST)[: len(CAST)]
    assert {deal.seller for deal in ring} == {deal.buyer for deal in ring} == set(CAST)
    assert all(deal.day > 8 and deal.fate == "reviewed" for deal in ring)


@pytest.mark.parametrize("count", [1, 30, 60, 2000])
def test_every_listing_is_published_once_and_the_newest_come_first(count: int) -> None:
    stock = Stock(count, CAST)
    first, rest = stock.first(), list(stock.rest())
    assert sorted(item.index for item in (*first, *rest)) == list(range(count))
    assert [item.index for item in first[: min(FIRST, count)]] == list(range(min(FIRST, count)))
    assert len({listing_id(item) for item in (*first, *rest)}) == count


def test_listings_are_by_who_speaks_their_language() -> None:
    stock = Stock(2000, CAST)
    for item in listings(SEED, 200):
        assert stock.seller(item) in (MAYA, JONAS) or stock.seller(item).listing_language == item.language
    assert set(stock.own.values()) == {MAYA, JONAS}
    assert all(stock.seller(item) == person for person, item in stock.negotiable.items())
    assert len(stock.negotiable) > CAST_MAX // 2


def test_two_thousand_listings_need_some_four_hundred_pictures() -> None:
    items = [*listings(SEED, 2000), *(deal.item for deal in deals(CAST))]
    drawn = {spec for item in items for spec in shown(item)}
    assert len(drawn) < 450
    for kind in {spec.kind for spec in drawn}:
        assert len({spec.colour for spec in drawn if spec.kind == kind and spec.colour}) <= COLOURS_PER_KIND


def test_listings_are_from_the_last_months() -> None:
    for count in (10, 2000, 1_000_000):
        stock = Stock(count, CAST)
        ages = [stock.age(item) for item in (*listings(SEED, 1), *listings(SEED, 1, start=count - 1))]
        assert timedelta(0) < ages[0] <= ages[-1] <= timedelta(days=120)
