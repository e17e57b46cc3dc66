"""Carts."""

import asyncio

import pytest

from souk.ids import new_id
from souk.money import AMOUNT_MAX
from store.carts.rules import LINES_MAX
from tests.store.harness import Store, euros


async def test_a_line_stands_beside_what_its_listing_says(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1500, available=3)
    answer = await buyer.put(bicycle, 2)
    assert answer.status_code == 201
    assert (await buyer.put(bicycle, 2)).status_code == 200
    cart = answer.json()
    assert cart == await buyer.cart()
    assert cart["total"] == {"amount": 3000, "currency": "EUR"}
    assert cart["ready"] is True
    [line] = cart["lines"]
    assert (line["quantity"], line["available"], line["state"], line["seller_name"]) == (2, 3, "ok", "Grace")
    assert line["price_seen"] == line["price_now"] == {"amount": 1500, "currency": "EUR"}


async def test_an_empty_cart_is_not_ready_and_asks_nobody(store: Store) -> None:
    store.catalogue.down = True
    cart = await store.user().cart()
    assert cart == {
        "lines": [],
        "total": {"amount": 0, "currency": "EUR"},
        "ready": False,
        "over_limit": None,
        "country": None,
        "postage": [],
    }


async def test_lines_stay_in_the_order_they_came(store: Store) -> None:
    buyer, listings = store.user(), [store.catalogue.offer() for _ in range(3)]
    for listing in (listings[2], listings[0], listings[1], listings[2]):
        await buyer.put(listing)
    assert [line["listing_id"] for line in (await buyer.cart())["lines"]] == [
        str(listings[index]) for index in (2, 0, 1)
    ]


@pytest.mark.parametrize(
    ("change", "state", "total", "ready"),
    [
        ({"price": euros(1200)}, "price_rose", 2400, False),
        ({"price": euros(800)}, "price_fell", 1600, True),
        ({"available": 1}, "too_few", 2000, False),
        ({"available": 0}, "gone", 0, False),
        ({"available": 0, "status": "sold"}, "gone", 0, False),
        ({"status": "withdrawn"}, "gone", 0, False),
        ({"title": "Better bicycle"}, "ok", 2000, True),
    ],
)
async def test_what_became_of_a_line(store: Store, change: dict, state: str, total: int, ready: bool) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    await buyer.put(bicycle, 2)
    store.catalogue.change(bicycle, **change)
    cart = await buyer.cart()
    assert (cart["lines"][0]["state"], cart["total"]["amount"], cart["ready"]) == (state, total, ready)


