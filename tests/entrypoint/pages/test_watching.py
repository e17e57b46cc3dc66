"""Watching listings and saving searches through the pages of a running shop, without scripts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.calls import calls_made
from tests.form import TOKEN
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, Person, logged_in


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def news(person: Person, count: int) -> list[str]:
    """The person's notifications, once there are so many."""
    for _ in range(100):
        items = (await person.ask("GET", "/notifications"))["items"]
        if len(items) >= count:
            break
        await asyncio.sleep(0.05)
    return [item["text"] for item in items]


async def test_watching_and_hearing_of_a_lower_price(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamp = await anna.sell("Brass lamp", 4_200)
    visitor = Browser(ben.http)
    await visitor.open(f"/listings/{lamp}")
    await visitor.press("Watch")
    assert visitor.path == "/login"
    browser = await logged_in(ben)
    assert "You watch nothing yet" in await browser.open("/watching")
    await browser.open(f"/listings/{lamp}")
    await browser.press("Watch")
    assert browser.path == f"/listings/{lamp}-brass-lamp"
    assert "Watching: stop" in browser.page
    await anna.ask("PATCH", f"/listings/{lamp}", json={"price": {"amount": 3_900, "currency": "EUR"}})
    assert await news(ben, 1) == ["“Brass lamp”, which you watch, costs €39.00 now instead of €42.00."]
    page = await browser.open("/watching?sort=ending&cursor=nonsense")
    assert "this is the first" in page
    assert "Brass lamp" in page and "€42.00" in page and "€39.00" in page
    assert "costs €39.00 now" in await browser.open("/notifications")
    await browser.forge(f"/listings/{lamp}/watch", {"act": "stop", "next": "//evil.example"})
    assert browser.path == f"/listings/{lamp}-brass-lamp"
    assert "You watch nothing yet" in await browser.open("/watching")
    await browser.forge("/listings/01890000-0000-7000-8000-000000000000/watch", {"act": "watch"})
    assert browser.status == 404


def hearts(browser: Browser, listing: str) -> list[tuple[str, str]]:
    """(what a press does, whether it is pressed) of a listing's hearts on the page, wherever its cards stand."""
    found = browser.page.tree.css(f"button[form=hearts][formaction^='/listings/{listing}/watch?at='][name=act]")
    return [(str(one.attributes["value"]), str(one.attributes["aria-pressed"])) for one in found]


async def test_a_heart_stands_on_every_card_but_ones_own(world: World) -> None:
    """Also that it comes back to the card, that nothing of it stands within the card's link, and what scripts are told."""
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamp, other = await anna.sell("Brass lamp", 4_200), await anna.sell("Brass bell", 900)
    browser = await logged_in(ben)
    for path in ("/", "/browse", f"/sellers/{anna.id}", f"/listings/{other}"):
        await browser.open(path)
        assert hearts(browser, lamp) == [("watch", "false")], path
    await browser.open("/browse?q=brass")
    assert not browser.page.has("a button")
    there = browser.page.form("hearts")["next"]
    sent = {TOKEN: browser.page.token, "act": "watch", "next": there}
    press = f"/listings/{lamp}/watch?at=card-{lamp}"
    answer = await browser.http.post(press, data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/browse?q=brass#card-{lamp}")
    for path in ("/", "/browse", "/watching", f"/listings/{other}"):
        await browser.open(path)
        assert set(hearts(browser, lamp)) == {("stop", "true")}, path
    assert hearts(browser, other) == []
    script = {"accept": "application/json"}
    stopped = await browser.http.post(press, data=sent | {"act": "stop"}, headers=script)
    assert (stopped.status_code, stopped.content) == (204, b"")
    missing = press.replace(lamp, "01890000-0000-7000-8000-000000000000")
    assert (await browser.http.post(missing, data=sent, headers=script)).status_code == 404
    assert hearts(browser, lamp) == [("stop", "true")]
    await browser.open("/browse")
    assert hearts(browser, lamp) == [("watch", "false")]
    odd = await browser.http.post(f"/listings/{lamp}/watch?at=x%22%3E", data=sent)
    assert odd.headers["location"] == there
    own = await logged_in(anna)
    await own.open("/browse")
    assert hearts(own, lamp) == []


async def test_a_visitors_heart_leads_to_the_login_and_is_then_done(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamp, bell = await anna.sell("Brass lamp", 4_200), await anna.sell("Brass bell", 900)
    visitor = Browser(ben.http)
    await visitor.open("/browse?q=brass")
    assert hearts(visitor, lamp) == [("watch", "false")]
    await visitor.press("Watch: Brass lamp")
    assert visitor.path == "/login"
    where = visitor.page.form("Log in")["next"]
    await visitor.press("Log in", {"email": ben.email, "password": PASSWORD})
    assert visitor.path == "/browse"
    assert "You are told when it becomes cheaper" in visitor.page
    assert hearts(visitor, lamp) == [("stop", "true")]
    await visitor.forge(f"/listings/{lamp}/watch", {"act": "stop"})
    await visitor.open(where)  # the address alone makes nobody watch a thing
    assert hearts(visitor, lamp) == hearts(visitor, bell) == [("watch", "false")]


async def test_a_page_asks_at_most_once_for_the_hearts_of_all_its_cards(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamps = [await anna.sell(f"Brass lamp {n}", 4_200) for n in range(4)]
    with calls_made() as asked:
        visitor = Browser(ben.http)
        for path in ("/", f"/listings/{lamps[0]}", "/"):
            await visitor.open(path)
        assert [call for call in asked if "/me/" in call] == []
        browser = await logged_in(ben)
        told_with_them = ("/browse", f"/listings/{lamps[0]}-brass-lamp-0", f"/sellers/{anna.id}")
        for path, marks in (("/", ["GET catalogue /me/watches/marks"]), *((path, []) for path in told_with_them)):
            asked.clear()
            page = await browser.open(path)
            assert [call for call in asked if "/me/" in call] == marks, path
            assert page.has("[aria-pressed=false]")


async def test_saving_a_search_and_hearing_of_what_it_finds(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    browser = await logged_in(ben)
    assert "No saved searches yet" in await browser.open("/searches")
    assert "Tell me of new ones" not in await browser.open("/browse")
    await browser.open("/browse?q=brass&price_max=50&condition=good&sort=price_up")
    await browser.press("Tell me of new ones")
    assert browser.path == "/searches"
    assert "“brass” · Up to €50.00 · Good" in browser.page
    await anna.sell("Copper lamp", 4_200)
    lamp = await anna.sell("Brass lamp", 4_200)
    assert await news(ben, 1) == ["New for your search “brass”: “Brass lamp” for €42.00."]
    told = (await ben.ask("GET", "/notifications"))["items"]
    assert [item["link"] for item in told] == [f"/listings/{lamp}"]
    assert "1 thing found in 30 days" in await browser.open("/searches")
    assert "“brass”" in await browser.follow("Show")
    await browser.open("/searches")
    await browser.press("Rename", {"name": "  "})
    assert browser.status == 422
    assert "Give the search a name." in browser.page
    await browser.press("Rename", {"name": "Lamps of brass"})
    assert "Lamps of brass" in browser.page
    await browser.press("Delete this search: Lamps of brass")
    assert "No saved searches yet" in browser.page
    for nothing in ({"from": "/browse", "name": "All"}, {"from": "/browse?q=%3F", "name": "All"}, {"from": "//x?q=a"}):
        await browser.forge("/searches", nothing)
        assert browser.status == 200
        assert "No saved searches yet" in await browser.open("/searches")


async def test_a_search_with_numbers_is_saved_and_shown_again_as_it_was(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    browser = await logged_in(ben)
    address = "/browse?category=lighting&from-power=40&to-power=60&from-height=1,5&within=7"
    await browser.open(address)
    await browser.forge("/searches", {"from": address, "name": "Lamps"})
    assert "Lighting · Height from 1.5 cm · Power from 40 to 60 W" in browser.page
    assert "what you are told of is always new" in browser.page
    body = {
        "description": "In good order.",
        "price": {"amount": 4_200, "currency": "EUR"},
        "category": "lighting",
        "condition": "good",
    }
    for power in (39, 60):
        lamp = body | {"title": f"Lamp of {power} W", "attributes": {"power": str(power), "height": "30"}}
        made = await anna.ask("POST", "/listings", json=lamp)
        await anna.ask("POST", f"/listings/{made['id']}/publication")
    assert await news(ben, 1) == ["New for your search “Lamps”: “Lamp of 60 W” for €42.00."]
    assert "Lamp of 60 W" in await browser.follow("Show")
    assert "Lamp of 39 W" not in browser.page
    assert browser.page.has("[name=from-power][value='40']")
    await browser.forge("/searches", {"from": "/browse?category=lighting&from-power=60&to-power=40", "name": "Back"})
    [back] = [part for part in browser.page.parts("main section") if "Back" in part.all("h2, h3")]
    assert "Power" not in back


async def test_sellers_see_how_a_listing_does(world: World) -> None:
    anna, ben = await world.person("Anna"), await world.person("Ben")
    lamp = await anna.sell("Brass lamp", 4_200)
    browser = await logged_in(ben)
    await browser.open(f"/listings/{lamp}")
    await browser.open(f"/listings/{lamp}/insights")
    assert browser.status == 404
    missing = "01890000-0000-7000-8000-000000000000"
    for listing, quantity, status in ((lamp, 2, 409), (missing, 1, 409), (lamp, 1, 201), (lamp, 1, 200)):
        put = await ben.send("PUT", f"/cart/lines/{listing}", json={"quantity": quantity})
        assert put.status_code == status, "only what is new in the cart counts"
    for _ in range(150):
        days = (await anna.ask("GET", f"/me/listings/{lamp}/insights"))["days"]
        if days[-1]["views"] and days[-1]["cart_adds"]:
            break
        await asyncio.sleep(0.1)
    assert (days[-1]["views"], days[-1]["cart_adds"]) == (1, 1)
    seller = await logged_in(anna)
    page = await seller.open(f"/listings/{lamp}/insights?days=7")
    assert "Views: 1" in page
    assert page.has("svg path[d^=M]")
    await seller.open(f"/listings/{lamp}")
    assert (await anna.ask("GET", f"/me/listings/{lamp}/insights"))["days"][-1]["views"] == 1
