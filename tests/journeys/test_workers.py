"""What happens in one worker of `souk run` holds at the others at once; what it leaves, another takes over."""

import asyncio
from collections.abc import AsyncIterator
from copy import copy
from pathlib import Path
from uuid import UUID

import pytest

from entrypoint.accounts import accounts
from shop.runtime import Shop
from souk.clock import SystemClock
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, workers_world
from tests.journeys.people import Person, log_in, logged_in
from tests.journeys.test_money import when
from tests.journeys.test_suspension import stands

Workers = tuple[World, list[Shop]]


@pytest.fixture
async def workers(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[Workers]:
    async with workers_world(urls, tmp_path, category_counts_age_max_s=3600) as (world, shops):
        for shop in shops:
            for service in shop.apps:
                await asyncio.wait_for(shop.kernel(service).listener.listening.wait(), 10)
        yield world, shops
        await world.audit()


async def at_both(world: World, name: str, money: int = 0) -> tuple[Person, Person]:
    """One account, at either worker, with its API token and logged in to the pages."""
    here = await Person(world.fronts[0], name).register()
    there = copy(here)
    there.http = world.fronts[1]
    await log_in(here.http, here)
    there.http.cookies = here.http.cookies
    if money:
        await here.add_money(money)
    return here, there


async def test_a_stream_at_one_hears_of_a_purchase_at_the_other(workers: Workers) -> None:
    world, shops = workers
    seller = await world.person("Sela")
    buyer, _ = await at_both(world, "Ana", 10_000)
    pot = await seller.sell("Tea pot", 1_000)
    lives = [shop.entrypoint.state.parts.live for shop in shops]
    async with lives[0].stream(UUID(buyer.id), {}) as one, lives[1].stream(UUID(buyer.id), {}) as other:
        await buyer.put_in_cart(pot)
        await buyer.check_out()
        for stream in (one, other):
            told = ""
            async with asyncio.timeout(10):
                async for part in stream.text():
                    told += part
                    if "order.paid" in told:
                        break


async def test_a_purchase_is_waited_for_at_either(workers: Workers) -> None:
    world, _ = workers
    seller = await world.person("Sela")
    here, there = await at_both(world, "Ana", 10_000)
    await here.put_in_cart(await seller.sell("Tea pot", 1_000))
    placed = await here.check_out(wait=False)
    assert (await there.outcome(placed["id"]))["status"] == "paid"


async def test_a_category_is_there_and_gone_at_both_at_once(workers: Workers) -> None:
    world, shops = workers
    here, there = await at_both(world, "Ada")
    async with shops[0].kernel("entrypoint").database.transaction() as session:
        await accounts.grant_role(session, UUID(here.id), "admin", by="test", now=SystemClock().now())
    admin = await logged_in(here, "/admin/categories")
    await log_in(here.http, here)  # a change of rights ends all sessions

    async def seen() -> list[bool]:
        """At either's API and on either's pages."""
        found = []
        for person in (here, there):
            slugs = [each["slug"] for each in await person.ask("GET", "/categories")]
            page = await person.http.get("/browse")
            found += ["sundials" in slugs, "Sundials" in page.text]
        return found

    assert not any(await seen())
    await admin.send(admin.page.form_to("/admin/categories").fill({"name": "Sundials"}))
    await when(seen, all, 2)
    await admin.open("/admin/categories/sundials")
    await admin.press("Remove")
    await when(seen, lambda found: not any(found), 2)


async def test_who_is_suspended_at_one_is_out_at_the_other(workers: Workers) -> None:
    world, _ = workers
    here, there = await at_both(world, "Ana")
    assert (await there.http.get("/account")).status_code == 200
    await there.ask("GET", "/me")
    await stands(world, here, "suspend")
    assert (await there.send("GET", "/me")).status_code == 401
    assert (await there.http.get("/account")).status_code == 303


async def test_what_one_left_untold_the_other_tells(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `kill -9`: committed, and not told."""
    world, shops = workers
    seller = await world.person("Sela")
    here, there = await at_both(world, "Ana", 10_000)
    await here.put_in_cart(await seller.sell("Tea pot", 1_000))
    monkeypatch.setattr(shops[0].kernel("store").outbox, "_hand_over", lambda _: None)
    placed = await here.check_out(wait=False)
    monkeypatch.undo()
    assert placed["status"] == "placed"
    assert (await there.outcome(placed["id"]))["status"] == "paid"
