"""Watching listings: limits, order, and that everybody hears once of what is true."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from catalogue.watchlist import watchlist
from catalogue.watchlist.watchlist import WATCH_LASTS, Sweep
from souk.clock import ManualClock
from souk.contracts.catalogue.events import ListingRepriced, ListingRestocked
from souk.ids import new_id
from souk.money import Money
from tests.catalogue.harness import Caller, Shop, new_listing
from tests.catalogue.reservations.test_reservations import Buying


async def told(shop: Shop, count: int) -> list[dict[str, Any]]:
    """What watchers are told, once there is so much of it."""
    sql = "SELECT type, body::json -> 'data' FROM outbox WHERE type LIKE 'souk.catalogue.watch.%' ORDER BY id"
    for _ in range(100):
        rows = await shop.rows(sql)
        if len(rows) >= count:
            break
        await asyncio.sleep(0.05)
    assert len(rows) == count
    return [{"kind": name.split(".")[-2], **data} for name, data in rows]


async def reprice(caller: Caller, listing: dict[str, Any], amount: int) -> None:
    answer = await caller("PATCH", f"/listings/{listing['id']}", json={"price": {"amount": amount, "currency": "EUR"}})
    assert answer.status_code == 200, answer.text


def repriced(listing: dict[str, Any]) -> ListingRepriced:
    price = Money(1, "EUR")
    return ListingRepriced(listing_id=UUID(listing["id"]), price_before=price, price=price)


async def handled(shop: Shop) -> None:
    """Wait until the catalogue's own news has been looked at."""
    sql = "SELECT count(*) FROM outbox WHERE status = 'pending' AND type LIKE 'souk.catalogue.listing.%'"
    for _ in range(100):
        if await shop.rows(sql) == [(0,)]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the news is still pending")


async def test_a_cheaper_price_is_told_once(shop: Shop, seller: Caller, other: Caller) -> None:
    lamp = await new_listing(seller)
    assert (await other("PUT", f"/me/watches/{lamp['id']}")).json()["price_then"]["amount"] == 4200
    await reprice(seller, lamp, 4500)
    await reprice(seller, lamp, 4200)  # no less than they know
    await reprice(seller, lamp, 4000)
    [news] = await told(shop, 1)
    assert (news["kind"], news["listing_id"], news["price"]["amount"]) == ("price_dropped", lamp["id"], 4000)
    assert news["watchers"] == [{"user_id": str(other.id), "price_known": {"amount": 4200, "currency": "EUR"}}]
    await shop.handle("watching", repriced(lamp), repriced(lamp))
    await reprice(seller, lamp, 4100)
    await reprice(seller, lamp, 4000)  # up and down again is no news
    await handled(shop)
    assert len(await told(shop, 1)) == 1


async def test_racing_price_changes_tell_each_watcher_the_last_price(shop: Shop, seller: Caller) -> None:
    lamp = await new_listing(seller)
    watchers = [shop.user() for _ in range(12)]
    await asyncio.gather(*(one("PUT", f"/me/watches/{lamp['id']}") for one in watchers))
    await asyncio.gather(*(reprice(seller, lamp, amount) for amount in range(4000, 3900, -10)))
    await handled(shop)
    [(price,)] = await shop.rows("SELECT price FROM listing")
    assert await shop.rows("SELECT DISTINCT price FROM watch WHERE price > :price", price=price) == []


async def test_back_in_stock_is_told_once_a_day(shop: Shop, seller: Caller, other: Caller, clock: ManualClock) -> None:
    lamp = await new_listing(seller)
    await other("PUT", f"/me/watches/{lamp['id']}")
    buying = Buying((lamp["id"], 1))
    await shop.handle("reservations", buying.placed)
    await shop.handle("sales", buying.paid)
    await shop.handle("returns", buying.called_off)
    [news] = await told(shop, 1)
    assert (news["kind"], news["watchers"]) == ("restocked", [str(other.id)])
    await seller("DELETE", f"/listings/{lamp['id']}/publication")
    await seller("PUT", f"/listings/{lamp['id']}/publication")
    await handled(shop)
    await told(shop, 1)
    clock.advance(timedelta(days=1, seconds=1))
    await shop.handle("watching", ListingRestocked(listing_id=UUID(lamp["id"])))
    await told(shop, 2)


async def test_a_raised_quantity_is_back_in_stock_and_a_release_is_not(
    shop: Shop, seller: Caller, other: Caller
) -> None:
    lamp = await new_listing(seller)
    await other("PUT", f"/me/watches/{lamp['id']}")
    buying = Buying((lamp["id"], 1))
    await shop.handle("reservations", buying.placed)
    await shop.handle("releases", buying.cancelled)
    await handled(shop)
    await told(shop, 0)
    await shop.handle("reservations", Buying((lamp["id"], 1)).placed)
    await seller("PATCH", f"/listings/{lamp['id']}", json={"quantity": 3})
    [news] = await told(shop, 1)
    assert news["kind"] == "restocked"
    await shop.audit()


