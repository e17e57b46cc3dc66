"""What events are about: read from their contracts, and handed on from cause to effect."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from souk.contracts import EVENTS, Event
from souk.contracts.catalogue.events import RejectedLine, StockRejected, StockReserved
from souk.contracts.payment.events import EscrowSettled, InvoiceIssued, PaymentDeclined
from souk.contracts.store.events import OrderCancelled, OrderName, PurchaseCancelled, PurchaseLine, PurchasePlaced
from souk.events.envelope import seal, unseal
from souk.events.log_fields import about, aggregates_of, causing, completed, details
from souk.ids import new_id
from souk.money import Money
from souk.observability.log_fields import decoded, encoded

BUYER, SELLERS, ORDERS, PURCHASE = new_id(), [new_id(), new_id()], [new_id(), new_id()], new_id()
NOW = datetime.now(UTC)
EUR = Money(100, "EUR")


def placed() -> PurchasePlaced:
    lines = [
        PurchaseLine(
            order_id=order, listing_id=new_id(), seller_id=seller, quantity=1, unit_price=EUR, number=f"S-{number}"
        )
        for number, (order, seller) in enumerate(zip(ORDERS, SELLERS, strict=True))
        for _ in range(2)
    ]
    return PurchasePlaced(purchase_id=PURCHASE, buyer_id=BUYER, lines=lines, expires_at=NOW)


def settled(order: UUID) -> EscrowSettled:
    return EscrowSettled(order_id=order, transfer_id=new_id(), to_seller=EUR, fee=EUR)


def cancelled() -> OrderCancelled:
    return OrderCancelled(
        order_id=ORDERS[0],
        purchase_id=PURCHASE,
        buyer_id=BUYER,
        seller_id=SELLERS[0],
        number="S-0",
        amount=EUR,
        lines=[],
        by="seller",
        reason="My neighbour Peter broke it.",
        invoiced=True,
    )


def ids(*some: Any) -> tuple[str, ...]:
    return tuple(map(str, some))


def caused(event: Event, *causes: Event) -> dict[str, tuple[str, ...]]:
    with causing({aggregate: about(cause) for cause in causes for aggregate in aggregates_of(cause)}):
        return completed(event, about(event))


def test_a_purchase_names_its_orders_their_numbers_and_everybody_in_it() -> None:
    assert about(placed()) == {
        "purchase_id": ids(PURCHASE),
        "order_id": ids(*ORDERS),
        "order_number": ("S-0", "S-1"),
        "user_id": ids(BUYER, *SELLERS),
    }
    named = [OrderName(order_id=ORDERS[0], seller_id=SELLERS[0], number="S-0")]
    ended = PurchaseCancelled(purchase_id=PURCHASE, buyer_id=BUYER, orders=named, reason="expired")
    assert about(ended)["order_number"] == ("S-0",)
    assert details(ended) == {"reason": "expired"}


def test_what_follows_from_a_purchase_is_about_its_orders_too() -> None:
    assert caused(StockReserved(purchase_id=PURCHASE), placed()) == about(placed())
    declined = PaymentDeclined(purchase_id=PURCHASE, reason="insufficient_funds")
    assert caused(declined, placed()) == about(placed())
    assert caused(declined) == {"purchase_id": ids(PURCHASE)}
    assert details(declined)["reason"] == "insufficient_funds"


def test_an_order_is_not_about_its_purchases_other_orders() -> None:
    assert caused(cancelled(), placed()) == about(cancelled()) | {"user_id": ids(BUYER, SELLERS[0])}
    own = caused(settled(ORDERS[0]), cancelled())
    assert own == about(cancelled())


def test_in_a_batch_each_has_its_own_cause() -> None:
    causes = [
        unseal(seal("store", settled(order), event_id=new_id(), time=NOW, sequence=0, traceparent="")).event
        for order in ORDERS
    ]
    assert [caused(settled(order), *causes)["order_id"] for order in ORDERS] == [ids(order) for order in ORDERS]


def test_it_travels_with_the_event_only_where_the_data_do_not_say_it() -> None:
    with causing({PURCHASE: about(placed())}):
        reserved = seal(
            "catalogue", StockReserved(purchase_id=PURCHASE), event_id=new_id(), time=NOW, sequence=0, traceparent=""
        )
        other = seal("store", placed(), event_id=new_id(), time=NOW, sequence=0, traceparent="")
    assert unseal(reserved).about == about(placed())
    assert unseal(reserved).logged["order_number"] == "S-0,S-1"
    assert "soukabout" not in other
    assert decoded(encoded(about(placed()))) == about(placed())
    assert decoded("user_id=a&nonsense=b&order_id") == {"user_id": ("a",)}


def test_an_invoices_number_is_no_orders() -> None:
    issued = InvoiceIssued(
        invoice_id=new_id(), order_id=ORDERS[0], buyer_id=BUYER, seller_id=SELLERS[0], kind="invoice", number="AB-1"
    )
    assert "order_number" not in about(issued)
    assert details(issued) == {"invoice_id": str(issued.invoice_id), "invoice_number": "AB-1"}


def test_reasons_are_told_and_what_people_wrote_is_not() -> None:
    lines = [RejectedLine(listing_id=new_id(), reason=reason, available=0) for reason in ("gone", "too_few", "gone")]
    assert details(StockRejected(purchase_id=PURCHASE, lines=lines)) == {"reason": "gone,too_few"}
    assert details(cancelled()) == {"by": "seller"}


@pytest.mark.parametrize("name", sorted(name for name, kind in EVENTS.items() if "order_id" in kind.__struct_fields__))
def test_every_event_of_an_order_can_name_its_purchase_and_number(name: str) -> None:
    """Itself, or by its cause: what nobody caused, a person or a deadline, stands in the store's events alone."""
    fields = set(EVENTS[name].__struct_fields__)
    assert name.startswith("souk.payment.") or {"purchase_id", "number", "buyer_id", "seller_id"} <= fields
