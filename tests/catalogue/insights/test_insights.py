"""How listings do: counted once, whatever comes twice, and shown to their seller alone."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

from catalogue.insights.insights import RETENTION_DAYS, Sweep
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import ListingsSeen, SeenCount
from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, message, new_listing
from tests.catalogue.reservations.test_reservations import Buying


def seen(day: date, *counts: tuple[str, int, int]) -> ListingsSeen:
    listed = [SeenCount(listing_id=UUID(one), views=views, cart_adds=adds) for one, views, adds in counts]
    return ListingsSeen(batch_id=new_id(), day=day, counts=listed)


async def test_what_was_seen_is_added_up_by_day(shop: Shop, seller: Caller, other: Caller, clock: ManualClock) -> None:
    lamp, today = (await new_listing(seller, quantity=3))["id"], clock.now().date()
    yesterday = today - timedelta(days=1)
    twice = message(seen(today, (lamp, 3, 1), (str(new_id()), 5, 5)))
    await shop.deliver("insights", [message(seen(yesterday, (lamp, 2, 0))), twice, twice])
    await shop.deliver("insights", [twice, message(seen(today, (lamp, 4, 0)))])
    await other("PUT", f"/me/watches/{lamp}")
    buying = Buying((lamp, 2))
    await shop.handle("reservations", buying.placed)
    await shop.handle("sales", buying.paid)
    told = (await seller("GET", f"/me/listings/{lamp}/insights?days=7")).json()
    assert (len(told["days"]), told["watching"]) == (7, 1)
    assert told["days"][-1] == {"day": today.isoformat(), "views": 7, "watchers": 1, "cart_adds": 1, "sales": 2}
    assert told["days"][-2]["views"] == 2
    assert sum(day["views"] for day in told["days"][:-2]) == 0
    assert (await other("GET", f"/me/listings/{lamp}/insights")).status_code == 403
    assert (await seller("GET", f"/me/listings/{lamp}/insights?days=91")).status_code == 400
    assert (await seller("GET", f"/me/listings/{new_id()}/insights")).status_code == 404


async def test_batches_that_cross_each_other_all_count(shop: Shop, seller: Caller, clock: ManualClock) -> None:
    lamps, today = [(await new_listing(seller))["id"] for _ in range(5)], clock.now().date()
    batches = [seen(today, *((lamp, 1, 0) for lamp in order)) for order in (lamps, lamps[::-1]) * 10]
    await asyncio.gather(*(shop.handle("insights", batch) for batch in batches))
    assert await shop.rows("SELECT DISTINCT views FROM listing_day") == [(20,)]
    clock.advance(timedelta(days=RETENTION_DAYS + 1))
    async with shop.database.transaction() as session:
        assert await Sweep(clock)(session) == 5
