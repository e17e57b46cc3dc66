"""Units are held, sold, given back and returned, whatever order the news comes in and however often."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from catalogue.listings.tables import ListingRow
from catalogue.reservations.reservations import place, release, sell, take_back
from souk.contracts import Event
from souk.contracts.store.events import (
    Address,
    OrderCancelled,
    OrderLine,
    OrderPaid,
    PurchaseCancelled,
    PurchaseLine,
    PurchasePlaced,
)
from souk.ids import new_id
from souk.money import Money
from tests.catalogue.harness import Caller, Shop, message, new_listing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Money(4200, "EUR")


class Buying:
    """One purchase and its one order."""

    def __init__(
        self, *wanted: tuple[str, int], price: Money = PRICE, buyer: UUID | None = None, offer_id: UUID | None = None
    ) -> None:
        self.id, self.order_id, self.buyer, seller = new_id(), new_id(), buyer or new_id(), new_id()
        lines = [
            PurchaseLine(
                order_id=self.order_id,
                listing_id=UUID(listing),
                seller_id=seller,
                quantity=quantity,
                unit_price=price,
                offer_id=offer_id,
            )
            for listing, quantity in wanted
        ]
        self.placed = PurchasePlaced(purchase_id=self.id, buyer_id=self.buyer, lines=lines, expires_at=NOW)
        self.cancelled = PurchaseCancelled(purchase_id=self.id, buyer_id=self.buyer, reason="expired")
        order: dict[str, Any] = {
            "order_id": self.order_id,
            "purchase_id": self.id,
            "buyer_id": self.buyer,
            "seller_id": seller,
            "number": "S-1",
            "amount": PRICE,
            "lines": [
                OrderLine(
                    id=new_id(),
                    listing_id=line.listing_id,
                    title="",
                    condition="good",
                    picture=None,
                    quantity=line.quantity,
                    unit_price=price,
                    total=price * line.quantity,
                )
                for line in lines
            ],
        }
        address = Address(name="A", line1="B", postcode="C", city="D", country="PT")
        self.paid = OrderPaid(**order, address=address, placed_at=NOW, paid_at=NOW, ship_by=NOW)
        self.called_off = OrderCancelled(**order, by="buyer", reason="", invoiced=True)


async def _units(shop: Shop, listing: str) -> tuple[int, int, int]:
    """Available, reserved, sold."""
    await shop.audit()
    sql = "SELECT available, reserved, sold FROM listing WHERE id = CAST(:id AS uuid)"
    return tuple((await shop.rows(sql, id=listing))[0])


async def _place(shop: Shop, *buyings: Buying) -> list[str]:
    """The answers, in order."""
    before = len(await shop.answers())
    await shop.handle("reservations", *(buying.placed for buying in buyings))
    return [answer["type"] for answer in (await shop.answers())[before:]]


async def test_a_purchase_runs_its_course(shop: Shop, seller: Caller, visitor: Caller) -> None:
    one, two = (await new_listing(seller, quantity=3))["id"], (await new_listing(seller, quantity=1))["id"]
    buying = Buying((one, 2), (two, 1))
    assert await _place(shop, buying) == ["reserved"]
    assert (await _units(shop, one), await _units(shop, two)) == ((1, 2, 0), (0, 1, 0))
    assert (await visitor("GET", f"/listings/{two}")).json()["status"] == "sold"
    assert [item["id"] for item in (await visitor("GET", "/listings")).json()["items"]] == [one]
    assert [i["id"] for i in (await seller("GET", "/me/listings", params={"status": "sold"})).json()["items"]] == [two]
    await shop.handle("sales", buying.paid)
    assert (await _units(shop, one), await _units(shop, two)) == ((1, 0, 2), (0, 0, 1))
    await shop.handle("returns", buying.called_off)
    assert (await _units(shop, one), await _units(shop, two)) == ((3, 0, 0), (1, 0, 0))


async def test_operators_see_what_is_held_and_nobody_else(shop: Shop, seller: Caller, visitor: Caller) -> None:
    listing = (await new_listing(seller, quantity=3))["id"]
    buying = Buying((listing, 2))
    path, boss = f"/internal/reservations/{buying.id}", shop.user("admin")
    assert (await boss("GET", path)).status_code == 404
    await _place(shop, buying)
    seen = (await boss("GET", path)).json()
    assert (seen["answer"], seen["cancelled_at"]) == ("reserved", None)
    [unit] = seen["units"]
    assert (unit["listing_id"], unit["quantity"], unit["status"]) == (listing, 2, "reserved")
    await shop.handle("releases", buying.cancelled)
    [unit] = (await boss("GET", path)).json()["units"]
    assert unit["status"] == "released"
    for nobody in (visitor, seller, shop.user("moderator")):
        assert (await nobody("GET", path)).status_code in (401, 403)


async def test_all_lines_or_none(shop: Shop, seller: Caller) -> None:
    plenty = (await new_listing(seller, quantity=9))["id"]
    few = (await new_listing(seller, quantity=1))["id"]
    withdrawn = (await new_listing(seller))["id"]
    await seller("DELETE", f"/listings/{withdrawn}/publication")
    buying = Buying((plenty, 1), (few, 2), (withdrawn, 1))
    assert await _place(shop, buying) == ["rejected"]
    assert (await shop.answers())[0]["lines"] == [
        {"listing_id": few, "reason": "too_few", "available": 1, "price": {"amount": 4200, "currency": "EUR"}},
        {"listing_id": withdrawn, "reason": "gone", "available": 0, "price": None},
    ]
    assert await _units(shop, plenty) == (9, 0, 0)
    assert await _place(shop, Buying((plenty, 1), buyer=seller.id)) == ["rejected"]
    assert await _place(shop, Buying((plenty, 1), price=Money(4199, "EUR"))) == ["rejected"]
    assert [a["lines"][0]["reason"] for a in (await shop.answers())[1:]] == ["own_listing", "price_changed"]
    assert await _place(shop, Buying((str(new_id()), 1))) == ["rejected"]
    assert await _units(shop, plenty) == (9, 0, 0)


async def test_an_agreed_price_holds_units_like_any_other(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=2))["id"]
    agreed = Buying((listing, 2), price=Money(3500, "EUR"), offer_id=new_id())
    late = Buying((listing, 1), price=Money(3500, "EUR"), offer_id=new_id())
    sent = message(agreed.placed)
    await shop.deliver("reservations", [sent, sent, message(agreed.placed), message(late.placed)])
    assert {a["purchase_id"]: a["type"] for a in await shop.answers()} == {
        str(agreed.id): "reserved",
        str(late.id): "rejected",
    }
    await shop.deliver("reservations", [sent])
    assert await _units(shop, listing) == (0, 2, 0)
    await shop.handle("releases", agreed.cancelled)
    assert await _place(shop, Buying((listing, 1), price=Money(1, "EUR"), offer_id=new_id())) == ["reserved"]


async def test_each_purchase_of_a_batch_gets_its_own_answer(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=3))["id"]
    buyings = [Buying((listing, 2)), Buying((listing, 2)), Buying((listing, 1)), Buying((listing, 1))]
    await shop.handle("reservations", *(buying.placed for buying in buyings))
    answers = {answer["purchase_id"]: answer["type"] for answer in await shop.answers()}
    assert [answers[str(b.id)] for b in buyings] == ["reserved", "rejected", "reserved", "rejected"]
    assert await _units(shop, listing) == (0, 3, 0)


async def test_the_same_message_again_does_nothing(shop: Shop, seller: Caller) -> None:
    """As after a crash between commit and acknowledgement."""
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    steps = [
        ("reservations", buying.placed, (3, 2, 0)),
        ("sales", buying.paid, (3, 0, 2)),
        ("returns", buying.called_off, (5, 0, 0)),
        ("releases", buying.cancelled, (5, 0, 0)),
    ]
    for consumer, event, units in steps:
        sent = message(event)
        assert await shop.deliver(consumer, [sent]) == ["done"]
        assert await shop.deliver(consumer, [sent, sent]) == ["done", "done"]
        assert await _units(shop, listing) == units
        # Also as a new message with the same news.
        assert await shop.handle(consumer, event, event) == ["done", "done"]
        assert await _units(shop, listing) == units
    assert len(await shop.answers()) == 1


async def test_a_cancelled_purchase_gives_back(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    await _place(shop, buying)
    await shop.handle("releases", buying.cancelled)
    assert await _units(shop, listing) == (5, 0, 0)


async def test_cancelled_before_placed_reserves_nothing(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    await shop.handle("releases", buying.cancelled, buying.cancelled)
    assert await _place(shop, buying) == ["rejected"]
    assert await _place(shop, buying) == []
    assert await _units(shop, listing) == (5, 0, 0)


async def test_a_rejected_purchase_is_cancelled_without_effect(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller))["id"]
    buying = Buying((listing, 2))
    await _place(shop, buying)
    assert await shop.handle("releases", buying.cancelled) == ["done"]
    assert await shop.handle("returns", buying.called_off) == ["done"]
    assert await _units(shop, listing) == (1, 0, 0)


async def test_news_that_comes_too_early_waits(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    assert await shop.handle("sales", buying.paid) == ["retry"]
    assert await shop.handle("returns", buying.called_off) == ["retry"]
    await _place(shop, buying)
    assert await shop.handle("returns", buying.called_off) == ["done"]  # before it is told as paid
    assert await _units(shop, listing) == (5, 0, 0)
    assert await shop.handle("sales", buying.paid) == ["done"]
    assert await _units(shop, listing) == (5, 0, 0)


async def test_paid_after_release_goes_to_an_operator(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    await _place(shop, buying)
    await shop.handle("releases", buying.cancelled)
    assert await shop.deliver("sales", [message(buying.paid, attempt=6)]) == ["dead"]
    assert await _units(shop, listing) == (5, 0, 0)
    # A capture that came too late is refunded: the order is called off, nothing comes back twice.
    assert await shop.handle("returns", buying.called_off) == ["done"]
    assert await _units(shop, listing) == (5, 0, 0)


async def test_sold_units_stay_sold_when_the_purchase_is_cancelled(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=5))["id"]
    buying = Buying((listing, 2))
    await _place(shop, buying)
    await shop.handle("sales", buying.paid)
    await shop.handle("releases", buying.cancelled)
    assert await _units(shop, listing) == (3, 0, 2)


@pytest.mark.parametrize("units", [1, 10, 49])
async def test_fifty_buyers_at_once(shop: Shop, seller: Caller, units: int) -> None:
    listing = (await new_listing(seller, quantity=units))["id"]
    buyings = [Buying((listing, 1)) for _ in range(50)]
    outcomes = await asyncio.gather(*(shop.handle("reservations", buying.placed) for buying in buyings))
    assert outcomes == [["done"]] * 50
    answers = [answer["type"] for answer in await shop.answers()]
    assert (answers.count("reserved"), answers.count("rejected")) == (units, 50 - units)
    assert await _units(shop, listing) == (0, units, 0)


async def test_batches_that_cross_each_other_never_deadlock(shop: Shop, seller: Caller) -> None:
    """Ten batches over the same listings run into one that is locked, each holding what it has until then.

    Without the consumers around them, which would try a deadlocked batch again and hide it.
    """
    listings = [(await new_listing(seller, quantity=900))["id"] for _ in range(12)]
    dice = random.Random(5)
    buyings = [Buying(*((one, 1) for one in dice.sample(listings, 12))) for _ in range(16)]

    async def run(handle: Callable[..., Awaitable[Any]], *events: Event) -> None:
        async with shop.database.transaction() as session:
            await handle(session, events, now=NOW)

    await run(place, *(b.placed for b in buyings[:12]))
    locking = select(ListingRow.id).where(ListingRow.id == UUID(listings[6])).with_for_update()
    async with shop.database.transaction() as blocker:
        await blocker.execute(locking)
        jobs = [asyncio.create_task(run(place, buying.placed)) for buying in buyings[12:]]
        jobs += [asyncio.create_task(run(release, *(b.cancelled for b in buyings[n : n + 2]))) for n in (0, 2)]
        jobs += [asyncio.create_task(run(sell, *(b.paid for b in buyings[n : n + 2]))) for n in (4, 6)]
        jobs += [asyncio.create_task(run(take_back, *(b.called_off for b in buyings[n : n + 2]))) for n in (8, 10)]
        await asyncio.sleep(0.3)
        assert not any(job.done() for job in jobs)
    await asyncio.gather(*jobs)
    assert await _units(shop, listings[0]) == (892, 4, 4)


async def test_cancellations_race_with_purchases(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=10))["id"]
    buyings = [Buying((listing, 1)) for _ in range(30)]
    both = [shop.handle("reservations", b.placed) for b in buyings]
    both += [shop.handle("releases", b.cancelled) for b in buyings[:20]]
    outcomes = await asyncio.gather(*both)
    assert outcomes == [["done"]] * 50
    available, reserved, sold = await _units(shop, listing)
    held = await shop.rows("SELECT count(*) FROM reservation WHERE status = 'reserved'")
    assert (available + reserved, sold, held[0][0]) == (10, 0, reserved)
    assert len(await shop.answers()) == 30


async def test_quantity_edits_race_with_reservations(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=10))["id"]
    buyings = [Buying((listing, 1)) for _ in range(20)]
    edits = [seller("PATCH", f"/listings/{listing}", json={"quantity": n}) for n in (5, 12, 3, 8, 1, 15, 10)]
    placing = [shop.handle("reservations", b.placed) for b in buyings]
    answers = await asyncio.gather(*placing[:10], *edits, *placing[10:])
    statuses = [answer.status_code for answer in answers[10:17]]
    assert set(statuses) <= {200, 409}
    await _units(shop, listing)


async def test_the_quantity_cannot_go_below_what_is_promised(shop: Shop, seller: Caller) -> None:
    listing = (await new_listing(seller, quantity=10))["id"]
    sold, held = Buying((listing, 3)), Buying((listing, 2))
    await _place(shop, sold, held)
    await shop.handle("sales", sold.paid)
    refused = await seller("PATCH", f"/listings/{listing}", json={"quantity": 4})
    assert (refused.status_code, refused.json()["quantity_min"]) == (409, 5)
    edited = (await seller("PATCH", f"/listings/{listing}", json={"quantity": 5})).json()
    assert (edited["quantity"], edited["available"], edited["status"]) == (5, 0, "sold")
    await seller("DELETE", f"/listings/{listing}/publication")
    nothing_left = await seller("PUT", f"/listings/{listing}/publication")
    assert nothing_left.status_code == 409
    await shop.handle("releases", held.cancelled)
    assert (await seller("PUT", f"/listings/{listing}/publication")).json()["available"] == 2
    assert await _units(shop, listing) == (2, 0, 3)


async def test_cancels_race_with_captures(shop: Shop, seller: Caller) -> None:
    """The store cancels or pays, but its news of a late capture may cross that of the cancellation: every purchase ends
    sold or given back, whichever came first, and an operator hears of those paid after they were given back."""
    listing = (await new_listing(seller, quantity=49))["id"]
    buyings = [Buying((listing, 1)) for _ in range(30)]
    await _place(shop, *buyings)
    both = [shop.handle("sales", b.paid) for b in buyings] + [shop.handle("releases", b.cancelled) for b in buyings]
    outcomes = await asyncio.gather(*both)
    assert all(outcome == ["done"] for outcome in outcomes[30:])
    available, reserved, sold = await _units(shop, listing)
    assert (available, reserved, sold) == (49 - sold, 0, sold)
    assert sum(outcome == ["done"] for outcome in outcomes[:30]) == sold
    # Late captures are refunded: the orders are called off, twice told, and everything is back.
    for _ in range(2):
        assert set(await shop.handle("returns", *(b.called_off for b in buyings))) == {"done"}
    assert await _units(shop, listing) == (49, 0, 0)


@pytest.mark.parametrize("units", ["available = available + 1", "reserved = 1", "sold = 1", "quantity = 9"])
async def test_the_database_itself_refuses_units_that_do_not_add_up(shop: Shop, seller: Caller, units: str) -> None:
    await new_listing(seller, quantity=5)
    with pytest.raises(IntegrityError, match="ck_listing_units_add_up"):
        async with shop.database.transaction() as session:
            await session.execute(text(f"UPDATE listing SET {units}"))
    await shop.audit()


@pytest.mark.parametrize("units", ["available = -1, reserved = 6", "sold = -1, available = 6"])
async def test_the_database_itself_refuses_units_below_zero(shop: Shop, seller: Caller, units: str) -> None:
    await new_listing(seller, quantity=5)
    with pytest.raises(IntegrityError, match="ck_listing_units_not_negative"):
        async with shop.database.transaction() as session:
            await session.execute(text(f"UPDATE listing SET {units}"))


async def test_what_is_sold_out_leaves_search_at_once_and_keeps_its_page(
    shop: Shop, seller: Caller, visitor: Caller
) -> None:
    listing = (await new_listing(seller))["id"]
    other = (await new_listing(seller, title="Another brass lamp"))["id"]
    await _place(shop, Buying((listing, 1)))
    for path in ("/listings", "/listings?q=brass", "/listings?q=brass&sort=relevance", "/listings?condition=good"):
        assert [item["id"] for item in (await visitor("GET", path)).json()["items"]] == [other]
    assert (await visitor("GET", f"/listings/{listing}")).json()["status"] == "sold"
    assert [item["id"] for item in (await visitor("GET", f"/listings/{listing}/similar")).json()] == [other]
