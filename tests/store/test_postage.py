"""Postage, from the cart to the order: what is shown is what is charged, told and given back."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from souk.contracts.catalogue.delivery import Delivery, PostageRate
from souk.contracts.store.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    PaymentRequested,
    RefundRequested,
)
from souk.ids import new_id
from tests.store.harness import ADDRESS, Store, User, captured, euros
from tests.store.test_refunds import booked, part, refund

VIENNA = ADDRESS | {"city": "Wien", "postcode": "1010", "country": "AT"}


def sent(first: int, further: int, free_from: int | None = None, countries: tuple[str, ...] = ()) -> Delivery:
    """Goes by post at this price; without countries, to everywhere."""
    free = None if free_from is None else euros(free_from)
    row = PostageRate(countries=list(countries), first=euros(first), further=euros(further), free_from=free)
    return Delivery(rates=[row])


async def cart_to(user: User, country: str = "DE") -> dict[str, Any]:
    answer = await user.ask("GET", "/cart", params={"country": country})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def place(buyer: User, country: str = "DE") -> dict[str, Any]:
    total = (await cart_to(buyer, country))["total"]["amount"]
    answer = await buyer.check_out(total=total, address=ADDRESS if country == "DE" else VIENNA)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bought(store: Store, buyer: User) -> dict[str, Any]:
    """What is in the cart, paid; its first order."""
    purchase = await place(buyer)
    await store.reserve(purchase["id"])
    await store.capture(purchase["id"], purchase["total"]["amount"])
    return await buyer.order(purchase["orders"][0]["id"])


@pytest.fixture
def buyer(store: Store) -> User:
    return store.user()


@pytest.fixture
def seller(store: Store) -> User:
    return store.user()


async def test_two_sellers_charge_each_once_and_all_says_the_same(store: Store, buyer: User, seller: User) -> None:
    other = new_id()
    lamp = store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100))
    desk = store.catalogue.offer(2000, seller=seller.id, delivery=sent(1200, 300))
    cup = store.catalogue.offer(500, seller=other, delivery=sent(300, 50))
    book = store.catalogue.offer(700, seller=new_id())
    for listing, quantity in ((lamp, 2), (desk, 1), (cup, 1), (book, 1)):
        await buyer.put(listing, quantity)
    cart = await cart_to(buyer)
    assert [(each["seller_id"], each["amount"]["amount"]) for each in cart["postage"]] == [
        (str(seller.id), 1400),
        (str(other), 300),
    ]
    assert cart["total"]["amount"] == 4000 + 500 + 700 + 1700
    assert (await buyer.cart())["total"]["amount"] == 5200  # nobody said where to
    purchase = await place(buyer)
    amounts = {order["seller_id"]: order["amount"]["amount"] for order in purchase["orders"]}
    assert (amounts[str(seller.id)], amounts[str(other)]) == (5400, 800)
    assert purchase["total"]["amount"] == sum(amounts.values()) == cart["total"]["amount"]
    await store.reserve(purchase["id"])
    [asked] = await store.told(PaymentRequested)
    assert sorted((each.amount.amount, each.postage.amount) for each in asked.orders) == [
        (700, 0),
        (800, 300),
        (5400, 1400),
    ]
    await store.capture(purchase["id"], purchase["total"]["amount"])
    for told in await store.told(OrderPaid):
        assert sum(line.total.amount for line in told.lines) + told.postage.amount == told.amount.amount
    order = next(each for each in purchase["orders"] if each["seller_id"] == str(seller.id))
    assert (await buyer.order(order["id"]))["postage"] == {"amount": 1400, "currency": "EUR"}


async def test_free_from_an_amount_of_goods_counts_all_of_the_seller(store: Store, buyer: User, seller: User) -> None:
    lamp = store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100, 3000))
    await buyer.put(lamp, 2)
    assert (await cart_to(buyer))["total"]["amount"] == 2590
    await buyer.put(store.catalogue.offer(999, seller=seller.id))
    assert (await cart_to(buyer))["total"]["amount"] == 2999 + 590
    await buyer.put(store.catalogue.offer(1, seller=seller.id))
    assert (await cart_to(buyer))["postage"] == []
    assert (await place(buyer))["total"]["amount"] == 3000


async def test_what_is_not_sent_there_is_refused_by_name(store: Store, buyer: User) -> None:
    vase = store.catalogue.offer(1000, title="Glass vase", delivery=sent(490, 100, None, ("DE", "FR")))
    await buyer.put(vase)
    cart = await cart_to(buyer, "AT")
    assert (cart["lines"][0]["state"], cart["ready"]) == ("not_shipped", False)
    refused = await buyer.check_out(total=1490, address=VIENNA)
    assert refused.status_code == 422
    problem = refused.json()
    assert (problem["code"], problem["listing_id"]) == ("not-shipped", str(vase))
    assert problem["errors"][0]["field"] == "address.country"
    assert "Glass vase" in problem["detail"]
    item = {"item": {"listing_id": str(vase)}, "address": VIENNA, "total": {"amount": 1490, "currency": "EUR"}}
    alone = await buyer.ask("POST", "/purchases", item, headers={"idempotency-key": str(new_id())})
    assert (alone.status_code, alone.json()["code"]) == (422, "not-shipped")
    assert await store.query("SELECT id FROM purchase") == []
    assert (await place(buyer))["total"]["amount"] == 1490


async def test_bought_by_itself_it_costs_what_was_quoted(store: Store, buyer: User) -> None:
    lamp = store.catalogue.offer(1000, delivery=sent(490, 100))
    params = {"listing_id": str(lamp), "quantity": 2, "country": "DE"}
    quoted = (await buyer.ask("GET", "/purchases/quote", params=params)).json()
    assert quoted["total"]["amount"] == 2590
    body = {"item": {"listing_id": str(lamp), "quantity": 2}, "address": ADDRESS, "total": quoted["total"]}
    placed = await buyer.ask("POST", "/purchases", body, headers={"idempotency-key": str(new_id())})
    assert (placed.status_code, placed.json()["total"]["amount"]) == (201, 2590)


async def test_what_is_picked_up_costs_no_postage_and_goes_to_whoever_comes(store: Store, buyer: User) -> None:
    wardrobe = store.catalogue.offer(5000, delivery=Delivery(posted=False, pick_up="Ulm, Hafengasse"))
    await buyer.put(wardrobe)
    cart = await cart_to(buyer, "AT")
    assert (cart["lines"][0]["pick_up"], cart["lines"][0]["state"]) == ("Ulm, Hafengasse", "ok")
    order = await bought(store, buyer)
    assert (order["amount"]["amount"], order["lines"][0]["pick_up"]) == (5000, "Ulm, Hafengasse")
    [told] = await store.told(OrderPaid)
    assert told.lines[0].pick_up == "Ulm, Hafengasse"


async def test_a_price_that_changed_meanwhile_is_refused_or_the_one_agreed_to_is_booked(store: Store) -> None:
    """The profile changes at some moment while each of several purchases is placed."""
    seller = new_id()
    lamp = store.catalogue.offer(1000, seller=seller, available=1000, delivery=sent(490, 100))
    desk = store.catalogue.offer(1000, seller=seller, available=1000, delivery=sent(490, 100))
    buyers = [store.user() for _ in range(12)]
    for buyer in buyers:
        await asyncio.gather(buyer.put(lamp), buyer.put(desk))

    asked = store.catalogue.asked

    async def dearer() -> None:
        if store.catalogue.asked == asked + 7:
            for listing in (lamp, desk):
                store.catalogue.change(listing, delivery=sent(990, 400))

    store.catalogue.before_answer = dearer
    answers = await asyncio.gather(*(buyer.check_out(total=2590) for buyer in buyers))
    said = [answer.json() for answer in answers]
    refused = [each for each in said if each.get("code") == "cart-total-changed"]
    assert refused and len(refused) < len(said)
    assert {each["total"]["amount"] for each in refused} == {2000 + 990 + 400}
    rows = await store.query("SELECT amount, postage FROM orders")
    assert [tuple(row) for row in rows] == [(2590, 590)] * (len(said) - len(refused))


async def test_a_purchase_under_way_keeps_its_postage(store: Store, buyer: User) -> None:
    lamp = store.catalogue.offer(1000, delivery=sent(490, 100))
    await buyer.put(lamp)
    purchase = await place(buyer)
    store.catalogue.change(lamp, delivery=sent(990, 100))
    await store.reserve(purchase["id"])
    await store.reserve(purchase["id"])
    event = captured(UUID(purchase["id"]), 1490)
    assert await store.deliver(event, event) == ["done", "done"]
    assert await store.deliver(event) == ["done"]
    [asked], [paid] = await store.told(PaymentRequested), await store.told(OrderPaid)
    assert (asked.orders[0].amount, asked.orders[0].postage) == (euros(1490), euros(490))
    assert (paid.amount, paid.postage) == (euros(1490), euros(490))


async def test_lines_go_back_without_the_postage_and_all_goes_back_with_it(
    store: Store, buyer: User, seller: User
) -> None:
    await buyer.put(store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100)), 2)
    order = await bought(store, buyer)
    assert (await refund(seller, order, part(order, 0, 1))).status_code == 200
    seen = await seller.order(order["id"])
    assert seen["refundable_postage"] == {"amount": 590, "currency": "EUR"}
    too_much = await refund(seller, order, postage={"amount": 591, "currency": "EUR"})
    assert (too_much.status_code, too_much.json()["errors"][0]["field"]) == (422, "postage")
    for wrong in (
        {"amount": 0, "currency": "EUR"},
        {"amount": 1, "currency": "USD"},
        {"amount": -5, "currency": "EUR"},
    ):
        assert (await refund(seller, order, postage=wrong)).status_code == 422
    key = new_id()
    for _ in range(2):
        given = await refund(seller, order, key=key, postage={"amount": 90, "currency": "EUR"})
        assert given.status_code == 200, given.text
    assert [each["postage"] for each in given.json()["refunds"]] == [None, {"amount": 90, "currency": "EUR"}]
    _, told = await store.told(RefundRequested)
    assert (told.lines, told.amount, told.postage) == ([], euros(90), euros(90))
    assert await store.deliver(booked(told), booked(told), consumer="store.orders") == ["done", "done"]
    assert (await buyer.ask("POST", f"/orders/{order['id']}/cancellation", {})).status_code == 200
    [event] = await store.told(OrderCancelled)
    assert (event.amount, event.postage) == (euros(1500), euros(500))
    assert sum(line.amount.amount for line in event.back) == 1000


async def test_an_order_called_off_gives_its_postage_back(store: Store, buyer: User) -> None:
    await buyer.put(store.catalogue.offer(1000, delivery=sent(490, 100)))
    order = await bought(store, buyer)
    assert (await buyer.ask("POST", f"/orders/{order['id']}/cancellation", {})).status_code == 200
    [event] = await store.told(OrderCancelled)
    assert (event.amount, event.postage, event.back) == (euros(1490), euros(490), [])


async def test_a_refund_of_everything_takes_the_postage_along(store: Store, buyer: User, seller: User) -> None:
    await buyer.put(store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100)))
    order = await bought(store, buyer)
    await seller.ask("POST", f"/orders/{order['id']}/shipment", {})
    await buyer.ask("POST", f"/orders/{order['id']}/receipt")
    [delivered] = await store.told(OrderDelivered)
    assert delivered.amount == euros(1490)
    given = await refund(seller, order)
    assert given.status_code == 200, given.text
    [told] = await store.told(RefundRequested)
    assert (told.amount, told.postage, told.lines[0].amount) == (euros(1490), euros(490), euros(1000))
    assert "refund" not in (await seller.order(order["id"]))["actions"]


async def test_refunds_of_postage_at_once_give_back_no_more_than_there_was(
    store: Store, buyer: User, seller: User
) -> None:
    await buyer.put(store.catalogue.offer(1000, seller=seller.id, delivery=sent(490, 100)))
    order = await bought(store, buyer)
    tries = [refund(seller, order, postage={"amount": 200, "currency": "EUR"}) for _ in range(6)]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 422, 422, 422, 422]
    assert await store.query("SELECT sum(postage), sum(amount) FROM refund") == [(400, 400)]
