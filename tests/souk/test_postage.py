"""What postage costs, whatever is bought in whatever order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.catalogue.delivery import Delivery, PostageRate
from souk.money import Money
from souk.postage import Parcel, postage, rate_to, ships_to


def rate(first: int, further: int, free_from: int | None = None, *countries: str) -> PostageRate:
    free = None if free_from is None else Money(free_from, "EUR")
    return PostageRate(
        countries=list(countries), first=Money(first, "EUR"), further=Money(further, "EUR"), free_from=free
    )


@pytest.mark.parametrize(
    ("parcels", "goods", "charged"),
    [
        ([], 1000, 0),
        ([(rate(490, 100), 1)], 1000, 490),
        ([(rate(490, 100), 3)], 1000, 690),
        ([(rate(490, 100), 1), (rate(490, 100), 2)], 1000, 690),
        ([(rate(490, 100), 2), (rate(1200, 300), 1)], 1000, 1200 + 2 * 100),
        ([(rate(490, 100), 2), (rate(1200, 300), 2)], 1000, 1200 + 300 + 2 * 100),
        ([(rate(490, 100, 5000), 2)], 4999, 590),
        ([(rate(490, 100, 5000), 2)], 5000, 0),
        ([(rate(490, 100, 5000), 2), (rate(300, 50), 2)], 5000, 350),
        ([(rate(0, 0), 5)], 1, 0),
        ([(rate(490, 100), 1), (rate(490, 400), 1)], 1000, 590),
    ],
)
def test_by_example(parcels: list[tuple[PostageRate, int]], goods: int, charged: int) -> None:
    assert postage([Parcel(*each) for each in parcels], goods) == charged


RATES = st.tuples(st.integers(0, 5000), st.integers(0, 5000), st.none() | st.integers(1, 20_000)).map(
    lambda made: rate(max(made[:2]), min(made[:2]), made[2])
)
PARCELS = st.lists(st.builds(Parcel, RATES, st.integers(1, 999)), min_size=1, max_size=8)


@given(PARCELS, st.integers(1, 30_000), st.randoms())
def test_the_order_of_the_lines_does_not_matter(parcels: list[Parcel], goods: int, random: Any) -> None:
    shuffled = parcels.copy()
    random.shuffle(shuffled)
    assert postage(shuffled, goods) == postage(parcels, goods)


@given(PARCELS, st.integers(1, 30_000))
def test_units_cost_the_same_in_one_line_as_in_several(parcels: list[Parcel], goods: int) -> None:
    single = [Parcel(each.rate, 1) for each in parcels for _ in range(each.quantity)]
    assert postage(single, goods) == postage(parcels, goods)


@given(PARCELS, st.integers(1, 30_000))
def test_it_is_the_dearest_first_item_and_each_other_unit_at_its_own_further_price(
    parcels: list[Parcel], goods: int
) -> None:
    """As somebody would reckon it with a pencil, unit by unit."""
    units = [each.rate for each in parcels for _ in range(each.quantity)]
    units = [each for each in units if each.free_from is None or goods < each.free_from.amount]
    units.sort(key=lambda each: (each.first.amount, each.further.amount))
    dearest = units.pop().first.amount if units else 0
    assert postage(parcels, goods) == dearest + sum(each.further.amount for each in units)


@given(PARCELS, st.integers(1, 30_000), PARCELS)
def test_together_never_costs_more_than_apart_nor_less_than_less(
    parcels: list[Parcel], goods: int, more: list[Parcel]
) -> None:
    together = postage([*parcels, *more], goods)
    assert postage(parcels, goods) <= together <= postage(parcels, goods) + postage(more, goods)


def test_a_country_has_its_own_row_or_the_one_for_everywhere_else() -> None:
    home, near, far = rate(100, 0, None, "DE"), rate(200, 0, None, "AT", "CH"), rate(300, 0)
    assert [rate_to([home, near, far], country) for country in ("DE", "CH", "JP")] == [home, near, far]
    assert [rate_to([far, near, home], country) for country in ("DE", "CH", "JP")] == [home, near, far]
    assert rate_to([home, near], "JP") is None
    assert ships_to(Delivery(rates=[home]), "DE")
    assert not ships_to(Delivery(rates=[home]), "AT")
    assert ships_to(Delivery(), "AT")
    assert not ships_to(Delivery(posted=False, pick_up="Ulm"), "DE")
