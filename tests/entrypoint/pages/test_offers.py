"""Offers through the pages of a running shop, as a browser without scripts would."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.entrypoint.pages.test_buying import HOME
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import logged_in


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def test_an_offer_is_made_countered_accepted_and_bought(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp = await seller.sell("Brass lamp", 4200, 3, accepts_offers=True)
    browser = await logged_in(buyer, "/offers")
    assert "You have not made an offer yet" in browser.page
    await browser.open(f"/listings/{lamp}")
    await browser.follow("Make an offer")
    assert browser.path == f"/listings/{lamp}/offer"
    assert "Below €42.00, and at least a tenth of it." in browser.page
    form = browser.page.form("Send the offer").fill({"quantity": "2", "message": "For both of my desks"})
    for price, words in (
        ("", "Enter an amount"),
        ("42", "Name less than the asking price."),
        ("1", "at least a tenth"),
    ):
        await browser.send(form.fill({"price": price}))
        assert browser.status in (409, 422)
        assert words in browser.page.errors["price"]
        assert "For both of my desks" in browser.page
    for _ in range(2):
        await browser.send(form.fill({"price": "30,00"}))
        assert browser.path == "/offers"
    assert "Sela has until" in browser.page
    assert "For both of my desks" in browser.page
    await browser.open(f"/listings/{lamp}/offer")
    assert "You have an offer for this listing already." in browser.page
    [offer] = (await buyer.ask("GET", "/offers", params={"role": "buyer"}))["items"]

    browser = await logged_in(seller, "/offers")
    assert "Accept 2 × €30.00" in browser.page  # what waits for them is what they see first
    assert "Answer by" in browser.page
    await browser.open(f"/offers/{offer['id']}/counteroffer")
    for price, words in (("30", "more than the buyer offers"), ("42", "less than the asking price")):
        await browser.press("Send this price", {"price": price})
        assert (browser.status, words in browser.page.errors["price"]) == (409, True)
    await browser.press("Send this price", {"price": "35.00"})
    assert "Ana has until" in browser.page
    await browser.forge(f"/offers/{offer['id']}/acceptance", {"round": "1", "role": "seller"})
    assert "Another price was named meanwhile." in browser.page

    browser = await logged_in(buyer, "/offers")
    assert "Accept 2 × €35.00" in browser.page
    await browser.press("Accept")
    assert "It is not reserved: until you pay, others can buy it." in browser.page
    assert "Buy for €70.00" in browser.page
    await browser.open(f"/listings/{lamp}")
    assert "Buy 2 for €70.00, as agreed" in browser.page
    await browser.send(browser.page.form("agreed"))
    assert browser.path == "/cart"
    assert "agreed; asking price €42.00" in browser.page
    assert "Agreed with the seller for exactly 2" in browser.page
    await browser.press("Update", {"quantity": "3"})
    assert "You agreed on €35.00 each for exactly 2." in browser.page
    assert "Go to checkout" not in browser.page
    await browser.press("Take 2 for")
    await browser.open("/checkout")
    assert "Brass lamp: €35.00 agreed; asking price €42.00" in browser.page
    await browser.press("Pay", HOME)
    await browser.until("It is paid")
    await browser.open("/offers")
    assert "Bought." in browser.page
    assert await buyer.wallet() == (3000, 7000)
    await world.audit()


async def test_an_offer_is_declined_or_withdrawn(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    lamp, rug = [await seller.sell(title, 4200, accepts_offers=True) for title in ("Brass lamp", "Red rug")]
    await buyer.offer(lamp, 3000)
    withdrawn = await buyer.offer(rug, 3100)
    browser = await logged_in(seller, "/offers")
    await browser.press("Decline €30.00")
    assert "You declined." in browser.page
    assert "Accept €31.00" in browser.page
    browser = await logged_in(buyer, "/offers")
    assert "Sela declined." in browser.page
    await browser.press("Withdraw")
    assert "You withdrew." in browser.page
    await browser.forge(f"/offers/{withdrawn['id']}/withdrawal", {"round": "x", "role": "buyer"})
    assert "It was withdrawn." in browser.page
    await browser.open(f"/offers/{withdrawn['id']}/counteroffer")
    assert (browser.path, "No other price can be named" in browser.page) == ("/offers", True)


async def test_where_no_offers_are_taken_none_is_offered(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    firm, lamp = await seller.sell("Firm stool", 4200), await seller.sell("Brass lamp", 4200, accepts_offers=True)
    browser = await logged_in(buyer, "/offers")
    await browser.open(f"/listings/{firm}")
    assert "Make an offer" not in browser.page
    await browser.open(f"/listings/{firm}/offer")
    assert browser.path.startswith(f"/listings/{firm}-")
    await browser.forge(f"/listings/{firm}/offer", {"price": "30"})
    assert "does not take offers" in browser.page
    browser = await logged_in(seller, "/offers")
    await browser.open(f"/listings/{lamp}")
    assert "Make an offer" not in browser.page
    await browser.open("/offers?role=seller")
    assert "Nobody has made you an offer yet" in browser.page
    for path in ("/orders", "/sales", "/listings/mine"):
        await browser.open(path)
        assert [href for href in browser.page.leads_to if href.startswith("/offers?role=")]


async def test_a_stranger_finds_no_offer_and_a_visitor_logs_in(world: World) -> None:
    seller, buyer, eve = [await world.person(name) for name in ("Sela", "Ana", "Eve")]
    lamp = await seller.sell("Brass lamp", 4200, accepts_offers=True)
    offer = await buyer.offer(lamp, 3000)
    browser = await logged_in(eve, "/offers")
    assert "Brass lamp" not in browser.page
    await browser.open(f"/offers/{offer['id']}/counteroffer")
    assert browser.status == 404
    for action in ("acceptance", "refusal", "withdrawal", "counteroffer"):
        await browser.open("/offers")
        await browser.forge(f"/offers/{offer['id']}/{action}", {"round": "1", "price": "35"})
        assert browser.status == 404
    browser = Browser(world.http)
    for path in ("/offers", f"/listings/{lamp}/offer"):
        await browser.open(path)
        assert browser.path == "/login"
    await browser.open(f"/listings/{lamp}")
    assert "Make an offer" in browser.page


async def test_an_agreed_price_is_the_button_wherever_it_can_be_bought(world: World) -> None:
    """Also when the seller takes no offers any more, on phones, and when it was taken out of the cart."""
    seller, buyer, other = [await world.person(name) for name in ("Sela", "Ana", "Olga")]
    lamp = await seller.sell("Brass lamp", 4200, 3, accepts_offers=True)
    await seller.answer(await buyer.offer(lamp, 3500, 2), "acceptance")
    await seller.ask("PATCH", f"/listings/{lamp}", json={"accepts_offers": False})
    browser = await logged_in(buyer, f"/listings/{lamp}")
    assert browser.page.form("agreed").values == {"listing_id": lamp, "price": "3500", "quantity": "2"}
    assert browser.page.form("Buy 2 as agreed").action == "/buy"  # the bar on phones
    assert "Another number, for €42.00 each" in browser.page
    await browser.send(browser.page.form("agreed"))
    await browser.press("Remove Brass lamp")
    assert "Put 2 back for €70.00, as agreed" in browser.page
    assert "€42.00, as agreed" not in browser.page
    await browser.open(f"/cart?wanted={lamp}")
    assert "Add 2 to cart for €70.00, as agreed" in browser.page
    assert "Just one, for €42.00" in browser.page
    await seller.ask("PATCH", f"/listings/{lamp}", json={"price": seller.money(3400)})
    await browser.open(f"/listings/{lamp}")
    assert "as agreed" not in browser.page  # the asking price is as low by now
    await seller.ask("PATCH", f"/listings/{lamp}", json={"price": seller.money(4200)})
    browser = await logged_in(other, f"/listings/{lamp}")
    assert "as agreed" not in browser.page
    await browser.open(f"/cart?removed={lamp}&quantity=2")
    assert "Put it back" in browser.page and "as agreed" not in browser.page


async def test_a_price_of_the_form_is_never_what_is_paid(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    lamp = await seller.sell("Brass lamp", 4200, accepts_offers=True)
    browser = await logged_in(buyer, f"/listings/{lamp}")
    await browser.forge("/cart", {"listing_id": lamp, "quantity": "1", "price": "1"})
    assert "The price of “Brass lamp” has changed." in browser.page
    assert (await buyer.ask("GET", "/cart"))["lines"] == []
    await seller.answer(await buyer.offer(lamp, 3500), "acceptance")
    await browser.forge("/cart", {"listing_id": lamp, "quantity": "1", "price": "4200"})  # a page from before
    [line] = (await buyer.ask("GET", "/cart"))["lines"]
    assert (line["price_now"]["amount"], line["price_seen"]["amount"]) == (3500, 3500)
