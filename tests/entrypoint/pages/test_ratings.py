"""Finding by rating and offers through the pages of a running shop, without scripts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from shop.runtime import Shop
from souk.contracts.store.events import SellerRated
from souk.database.embedded import ServiceUrls
from souk.events import Sequenced
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person, logged_in


@pytest.fixture
async def running(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[tuple[World, Shop]]:
    async with embedded_world(urls, tmp_path) as made:
        yield made


async def rate(services: Shop, seller: Person, reviews: int, stars: int, *, version: int = 1) -> None:
    """The store tells how a seller is rated, and the catalogue has heard it."""
    kernel = services.kernel("store")
    async with kernel.database.transaction() as session:
        rated = SellerRated(seller_id=UUID(seller.id), reviews=reviews, stars=stars)
        kernel.outbox.emit(session, Sequenced(rated, version))
    for _ in range(100):
        told = await seller.ask("GET", f"/sellers/{seller.id}")
        if (told["reviews"], told["stars"]) == (reviews, stars):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(told)


async def test_finding_by_rating_and_offers(running: tuple[World, Shop]) -> None:
    world, services = running
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamp = await anna.sell("Brass lamp", 4_200, category="lighting")
    await anna.sell("Oak stool", 9_000, category="seating")
    await ben.sell("Iron lamp", 3_000, category="lighting")
    browser = Browser(anna.http)
    assert "The seller's rating" not in await browser.open("/browse")  # nobody is rated yet
    await rate(services, anna, 12, 58)
    await anna.ask("PATCH", f"/listings/{lamp}", json={"accepts_offers": True})

    page = await browser.open("/browse?q=lamp")
    assert "4.8 (12)" in page and "4.8 of 5 stars from 12 reviews" in page
    assert len(page.parts(".rating")) == 1, "nobody has rated Ben"
    for value in ("4.5", "4", "3"):
        assert page.has(f"input[name=rating][value='{value}']"), value
    assert page.has("input[name=rating][value=''][checked]")
    [offers] = [choice for choice in page.parts("label.choice") if choice.has("input[name=offers]")]
    assert offers.all(".choice__text, .choice__end") == ["Takes offers", "1"]

    page = await browser.open("/browse?offers=yes&rating=4.5")
    assert "Brass lamp" in page and "Oak stool" not in page and "Iron lamp" not in page
    assert page.link("Takes offers") == "/browse?rating=4.5", "a chip that takes offers away"
    assert page.link("4.5 stars or more") == "/browse?offers=yes"
    assert page.has("input[name=rating][value='4.5'][checked]")
    assert "Oak stool" in await browser.open("/browse?rating=4.5")

    page = await browser.open("/browse?q=iron&rating=4.5&offers=yes")
    assert "Nothing fits all of that" in page and "Without the words" in page
    page = await browser.open("/browse?q=iron&rating=4.5")
    assert page.link("However the seller is rated") == "/browse?q=iron"
    page = await browser.open("/browse?q=iron&offers=yes")
    assert page.link("Also at a fixed price") == "/browse?q=iron"

    page = await browser.open(f"/listings/{lamp}")
    assert "The seller takes offers." in page and "4.8 of 5 stars from 12 reviews" in page
    assert "aggregateRating" not in browser.source, "schema.org knows no rating of a person"
    assert "4.8 of 5 stars from 12 reviews" in await browser.open(f"/sellers/{anna.id}")
    await browser.open(f"/sellers/{ben.id}")
    await browser.until("No reviews yet")


async def test_a_search_by_rating_and_offers_is_saved_and_shown_again_as_it_was(running: tuple[World, Shop]) -> None:
    world, services = running
    anna, ben = await world.person("Anna"), await world.person("Ben")
    await rate(services, anna, 1, 5)
    browser = await logged_in(ben)
    address = "/browse?offers=yes&rating=4"
    await browser.open(address)
    await browser.forge("/searches", {"from": address, "name": "Good people"})
    assert "Takes offers · 4 stars or more" in browser.page
    assert browser.page.link("Show") == f"{address}&sort=newest"
    [saved] = await ben.ask("GET", "/me/searches")
    assert saved["filters"] == {"accepts_offers": True, "rating_min": "4"}
