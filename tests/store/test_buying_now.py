"""Buying one listing by itself: the checks of a checkout, one purchase a key, and a cart that stays as it was."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from souk.contracts.catalogue.events import RejectedLine, StockRejected
from souk.contracts.payment.events import PaymentDeclined
from souk.contracts.store.events import OrderPaid, PurchaseCancelled, PurchasePlaced
from souk.ids import new_id
from souk.money import AMOUNT_MAX
from tests.store.harness import ADDRESS, Store, User, captured, euros
from tests.store.test_agreed_prices import agreed, status
from tests.store.test_offers import code, for_offers


async def buy_now(buyer: User, listing: UUID, total: int, quantity: int = 1, key: UUID | None = None) -> httpx.Response:
    body = {
        "address": ADDRESS,
        "total": {"amount": total, "currency": "EUR"},
        "item": {"listing_id": str(listing), "quantity": quantity},
    }
    return await buyer.ask("POST", "/purchases", body, headers={"idempotency-key": str(key or new_id())})


async def quote(buyer: User, listing: UUID, quantity: int = 1) -> httpx.Response:
    return await buyer.ask("GET", "/purchases/quote", params={"listing_id": str(listing), "quantity": quantity})


async def test_one_listing_is_bought_and_the_cart_stays_as_it_was(store: Store) -> None:
    """Also the line of that very listing, and also when the event comes twice."""
    buyer, bicycle, lamp = store.user(), store.catalogue.offer(1000), store.catalogue.offer(250)
    await buyer.put(bicycle, 3)
    await buyer.put(lamp)
    before = await buyer.cart()
    answer = await buy_now(buyer, bicycle, 2000, 2)
    assert answer.status_code == 201
    purchase = answer.json()
    assert purchase["item"] == {"listing_id": str(bicycle), "quantity": 2}
    assert [(order["amount"]["amount"], order["units"]) for order in purchase["orders"]] == [(2000, 2)]
    [placed] = await store.told(PurchasePlaced)
    assert [(line.listing_id, line.quantity, line.unit_price) for line in placed.lines] == [(bicycle, 2, euros(1000))]
    await store.reserve(purchase["id"])
    for _ in range(2):
        await store.capture(purchase["id"], 2000)
    assert (await buyer.purchase(purchase["id"]))["status"] == "paid"
    assert len(await store.told(OrderPaid)) == 1
    assert await buyer.cart() == before
    assert (await buyer.check_out()).status_code == 201  # its version is the same too, so it can still be paid


async def test_of_two_kinds_paid_at_once_only_the_carts_own_lines_leave_it(store: Store) -> None:
    one, other = store.user(), store.user()
    bicycle, lamp = store.catalogue.offer(1000), store.catalogue.offer(250)
    for buyer in (one, other):
        await buyer.put(bicycle)
        await buyer.put(lamp)
    bought = [(await one.check_out()).json(), (await buy_now(other, bicycle, 1000)).json()]
    for purchase in bought:
        await store.reserve(purchase["id"])
    events = [captured(UUID(each["id"]), each["total"]["amount"]) for each in bought]
    assert await store.deliver(*events) == ["done", "done"]
    assert [len((await buyer.cart())["lines"]) for buyer in (one, other)] == [0, 2]


async def test_a_quote_is_what_is_charged_and_writes_nothing(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    quoted = (await quote(buyer, lamp, 2)).json()
    assert (quoted["total"]["amount"], quoted["ready"], len(quoted["lines"])) == (8400, True, 1)
    offer = await agreed(store, buyer, lamp, 3500, 2)
    quoted = (await quote(buyer, lamp, 2)).json()
    assert (quoted["total"]["amount"], quoted["lines"][0]["agreed"]["applies"]) == (7000, True)
    assert (await quote(buyer, lamp, 1)).json()["total"]["amount"] == 4200
    assert (await buyer.cart())["lines"] == []
    assert code(await buy_now(buyer, lamp, 8400, 2)) == "total-changed"  # consent is to the sum that was shown
    purchase = (await buy_now(buyer, lamp, 7000, 2)).json()
    assert await status(buyer, offer) == "bought"
    [placed] = await store.told(PurchasePlaced)
    assert [str(line.offer_id) for line in placed.lines] == [offer["id"]]
    await store.reserve(purchase["id"])
    declined = PaymentDeclined(purchase_id=UUID(purchase["id"]), reason="insufficient_funds", missing=euros(1))
    assert await store.deliver(declined) == ["done"]
    assert await status(buyer, offer) == "accepted"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "withdrawn"}, "listing-gone"),
        ({"available": 1}, "too-few"),
        ({"price": euros(1100)}, "total-changed"),
    ],
)
async def test_what_cannot_be_had_so_is_refused(store: Store, change: dict[str, Any], expected: str) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    store.catalogue.change(bicycle, **change)
    refused = await buy_now(buyer, bicycle, 2000, 2)
    assert (refused.status_code, code(refused)) == (409, expected)
    assert refused.json()["detail"].endswith("Nothing was bought.")
    assert await store.told() == []


async def test_nobody_buys_from_themselves_nor_more_than_can_be_booked(store: Store) -> None:
    seller, buyer = store.user(), store.user()
    own, dear = store.catalogue.offer(1000, seller=seller.id), store.catalogue.offer(AMOUNT_MAX // 2)
    assert code(await buy_now(seller, own, 1000)) == "own-listing"
    assert code(await quote(seller, own)) == "own-listing"
    assert code(await buy_now(buyer, dear, AMOUNT_MAX, 3)) == "purchase-too-large"
    assert code(await buy_now(buyer, new_id(), 1000)) == "listing-gone"
    assert (await buy_now(buyer, own, 1000, 0)).status_code == 400


async def test_the_same_request_buys_once_and_a_key_stands_for_one_item(store: Store) -> None:
    """Also when they come at once, from somebody who never had a cart."""
    buyer, bicycle, lamp, key = store.user(), store.catalogue.offer(), store.catalogue.offer(), new_id()
    answers = await asyncio.gather(*(buy_now(buyer, bicycle, 1000, key=key) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1
    for other in (await buy_now(buyer, lamp, 1000, key=key), await buyer.check_out(total=1000, key=key)):
        assert code(other) == "key-reused"
    assert len(await store.told(PurchasePlaced)) == 1


async def test_a_buyer_pays_one_purchase_at_a_time(store: Store) -> None:
    """Whichever way they come: as many of the cart as of listings by themselves, all with keys of their own."""
    buyer, bicycle = store.user(), store.catalogue.offer()
    await buyer.put(bicycle)
    ways = [*(buy_now(buyer, bicycle, 1000) for _ in range(4)), *(buyer.check_out(total=1000) for _ in range(4))]
    answers = await asyncio.gather(*ways)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused = [code(answer) for answer in answers if answer.status_code == 409]
    assert set(refused) == {"already-being-paid"}
    assert len(await store.told(PurchasePlaced)) == 1
    newcomer = store.user()
    answers = await asyncio.gather(*(buy_now(newcomer, bicycle, 1000) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_an_agreed_price_is_bought_once_whichever_way(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    offer = await agreed(store, buyer, lamp)
    await buyer.put(lamp)
    first = (await buy_now(buyer, lamp, 3500)).json()
    await store.reserve(first["id"])
    await store.capture(first["id"], 3500)
    assert await status(buyer, offer) == "bought"
    assert code(await buy_now(buyer, lamp, 3500)) == "total-changed"
    [line] = (await buyer.cart())["lines"]
    assert (line["state"], line["price_now"]["amount"]) == ("price_rose", 4200)


async def test_what_could_not_be_reserved_is_told_and_the_cart_stays(store: Store) -> None:
    buyer, bicycle, lamp = store.user(), store.catalogue.offer(1000), store.catalogue.offer(250)
    await buyer.put(lamp)
    purchase = (await buy_now(buyer, bicycle, 1000)).json()
    gone = RejectedLine(listing_id=bicycle, reason="gone", available=0)
    assert await store.deliver(StockRejected(purchase_id=UUID(purchase["id"]), lines=[gone])) == ["done"]
    shown = await buyer.purchase(purchase["id"])
    assert (shown["status"], shown["problems"][0]["title"]) == ("rejected", "Bicycle")
    assert len(await store.told(PurchaseCancelled)) == 1
    assert len((await buyer.cart())["lines"]) == 1
