"""What a purchase may have, decided without a database."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from catalogue.reservations.reservations import Stock, decide, units_of
from souk.contracts.catalogue.events import RejectedLine
from souk.contracts.store.events import PurchaseLine, PurchasePlaced
from souk.ids import new_id
from souk.money import Money

SELLER, BUYER, LISTING = new_id(), new_id(), new_id()
PRICE, AGREED = Money(500, "EUR"), Money(300, "EUR")


def _line(listing_id: UUID = LISTING, quantity: int = 1, price: Money = PRICE) -> PurchaseLine:
    return PurchaseLine(order_id=new_id(), listing_id=listing_id, seller_id=SELLER, quantity=quantity, unit_price=price)


def _placed(*lines: PurchaseLine, buyer: UUID = BUYER) -> PurchasePlaced:
    expires = datetime(2026, 1, 1, tzinfo=UTC)
    return PurchasePlaced(purchase_id=new_id(), buyer_id=buyer, lines=list(lines), expires_at=expires)


def _decided(event: PurchasePlaced, stock: Stock | None) -> list[RejectedLine]:
    return decide(event, units_of(event.lines), {LISTING: stock} if stock else {})


def _rejected(reason: str, available: int = 0, price: Money | None = None) -> list[RejectedLine]:
    return [RejectedLine(listing_id=LISTING, reason=reason, available=available, price=price)]  # type: ignore[arg-type]


def _stock(available: int = 3, *, on_sale: bool = True) -> Stock:
    return Stock(SELLER, PRICE, available, on_sale)


def test_each_reason() -> None:
    assert _decided(_placed(_line(quantity=3)), _stock()) == []
    assert _decided(_placed(_line(quantity=4)), _stock()) == _rejected("too_few", 3, PRICE)
    assert _decided(_placed(_line()), _stock(0)) == _rejected("gone")
    assert _decided(_placed(_line()), _stock(on_sale=False)) == _rejected("gone")
    assert _decided(_placed(_line()), None) == _rejected("gone")
    assert _decided(_placed(_line(price=Money(499, "EUR"))), _stock()) == _rejected("price_changed", 3, PRICE)
    assert _decided(_placed(_line(price=Money(500, "USD"))), _stock()) == _rejected("price_changed", 3, PRICE)
    assert _decided(_placed(_line(), buyer=SELLER), _stock()) == _rejected("own_listing", 3, PRICE)


def test_an_agreed_price_need_not_be_the_asking_price_and_all_else_holds() -> None:
    def agreed(quantity: int = 1, price: Money = AGREED) -> PurchaseLine:
        return msgspec.structs.replace(_line(quantity=quantity, price=price), offer_id=new_id())

    assert _decided(_placed(agreed(3)), _stock()) == []
    assert _decided(_placed(agreed(4)), _stock()) == _rejected("too_few", 3, PRICE)
    assert _decided(_placed(agreed()), _stock(0)) == _rejected("gone")
    assert _decided(_placed(agreed()), _stock(on_sale=False)) == _rejected("gone")
    assert _decided(_placed(agreed(), buyer=SELLER), _stock()) == _rejected("own_listing", 3, PRICE)
    for price in (Money(0, "EUR"), Money(-1, "EUR"), Money(300, "USD")):
        assert _decided(_placed(agreed(price=price)), _stock()) == _rejected("price_changed", 3, PRICE)
    both = _placed(agreed(), _line(price=AGREED))
    assert _decided(both, _stock()) == _rejected("price_changed", 3, PRICE)


def test_two_lines_of_one_listing_count_together() -> None:
    assert _decided(_placed(_line(quantity=2), _line(quantity=2)), _stock()) == _rejected("too_few", 3, PRICE)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 12))
def test_a_purchase_is_had_exactly_if_its_units_are_there(quantities: list[int], available: int) -> None:
    event = _placed(*(_line(quantity=quantity) for quantity in quantities))
    assert (_decided(event, _stock(available)) == []) == (sum(quantities) <= available)
