"""Buying, money and accounts through the pages of a running shop, as a browser without scripts would."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from entrypoint.accounts import accounts
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, a_picture, logged_in

HOME = {"name": "Ana", "line1": "Lindenweg 7", "line2": "", "postcode": "10405", "city": "Berlin", "country": "DE"}


@pytest.fixture
async def place(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[tuple[World, Shop]]:
    async with embedded_world(urls, tmp_path) as made:
        yield made


@pytest.fixture
def world(place: tuple[World, Shop]) -> World:
    return place[0]


async def test_a_visitor_adds_registers_and_pays_once(world: World) -> None:
    seller = await world.person("Sela")
    listing = await seller.sell("Walnut stool", 3000, quantity=2)
    browser = Browser(world.http)
    await browser.open(f"/listings/{listing}")
    await browser.press("Add to cart")
    assert browser.path == "/login"
    await browser.follow("Open an account")
    new = {"email": f"{uuid4().hex}@example.org", "display_name": "Ana", "country": "DE"}
    await browser.press("Open the account", new | {"password": "password12"})
    assert browser.status == 422
    assert "password" in browser.page.errors
    await browser.press("Open the account", {"password": PASSWORD})
    assert browser.path == "/cart"
    assert "You wanted to buy this." in browser.page
    await browser.press("Add to cart")
    assert "€30.00 more is needed" in browser.page
    await browser.follow("Add money")
    await browser.press("Add money", {"amount": "50,00"})
    assert browser.path == "/cart"
    await browser.follow("Go to checkout")
    await browser.press("Pay", HOME | {"city": ""})
    assert browser.status == 422
    assert "city" in browser.page.errors
    form = browser.page.form("Pay").fill(HOME)
    await browser.send(form)
    first = browser.path
    await browser.until("It is paid")
    await browser.send(form)
    assert browser.path == first
    await browser.open("/wallet")
    assert "€20.00" in browser.page


async def test_a_declined_purchases_form_sent_again_buys_anew_and_once(world: World) -> None:
    seller = await world.person("Sela")
    listing = await seller.sell("Tea set", 3000, quantity=5)
    browser = await logged_in(await world.person("Ana", 1000), "/cart")
    await browser.open(f"/listings/{listing}")
    await browser.press("Add to cart")
    await browser.open("/checkout")
    first = browser.page.form_to("/checkout").fill(HOME)  # with no button while the wallet lacks money
    await browser.send(first)
    declined = browser.path
    await browser.until("wallet")
    await browser.open("/wallet")
    await browser.press("Add money", {"amount": "40"})
    mended = HOME | {"line1": "Elsewhere 5"}
    await browser.send(first.fill(mended))  # the old key's request differs
    assert browser.path != declined and "This is a new purchase" in browser.page
    paid = browser.path
    await browser.until("It is paid")
    for again in (HOME, mended):
        await browser.send(first.fill(again))
        assert browser.path == paid, "a second click buys nothing more"
        assert "Idempotency" not in browser.page
    await browser.open("/wallet")
    assert "€20.00" in browser.page


async def test_changed_lines_are_mended_before_checkout(world: World) -> None:
    seller = await world.person("Sela")
    dearer, fewer = await seller.sell("Tea set", 3600), await seller.sell("Mugs", 500, quantity=6)
    browser = await logged_in(await world.person("Ana", 20_000), "/cart")
    for listing, quantity in ((dearer, 1), (fewer, 5)):
        await browser.open(f"/listings/{listing}")
        await browser.press("Add to cart", {"quantity": str(quantity)})
    for listing, change in ((dearer, {"price": {"amount": 3900, "currency": "EUR"}}), (fewer, {"quantity": 3})):
        now = await seller.ask("GET", f"/listings/{listing}")
        headers = {"if-match": f'"{now["version"]}"'}
        await seller.ask("PATCH", f"/listings/{listing}", json=change, headers=headers)
    await browser.open("/checkout")
    assert browser.path == "/cart"
    assert "Agree to the new price" in browser.page
    await browser.forge(f"/cart/lines/{dearer}/agreement", {"quantity": "1", "price": "3600"})
    assert browser.status == 409
    await browser.press("Agree to the new price")
    for quantity, words in (("none", "Enter a whole number from 1 to 999."), ("4", "Only 3 of “Mugs” can be had")):
        await browser.forge(f"/cart/lines/{fewer}/agreement", {"quantity": "3", "price": "500"})
        await browser.press("Update", {"quantity": quantity})
        assert browser.status in (409, 422)
        assert words in browser.page.errors[f"quantity-{fewer}"]
    await browser.press("Update", {"quantity": "3"})
    assert "Go to checkout" in browser.page
    await browser.press("Remove Mugs")
    assert "Put it back" in browser.page


async def test_an_order_goes_its_way_by_its_page(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Copper pan", 1250))
    order = (await buyer.check_out())["orders"][0]["id"]
    shop = await logged_in(seller, f"/orders/{order}")
    assert "Rue de l'Étoile 7" in shop.page
    await shop.forge(f"/orders/{order}/receipt")
    assert shop.status == 403
    assert "Only the buyer can do this" in shop.page
    await shop.press("I have sent it", {"carrier": "DHL", "tracking_code": "A1"})
    assert "DHL · A1" in shop.page
    await buyer.ask("POST", f"/orders/{order}/receipt")
    await buyer.order_when(order, "completed")
    [invoice] = await buyer.invoices_when(order, 1)
    document = await shop.http.get(f"/invoices/{invoice['id']}/pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    await shop.open("/sales?status=completed")
    assert "Copper pan" in shop.page
    stranger = await logged_in(await world.person("Eve"), "/cart")
    for path in (f"/orders/{order}", f"/invoices/{invoice['id']}/pdf"):
        await stranger.open(path)
        assert stranger.status == 404


async def test_orders_and_sales_show_what_was_bought(world: World) -> None:
    """Of each line, also once the listings are gone; what has no picture, or none any more, has a sign instead."""
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    shown, bare = await seller.sell("Copper pan", 1250, picture=a_picture()), await seller.sell("Wooden spoon", 100)
    for listing in (shown, bare):
        await buyer.put_in_cart(listing)
    order = (await buyer.check_out())["orders"][0]
    await seller.ask("DELETE", f"/listings/{shown}/publication")
    [name] = [each for each in order["pictures"] if each]
    for person, path in ((buyer, "/orders"), (seller, "/sales")):
        browser = await logged_in(person, path)
        thumbs = browser.page.part("td .table__item")
        assert thumbs.has(f"img[src='/pictures/{name}']") and len(thumbs.parts(".picture--small")) == 2
        assert len(thumbs.parts(".picture__none--behind")) == 1 and "No picture" in thumbs
        await browser.open(f"/orders/{order['id']}")
        assert browser.page.has(f"img[src='/pictures/{name}']")
    assert (await world.http.get(f"/pictures/{name}")).status_code == 200


async def test_a_token_is_shown_once_and_can_be_revoked(world: World) -> None:
    browser = await logged_in(await world.person("Ana"), "/cart")
    await browser.open("/account")
    await browser.press("Make a token", {"token_name": "Script", "token_password": "wrong"})
    assert (browser.status, "token_password" in browser.page.errors) == (422, True)
    await browser.press("Make a token", {"token_password": PASSWORD})
    token = str(browser.page.tree.css("input[value^=souk_]")[0].attributes["value"])
    headers = {"authorization": f"Bearer {token}"}
    assert (await world.http.get("/api/v1/wallet", headers=headers)).status_code == 200
    await browser.open("/account")
    assert token not in browser.source
    await browser.press("Revoke the token")
    assert (await world.http.get("/api/v1/wallet", headers=headers)).status_code == 401


async def test_operators_issue_money_and_nobody_else_finds_them(place: tuple[World, Shop]) -> None:
    world, shop = place
    someone, boss = await world.person("Someone"), await world.person("Boss")
    browser = await logged_in(await world.person("Eve"), "/cart")
    for path in ("/admin", "/admin/users", f"/admin/users/{someone.id}", "/admin/dead-letters"):
        await browser.open(path)
        assert browser.status == 404
    kernel = shop.kernel("entrypoint")
    async with kernel.database.transaction() as session:
        found = await accounts.find_by_email(session, boss.email)
        assert found
        await accounts.grant_role(session, found.id, "admin", by="test", now=kernel.clock.now())
    browser = await logged_in(boss, "/admin")
    assert browser.status == 200
    await browser.open(f"/admin/find?id={someone.email}")
    assert browser.path == f"/admin/users/{someone.id}"
    issue = browser.page.form("Issue it").fill({"amount": "25"})
    await browser.send(issue)
    assert (browser.status, "issue_reason" in browser.page.errors) == (422, True)
    for _ in range(2):
        await browser.send(issue.fill({"reason": "A gift"}))
    assert await someone.wallet() == (2500, 0)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_logging_in_leads_nowhere_else(world: World, target: str) -> None:
    person = await world.person("Ana")
    browser = Browser(world.http)
    await browser.open("/login")
    answer = await browser.post("/login", {"email": person.email, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
