"""Addresses of listings that are not there: what one finds instead."""

from uuid import uuid4

from sqlalchemy import text

from shop.runtime import Shop
from tests.browsing import Browser
from tests.entrypoint.pages.test_safeguards import place, world  # noqa: F401 - fixtures
from tests.journeys.conftest import World
from tests.journeys.people import logged_in


async def test_what_is_like_a_missing_listing_is_shown(place: tuple[World, Shop]) -> None:  # noqa: F811
    world, shop = place  # noqa: F811
    seller = await world.person("Imogen Barrow")
    await seller.sell("Brass reading lamp", 4_200)
    gone = await seller.sell("Old brass lamp", 4_200)
    browser = Browser(world.http)
    await browser.open(f"/listings/{uuid4()}-brass-lamp")
    assert browser.status == 404
    assert "Brass reading lamp" in browser.page
    assert browser.page.part("main").form("Find it")["q"] == "brass lamp"

    async with shop.databases["catalogue"].transaction() as session:
        await session.execute(text("UPDATE listing SET status = 'hidden' WHERE id = :id"), {"id": gone})
    await browser.open(f"/listings/{gone}-old-brass-lamp")
    assert browser.status == 410
    assert "It was taken off the market." in browser.page
    assert "Brass reading lamp" in browser.page
    assert "Old brass lamp" not in browser.page
    other = await logged_in(await world.person("Ben"))
    await other.open(f"/listings/{gone}")
    assert other.status == 410
    await browser.open(f"/listings/{gone}")
    assert browser.status == 410
