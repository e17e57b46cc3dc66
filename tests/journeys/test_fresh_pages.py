"""Pages show what is so now, though cards, words and statements are kept; and they ask little for it."""

from typing import Any
from urllib.parse import quote

from tests.browsing import Browser
from tests.calls import calls_made
from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import Person
from tests.journeys.test_money import when
from tests.journeys.test_suspension import stands
from tests.page import Page

pytestmark = IN_ONE_LOOP

CALLS_MAX = 3
"""Calls of other services that a visitor's page may make."""


async def _pages(world: World, seller: Person, listing_id: str, words: str) -> tuple[Page, Page, Page]:
    """What visitors see of a listing: in a grid, found by words, and by itself."""
    pages, browser = [], Browser(world.http)
    for path in (f"/browse?seller={seller.id}", f"/browse?q={quote(words)}", f"/listings/{listing_id}"):
        pages.append((await browser.open(path)).part("main"))
        assert browser.status == 200, browser.source
    return pages[0], pages[1], pages[2]


def _leads_to(page: Page, listing_id: str) -> bool:
    return any(f"/listings/{listing_id}" in href for href in page.leads_to)


async def test_a_change_is_seen_at_once_on_card_search_and_page(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 100_000)
    pot = await seller.sell("Celadon tea pot", 1_234, 2)
    for page in await _pages(world, seller, pot, "celadon"):
        assert "€12.34" in page
    await seller.ask("PATCH", f"/listings/{pot}", json={"price": seller.money(5_678)})
    for page in (await _pages(world, seller, pot, "celadon"))[:2]:
        assert "€56.78" in page
        assert "€12.34" not in page
    assert "€56.78" in (await _pages(world, seller, pot, "celadon"))[2]
    await seller.ask("PATCH", f"/listings/{pot}", json={"title": "Celadon <jug>"})
    card, _, alone = await _pages(world, seller, pot, "celadon")
    for page in (card, alone):
        assert "Celadon <jug>" in page
        assert "Celadon tea pot" not in page.all("a, h1")
    await buyer.put_in_cart(pot, 2)
    assert (await buyer.check_out())["status"] == "paid"
    card, found, alone = await _pages(world, seller, pot, "celadon")
    assert not _leads_to(card, pot), "what is sold is not on sale"
    assert not _leads_to(found, pot)
    assert "No longer available" in alone


async def test_what_a_suspended_seller_sells_is_gone_from_pages(world: World) -> None:
    seller = await world.person("Sela")
    pot = await seller.sell("Vermilion tea pot", 1_234)
    await _pages(world, seller, pot, "vermilion")
    await stands(world, seller, "suspend")

    async def seen() -> Any:
        card, found, _ = await _pages(world, seller, pot, "vermilion")
        return _leads_to(card, pot), _leads_to(found, pot)

    await when(seen, lambda told: told == (False, False), 30)
    await stands(world, seller, "restore")
    await when(seen, lambda told: told == (True, True), 30)


async def test_a_visitors_page_asks_other_services_little(world: World) -> None:
    seller = await world.person("Sela")
    pots = [await seller.sell(f"Indigo tea pot {number}", 1_234) for number in range(3)]
    with calls_made() as calls:
        for path in (
            "/",
            "/browse?price_min=5&sort=price_up",
            "/browse?q=indigo",
            *(f"/listings/{pot}" for pot in pots),
        ):
            where = (await world.http.get(path)).headers.get("location", path)
            calls.clear()
            assert (await world.http.get(where)).status_code == 200
            assert len(calls) <= CALLS_MAX, (path, calls)
