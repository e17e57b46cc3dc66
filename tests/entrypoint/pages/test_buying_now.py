"""Buying one listing at once, through the pages of a running shop, as a browser without scripts would."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.entrypoint.pages.test_buying import HOME
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, logged_in


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def test_one_thing_is_bought_and_the_cart_stays(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp, rug = await seller.sell("Brass lamp", 4200, 3), await seller.sell("Red rug", 1500)
    await buyer.put_in_cart(rug)
    browser = await logged_in(buyer, f"/listings/{lamp}")
    await browser.press("Buy now", {"quantity": "2"})
    assert (browser.path, "Brass lamp" in browser.page, "Red rug" in browser.page) == ("/checkout", True, False)
    assert "What is in your cart stays there." in browser.page
    assert "Pay €84.00" in browser.page
    form = browser.page.form("Pay").fill(HOME)
    kept = [form[name] for name in ("key", "total", "listing", "quantity")]
    await browser.press("Pay", HOME | {"city": ""})
    again = browser.page.form("Pay")
    assert (browser.status, [again[name] for name in ("key", "total", "listing", "quantity")]) == (422, kept)
    for _ in range(2):
        await browser.send(form)
        await browser.until("It is paid")
    assert await buyer.wallet() == (1600, 8400)
    assert [line["title"] for line in (await buyer.ask("GET", "/cart"))["lines"]] == ["Red rug"]
    await world.audit()


async def test_who_must_log_in_or_add_money_comes_back_to_it(world: World) -> None:
    seller = await world.person("Sela")
    lamp = await seller.sell("Brass lamp", 4200, 3)
    browser = Browser(world.http)
    await browser.open(f"/listings/{lamp}")
    await browser.press("Buy now")
    assert browser.path == "/login"
    new = {"email": f"{uuid4().hex}@example.org", "display_name": "Ana", "country": "DE", "password": PASSWORD}
    await browser.follow("Open an account")
    await browser.press("Open the account", new)
    assert (browser.path, "€42.00 more is needed" in browser.page) == ("/checkout", True)
    await browser.follow("Add money")
    await browser.press("Add money", {"amount": "42"})
    assert (browser.path, "Pay €42.00" in browser.page) == ("/checkout", True)
    await browser.press("Pay", HOME)
    await browser.until("It is paid")


async def test_what_changed_meanwhile_is_shown_and_asked_about(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 20_000)
    lamp = await seller.sell("Brass lamp", 4200, 3)
    browser = await logged_in(buyer, f"/checkout?listing={lamp}&quantity=2")
    await seller.ask("PATCH", f"/listings/{lamp}", json={"price": seller.money(4300)})
    await browser.press("Pay", HOME)
    assert "It now costs something else than what you agreed to." in browser.page
    assert "Pay €86.00" in browser.page
    await seller.ask("PATCH", f"/listings/{lamp}", json={"quantity": 1})
    await browser.press("Pay", HOME)
    assert browser.path.startswith(f"/listings/{lamp}-")
    assert "Only 1 of “Brass lamp” can be had, not 2. Nothing was bought." in browser.page
    await seller.ask("DELETE", f"/listings/{lamp}/publication")
    await browser.open(f"/checkout?listing={lamp}")
    assert "This listing is no longer for sale. Nothing was bought." in browser.page
    assert "Buy now" not in browser.page.buttons
    assert await buyer.wallet() == (20_000, 0)


async def test_an_agreed_price_is_bought_at_once(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp = await seller.sell("Brass lamp", 4200, 3, accepts_offers=True)
    await seller.answer(await buyer.offer(lamp, 3500, 2), "acceptance")
    browser = await logged_in(buyer, f"/listings/{lamp}")
    await browser.press("Buy 2 for €70.00, as agreed")
    assert "Pay €70.00" in browser.page
    assert "€35.00 agreed; asking price €42.00" in browser.page
    await browser.press("Pay", HOME)
    await browser.until("It is paid")
    assert await buyer.wallet() == (3000, 7000)


async def test_ones_own_things_are_not_bought(world: World) -> None:
    seller = await world.person("Sela")
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(seller, f"/listings/{lamp}")
    assert "Buy now" not in browser.page.buttons
    await browser.forge("/buy", {"listing_id": lamp, "quantity": "1"})
    assert browser.path.startswith(f"/listings/{lamp}-")
    assert "You cannot buy your own listing. Nothing was bought." in browser.page
    await browser.forge("/buy", {"listing_id": lamp, "quantity": "many"})
    assert "Enter a whole number from 1 to 999." in browser.page