async def test_a_listing_the_catalogue_forgot_keeps_its_title(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    await buyer.put(bicycle)
    del store.catalogue.listings[bicycle]
    [line] = (await buyer.cart())["lines"]
    assert (line["state"], line["title"], line["picture"]) == ("gone", "Bicycle", None)


async def test_a_higher_price_must_be_agreed_to(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000)
    await buyer.put(bicycle)
    store.catalogue.change(bicycle, price=euros(1200))
    assert (await buyer.put(bicycle, 2)).json()["lines"][0]["state"] == "price_rose"  # a quantity is no agreement
    stale = await buyer.put(bicycle, 2, price_agreed={"amount": 1000, "currency": "EUR"})
    assert stale.status_code == 409
    assert stale.json()["price"] == {"amount": 1200, "currency": "EUR"}
    agreed = await buyer.put(bicycle, 2, price_agreed={"amount": 1200, "currency": "EUR"})
    assert agreed.json()["ready"] is True
    assert agreed.json()["lines"][0]["price_seen"]["amount"] == 1200


async def test_what_cannot_be_put_in(store: Store) -> None:
    buyer = store.user()
    own = store.catalogue.offer(seller=buyer.id)
    few = store.catalogue.offer(available=2)
    withdrawn = store.catalogue.offer(status="withdrawn")
    for listing, quantity, code in [
        (own, 1, "own-listing"),
        (few, 3, "too-few"),
        (withdrawn, 1, "listing-gone"),
        (new_id(), 1, "listing-gone"),
    ]:
        refused = await buyer.put(listing, quantity)
        assert refused.status_code == 409
        assert refused.json()["type"].endswith(code)
    told = (await buyer.put(few, 3)).json()
    assert told["available"] == 2, "where programs have always read it"
    assert (told["code"], told["params"]) == (
        "too-few",
        {"available": 2, "title": store.catalogue.listings[few].title, "quantity": 3, "unchanged": "cart"},
    )
    assert told["detail"].endswith("can be had, not 3. Your cart was not changed.")
    assert (await buyer.cart())["lines"] == []


async def test_a_cart_that_costs_more_than_can_be_booked_says_so_and_is_not_bought(store: Store) -> None:
    buyer = store.user()
    for price, units in ((AMOUNT_MAX // 1000, 999), (AMOUNT_MAX // 1000, 1)):
        await buyer.put(store.catalogue.offer(price, available=999), units)
    assert (await buyer.cart())["over_limit"] is None
    await buyer.put(little := store.catalogue.offer(1))
    cart = await buyer.cart()
    assert (cart["ready"], cart["over_limit"]) == (False, {"amount": AMOUNT_MAX, "currency": "EUR"})
    refused = await buyer.check_out(total=AMOUNT_MAX)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("purchase-too-large")
    await buyer.ask("DELETE", f"/cart/lines/{little}")
    assert (await buyer.check_out(total=AMOUNT_MAX)).status_code == 201


async def test_bad_input_is_refused(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer(1000, available=999)
    for body in (
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 1000},
        {"quantity": 10**20},
        {"quantity": 1.5},
        {"quantity": "many"},
        {"price_agreed": {"amount": 0, "currency": "EUR"}},
        {"price_agreed": {"amount": AMOUNT_MAX + 1, "currency": "EUR"}},
        {"price_agreed": {"amount": 1000, "currency": "USD"}},
        [],
    ):
        refused = await buyer.ask("PUT", f"/cart/lines/{bicycle}", body)
        assert refused.status_code in (400, 422), (body, refused.text)
        assert refused.json()["title"]
    assert (await buyer.cart())["lines"] == []


async def test_a_cart_has_a_limit(store: Store) -> None:
    buyer, first = store.user(), store.catalogue.offer()
    await buyer.put(first)
    async with store.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"INSERT INTO cart_line SELECT buyer_id, gen_random_uuid(), seller_id, seller_name, title, quantity, "
            f"price_seen, currency, added_at FROM cart_line, generate_series(2, {LINES_MAX})"
        )
    full = await buyer.put(store.catalogue.offer())
    assert full.status_code == 409
    assert full.json()["type"].endswith("cart-full")
    assert (await buyer.put(first, 2)).status_code == 200
    assert len((await buyer.cart())["lines"]) == LINES_MAX


async def test_lines_and_carts_are_taken_away_even_while_the_catalogue_is_down(store: Store) -> None:
    buyer, other = store.user(), store.user()
    bicycle, bell, lamp = (store.catalogue.offer() for _ in range(3))
    for listing in (bicycle, bell, lamp):
        await buyer.put(listing)
    await other.put(bicycle)
    store.catalogue.down = True
    assert (await buyer.ask("GET", "/cart")).status_code == 503
    assert "Your cart is safe" in (await buyer.ask("GET", "/cart")).json()["detail"]
    for _ in range(2):
        assert (await buyer.ask("DELETE", f"/cart/lines/{bell}")).status_code == 204
    store.catalogue.down = False
    assert [line["listing_id"] for line in (await buyer.cart())["lines"]] == [str(bicycle), str(lamp)]
    for _ in range(2):
        assert (await buyer.ask("DELETE", "/cart")).status_code == 204
    assert (await buyer.cart())["lines"] == []
    assert len((await other.cart())["lines"]) == 1


async def test_visitors_have_no_cart(store: Store) -> None:
    token = store.signer.token("store")
    answer = await store.http.get("/cart", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_many_clicks_at_once_keep_one_line(store: Store) -> None:
    buyer, bicycle = store.user(), store.catalogue.offer()
    answers = await asyncio.gather(*(buyer.put(bicycle, quantity) for quantity in (1, 2, 3, 4, 5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len((await buyer.cart())["lines"]) == 1