async def test_news_that_is_no_longer_true_is_not_told(shop: Shop, seller: Caller, other: Caller) -> None:
    lamp = await new_listing(seller)
    await other("PUT", f"/me/watches/{lamp['id']}")
    await seller("DELETE", f"/listings/{lamp['id']}/publication")
    await reprice(seller, lamp, 100)
    await shop.handle("watching", repriced(lamp), ListingRestocked(listing_id=UUID(lamp["id"])))
    await told(shop, 0)


async def test_pages_of_watches_by_both_orders(shop: Shop, seller: Caller, other: Caller, clock: ManualClock) -> None:
    lamps = []
    for _ in range(5):
        lamps.append((await new_listing(seller))["id"])
        clock.advance(timedelta(minutes=1))
        await other("PUT", f"/me/watches/{lamps[-1]}")
    clock.advance(timedelta(minutes=1))
    await other("PUT", f"/me/watches/{lamps[0]}")  # begun anew: ends last, was added first
    orders = {"recent": lamps[::-1], "ending": [*lamps[1:], lamps[0]]}
    for sort, expected in orders.items():
        found, cursor = [], ""
        while True:
            answer = (await other("GET", f"/me/watches?sort={sort}&limit=2{cursor}")).json()
            found += [watch["listing"]["id"] for watch in answer["items"]]
            if not answer["next_cursor"]:
                break
            cursor = f"&cursor={answer['next_cursor']}"
        assert found == expected, sort
    assert (await other("GET", "/me/watches?sort=ending&cursor=nonsense")).status_code == 400


async def test_watches_are_their_users_and_end(shop: Shop, seller: Caller, other: Caller, clock: ManualClock) -> None:
    lamp, draft = await new_listing(seller), await new_listing(seller, publish=False)
    for unknown in (draft["id"], str(new_id())):
        assert (await other("PUT", f"/me/watches/{unknown}")).status_code == 404
    assert (await other("PUT", f"/me/watches/{lamp['id']}")).status_code == 200
    assert (await shop.user()("GET", f"/me/watches/{lamp['id']}")).status_code == 404
    assert (await shop.service("entrypoint")("GET", "/me/watches")).status_code == 401
    assert (await other("GET", "/me/watches?sort=price")).status_code == 400
    assert (await other("DELETE", f"/me/watches/{lamp['id']}")).status_code == 204
    assert (await other("GET", f"/me/watches/{lamp['id']}")).status_code == 404
    await other("PUT", f"/me/watches/{lamp['id']}")
    clock.advance(WATCH_LASTS + timedelta(seconds=1))
    assert (await other("GET", "/me/watches")).json()["items"] == []
    async with shop.database.transaction() as session:
        assert await Sweep(clock)(session) == 1


async def test_the_limit_holds_when_many_come_at_once(
    shop: Shop, seller: Caller, other: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchlist, "WATCHES_PER_USER_MAX", 3)
    lamps = [(await new_listing(seller))["id"] for _ in range(6)]
    answers = await asyncio.gather(*(other("PUT", f"/me/watches/{lamp}") for lamp in lamps))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409, 409, 409]
    assert await shop.rows("SELECT count(*) FROM watch") == [(3,)]


async def test_many_watchers_make_many_events(shop: Shop, seller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchlist, "WATCHERS_PER_EVENT_MAX", 2)
    lamp = await new_listing(seller)
    watchers = [shop.user() for _ in range(5)]
    for one in watchers:
        await one("PUT", f"/me/watches/{lamp['id']}")
    await reprice(seller, lamp, 4000)
    news = await told(shop, 3)
    named = [watcher["user_id"] for event in news for watcher in event["watchers"]]
    assert sorted(named) == sorted(str(one.id) for one in watchers)


async def test_of_many_listings_it_is_known_at_once_which_are_watched(
    shop: Shop, seller: Caller, other: Caller, clock: ManualClock
) -> None:
    lamp, rug, pan = [await new_listing(seller) for _ in range(3)]
    for listing in (lamp, rug):
        await other("PUT", f"/me/watches/{listing['id']}")
    asked = [("ids", each) for each in (lamp["id"], rug["id"], pan["id"], lamp["id"], str(new_id()))]
    assert set((await other("GET", "/me/watches/marks", params=asked)).json()) == {lamp["id"], rug["id"]}
    assert (await seller("GET", "/me/watches/marks", params=asked)).json() == []
    clock.advance(WATCH_LASTS)
    assert (await other("GET", "/me/watches/marks", params=asked)).json() == []
    most = [("ids", str(new_id())) for _ in range(watchlist.MARKS_MAX + 1)]
    for ids, status in ((most[1:], 200), (most, 400), ([], 400)):
        assert (await other("GET", "/me/watches/marks", params=ids)).status_code == status
