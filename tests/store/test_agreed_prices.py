"""Buying at a price that was agreed on: in the cart, at the checkout, and what becomes of it when that ends."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from souk.contracts.catalogue.events import StockRejected
from souk.contracts.payment.events import PaymentDeclined
from souk.contracts.store.events import OfferEnded, OrderPaid, PurchasePlaced
from souk.ids import new_id
from tests.store.harness import Store, User, captured, euros
from tests.store.test_offers import code, for_offers
from tests.store.test_saga import play


async def agreed(store: Store, buyer: User, lamp: UUID, price: int = 3500, quantity: int = 1) -> dict[str, Any]:
    """An offer that was accepted."""
    offer = await buyer.offer(lamp, price, quantity)
    seller = store.user(store.catalogue.listings[lamp].seller_id)
    answer = await seller.answer(offer, "acceptance")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def status(buyer: User, offer: dict[str, Any]) -> str:
    return str((await buyer.ask("GET", f"/offers/{offer['id']}")).json()["status"])


async def test_an_agreed_price_holds_for_exactly_its_units(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    await buyer.put(lamp, 2)
    assert (await buyer.cart())["lines"][0]["agreed"] is None
    offer = await agreed(store, buyer, lamp, 3500, 2)
    cart = await buyer.cart()
    [line] = cart["lines"]
    assert (cart["total"]["amount"], cart["ready"], line["state"]) == (7000, True, "ok")
    assert (line["price_now"]["amount"], line["agreed"]["applies"]) == (3500, True)
    assert (line["agreed"]["offer_id"], line["agreed"]["asking_price"]["amount"]) == (offer["id"], 4200)
    for quantity in (1, 3):
        cart = (await buyer.put(lamp, quantity)).json()
        assert (cart["total"]["amount"], cart["lines"][0]["agreed"]["applies"]) == (4200 * quantity, False)
    assert (await store.user().put(lamp, 2)).json()["total"]["amount"] == 8400  # nobody else's


async def test_who_agrees_to_the_asking_price_pays_the_agreed_one(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    await agreed(store, buyer, lamp)
    put = await buyer.put(lamp, 1, price_agreed={"amount": 4200, "currency": "EUR"})
    assert (put.status_code, put.json()["total"]["amount"]) == (201, 3500)
    assert code(await buyer.put(lamp, 1, price_agreed={"amount": 4000, "currency": "EUR"})) == "price-changed"


async def test_a_line_at_an_agreed_price_must_be_looked_at_again_once_that_is_over(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    await agreed(store, buyer, lamp)
    stale = await buyer.put(lamp, 2, price_agreed={"amount": 3500, "currency": "EUR"})
    assert (code(stale), stale.json()["price"]["amount"]) == ("price-changed", 4200)
    assert (await buyer.put(lamp, 1, price_agreed={"amount": 3500, "currency": "EUR"})).status_code == 201
    assert (await buyer.cart())["ready"] is True
    store.clock.advance(timedelta(hours=48))  # also before the sweep
    cart = await buyer.cart()
    assert (cart["lines"][0]["state"], cart["ready"], cart["lines"][0]["agreed"]) == ("price_rose", False, None)
    assert code(await buyer.check_out(total=3500)) == "cart-not-ready"
    late = await buyer.put(lamp, 1, price_agreed={"amount": 3500, "currency": "EUR"})
    assert code(late) == "price-changed"


@pytest.mark.parametrize(
    ("change", "state", "price"),
    [
        ({"price": euros(9900)}, "ok", 3500),
        ({"price": euros(3500)}, "ok", 3500),
        ({"price": euros(3000)}, "price_fell", 3000),
        ({"available": 1}, "too_few", 3500),
        ({"status": "withdrawn"}, "gone", 3500),
        ({"accepts_offers": False}, "ok", 3500),
    ],
)
async def test_what_becomes_of_the_listing_meanwhile(
    store: Store, change: dict[str, Any], state: str, price: int
) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    await agreed(store, buyer, lamp, 3500, 2)
    await buyer.put(lamp, 2)
    store.catalogue.change(lamp, **change)
    [line] = (await buyer.cart())["lines"]
    assert (line["state"], line["price_now"]["amount"]) == (state, price)


async def test_it_is_bought_at_the_agreed_price(store: Store) -> None:
    buyer, lamp, rug = store.user(), for_offers(store, 4200), store.catalogue.offer(1000)
    offer = await agreed(store, buyer, lamp, 3500, 2)
    await buyer.put(lamp, 2)
    placed = await buyer.place(rug)
    assert placed["total"]["amount"] == 8000
    [told] = await store.told(PurchasePlaced)
    assert {(line.listing_id, line.unit_price, line.offer_id) for line in told.lines} == {
        (lamp, euros(3500), UUID(offer["id"])),
        (rug, euros(1000), None),
    }
    mine = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
    assert (mine["status"], mine["purchase_id"], mine["paid_at"], mine["actions"]) == ("bought", placed["id"], None, [])
    seller = store.user(UUID(offer["seller_id"]))
    assert (await seller.ask("GET", f"/offers/{offer['id']}")).json()["purchase_id"] is None
    refused = await buyer.ask(
        "POST", "/offers", {"listing_id": str(lamp), "price": {"amount": 3000, "currency": "EUR"}}
    )
    assert code(refused) == "already-offered"  # it may yet become accepted again
    await store.reserve(placed["id"])
    for _ in range(2):
        await store.capture(placed["id"], 8000)
    paid = next(event for event in await store.told(OrderPaid) if event.lines[0].listing_id == lamp)
    assert (paid.amount, paid.lines[0].unit_price) == (euros(7000), euros(3500))
    assert (await buyer.ask("GET", f"/offers/{offer['id']}")).json()["paid_at"] is not None
    assert (await buyer.cart())["lines"] == []
    store.clock.advance(timedelta(hours=49))
    assert await store.sweep("offers") == 0
    assert await status(buyer, offer) == "bought"
    await buyer.offer(lamp, 3000)


@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
@pytest.mark.parametrize("end", ["rejected", "declined", "cancel", "expire"])
async def test_an_unpaid_purchase_gives_the_offer_back(store: Store, end: str, late: bool) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    offer = await agreed(store, buyer, lamp)
    if late:
        store.clock.advance(timedelta(hours=47, minutes=59))
    placed = await buyer.place(lamp)
    purchase_id = UUID(placed["id"])
    if late:
        store.clock.advance(timedelta(minutes=1, seconds=30))
        assert await store.sweep("offers") == 0  # whoever is paying is left to pay
    if end == "declined":
        await store.reserve(placed["id"])
    for _ in range(2):
        if end == "rejected":
            await store.deliver(StockRejected(purchase_id=purchase_id, lines=[]))
        elif end == "declined":
            await store.deliver(PaymentDeclined(purchase_id=purchase_id, reason="wallet_closed"))
        elif end == "cancel":
            await buyer.ask("POST", f"/purchases/{purchase_id}/cancellation")
        else:
            store.clock.advance(timedelta(minutes=3))
            await store.sweep("purchases")
    now = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
    ends = [event.outcome for event in await store.told(OfferEnded)]
    if late:
        assert (now["status"], ends) == ("expired", ["accepted", "expired"])
        return
    assert (now["status"], now["deadline"], ends) == ("accepted", offer["deadline"], ["accepted"])
    again = await buyer.check_out(total=3500)
    assert again.status_code == 201
    await store.reserve(again.json()["id"])
    await store.capture(again.json()["id"], 3500)
    assert await status(buyer, offer) == "bought"


async def test_money_that_comes_too_late_buys_nothing(store: Store) -> None:
    buyer, lamp = store.user(), for_offers(store, 4200)
    offer = await agreed(store, buyer, lamp)
    placed = await buyer.place(lamp)
    await store.reserve(placed["id"])
    await buyer.ask("POST", f"/purchases/{placed['id']}/cancellation")
    again = await buyer.check_out(total=3500)
    await store.deliver(captured(UUID(placed["id"]), 3500))
    now = (await buyer.ask("GET", f"/offers/{offer['id']}")).json()
    assert (now["status"], now["purchase_id"]) == ("bought", again.json()["id"])


async def test_every_order_of_what_can_happen_leaves_the_offer_right(store: Store) -> None:
    """The answers of stock and payment in any order and twice, with the buyer and the clock between."""
    answers: list[list[Any]] = [["reserved", "captured"], ["reserved", "declined"], ["rejected"]]
    ways = {
        way
        for answer in answers
        for end in ("cancel", "expire")
        for way in itertools.permutations([*answer, *answer[-1:], end])
    }
    for way in sorted(ways):
        buyer, lamp = store.user(), for_offers(store, 4200)
        offer = await agreed(store, buyer, lamp)
        placed = await buyer.place(lamp)
        await play(store, buyer, placed, way)
        paid = (await buyer.purchase(placed["id"]))["status"] == "paid"
        assert await status(buyer, offer) == ("bought" if paid else "accepted"), way
    assert await store.violations() == []


async def test_two_checkouts_at_once_buy_an_offer_once(store: Store) -> None:
    for _ in range(4):
        buyer, lamp = store.user(), for_offers(store, 4200)
        offer = await agreed(store, buyer, lamp)
        await buyer.put(lamp)
        answers = await asyncio.gather(*(buyer.check_out(total=3500, key=new_id()) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        [told] = await store.told(PurchasePlaced, naming=offer["id"])
        assert told.lines[0].offer_id == UUID(offer["id"])


async def test_a_checkout_races_a_withdrawal_and_the_clock(store: Store) -> None:
    """Whatever comes first: bought by one purchase, or gone and nothing placed."""
    loop = asyncio.get_running_loop()

    async def ready() -> tuple[User, dict[str, Any]]:
        buyer, lamp = store.user(), for_offers(store, 4200)
        offer = await agreed(store, buyer, lamp)
        await buyer.put(lamp)
        return buyer, offer

    async def withdraw(buyer: User, offer: dict[str, Any], after_s: float) -> Any:
        await asyncio.sleep(after_s)
        return await buyer.answer(offer, "withdrawal")

    async def check_out(buyer: User, after_s: float) -> Any:
        await asyncio.sleep(after_s)
        return await buyer.check_out(total=3500)

    buyer, _ = await ready()
    started = loop.time()
    assert (await buyer.check_out(total=3500)).status_code == 201
    checkout_s = loop.time() - started  # on this machine, now
    seen = set()
    # From a head start that the withdrawal can't lose to one that the checkout can't.
    for late, part in itertools.product((False, True), (-20, *range(-2, 8), 40)):
        buyer, offer = await ready()
        if late:
            deadline = f"now() + interval '{abs(part) * checkout_s / 6} seconds'"
            await store.execute(f"UPDATE offer SET deadline = {deadline} WHERE id = '{offer['id']}'")
        checkout, withdrawal, _ = await asyncio.gather(
            check_out(buyer, max(0, -part) * checkout_s / 3),
            withdraw(buyer, offer, max(0, part) * checkout_s / 3),
            store.sweep("offers"),
        )
        placed = len(await store.told(PurchasePlaced, naming=offer["id"]))
        now = await status(buyer, offer)
        assert placed == (checkout.status_code == 201) == (now == "bought")
        assert (withdrawal.status_code == 200) == (now == "withdrawn")
        if checkout.status_code != 201:
            assert code(checkout) in {"agreement-gone", "total-changed", "cart-not-ready"}
        seen.add(now)
    assert {"bought", "withdrawn"} <= seen
    assert await store.violations() == []


async def test_an_offer_that_is_gone_between_pricing_and_placing_buys_nothing(store: Store) -> None:
    """The cart was priced at the agreed price, and then the buyer withdrew in another window."""
    buyer, lamp = store.user(), for_offers(store, 4200)
    offer = await agreed(store, buyer, lamp)
    await buyer.put(lamp)

    async def withdraw() -> None:
        store.catalogue.before_answer = None
        assert (await buyer.answer(offer, "withdrawal")).status_code == 200

    store.catalogue.before_answer = withdraw
    assert code(await buyer.check_out(total=3500)) == "agreement-gone"
    assert await store.told(PurchasePlaced) == []
    assert await store.query("SELECT * FROM purchase") == []
