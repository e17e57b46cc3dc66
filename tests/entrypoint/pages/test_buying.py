"""Buying, money and accounts through the pages of a running shop, as a browser without scripts would."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from entrypoint.accounts import accounts
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.entrypoint.pages.test_selling import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, a_picture

HOME = {"name": "Ana", "line1": "Lindenweg 7", "line2": "", "postcode": "10405", "city": "Berlin", "country": "DE"}


@pytest.fixture
async def place(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[tuple[World, Shop]]:
    async with embedded_world(urls, tmp_path) as made:
        yield made


@pytest.fixture
def world(place: tuple[World, Shop]) -> World:
    return place[0]


async def logged_in(world: World, name: str, money: int = 0) -> Browser:
    person = await world.person(name, money)
    world.http.cookies.clear()
    browser = Browser(world.http)
    await browser.open("/login")
    await browser.send("/login", {"email": person.email, "password": PASSWORD, "next": "/cart"})
    assert browser.path == "/cart"
    return browser


async def test_a_visitor_adds_registers_and_pays_once(world: World) -> None:
    seller = await world.person("Sela")
    listing = await seller.sell("Walnut stool", 3000, quantity=2)
    world.http.cookies.clear()
    browser = Browser(world.http)
    await browser.open("/login")
    await browser.send("/cart", {"listing_id": listing, "quantity": "1", "price": "3000"})
    assert browser.path == "/login"
    where = browser.value(r'name="next" value="([^"]+)"')
    await browser.open("/register")
    new = {"email": f"{uuid4().hex}@example.org", "display_name": "Ana", "country": "DE", "next": where}
    await browser.send("/register", new | {"password": "password12"})
    assert browser.status == 422
    assert 'id="password-error"' in browser.page
    await browser.send("/register", new | {"password": PASSWORD})
    assert browser.path == "/cart"
    assert "You wanted to buy this." in browser.page
    await browser.send("/cart", {"listing_id": listing, "quantity": "1", "price": "3000"})
    assert "€30.00 more is needed" in browser.page
    await browser.open("/wallet")
    key = browser.value(r'name="key" value="([^"]+)"')
    await browser.send("/wallet/deposits", {"amount": "50,00", "key": key, "next": "/checkout"})
    assert browser.path == "/checkout"
    form = HOME | {"key": browser.value(r'name="key" value="([^"]+)"'), "total": "3000"}
    await browser.send("/checkout", form | {"city": ""})
    assert browser.status == 422
    assert 'id="city-error"' in browser.page
    await browser.send("/checkout", form)
    first = browser.path
    await browser.until("It is paid")
    await browser.send("/checkout", form)
    assert browser.path == first
    await browser.open("/wallet")
    assert "€20.00" in browser.page


async def test_a_declined_purchases_form_sent_again_buys_anew_and_once(world: World) -> None:
    seller = await world.person("Sela")
    listing = await seller.sell("Tea set", 3000, quantity=5)
    browser = await logged_in(world, "Ana", money=1000)
    await browser.send("/cart", {"listing_id": listing, "quantity": "1", "price": "3000"})
    await browser.open("/checkout")
    form = HOME | {"key": browser.value(r'name="key" value="([^"]+)"'), "total": "3000"}
    await browser.send("/checkout", form)
    declined = browser.path
    await browser.until("wallet")
    await browser.open("/wallet")
    key = browser.value(r'name="key" value="([^"]+)"')
    await browser.send("/wallet/deposits", {"amount": "40", "key": key, "next": "/wallet"})
    await browser.send("/checkout", form | {"line1": "Elsewhere 5"})  # mended as well: the old key's request differs
    assert browser.path != declined and "This is a new purchase" in browser.page
    paid = browser.path
    await browser.until("It is paid")
    for again in (form, form | {"line1": "Elsewhere 5"}):
        await browser.send("/checkout", again)
        assert browser.path == paid, "a second click buys nothing more"
        assert "Idempotency" not in browser.page
    await browser.open("/wallet")
    assert "€20.00" in browser.page


async def test_changed_lines_are_mended_before_checkout(world: World) -> None:
    seller = await world.person("Sela")
    dearer, fewer = await seller.sell("Tea set", 3600), await seller.sell("Mugs", 500, quantity=6)
    browser = await logged_in(world, "Ana", 20_000)
    for listing, quantity in ((dearer, 1), (fewer, 5)):
        await browser.send("/cart", {"listing_id": listing, "quantity": str(quantity)})
    for listing, change in ((dearer, {"price": {"amount": 3900, "currency": "EUR"}}), (fewer, {"quantity": 3})):
        now = await seller.ask("GET", f"/listings/{listing}")
        headers = {"if-match": f'"{now["version"]}"'}
        await seller.ask("PATCH", f"/listings/{listing}", json=change, headers=headers)
    await browser.open("/checkout")
    assert browser.path == "/cart"
    assert "Agree to the new price" in browser.page
    await browser.send(f"/cart/lines/{dearer}/agreement", {"quantity": "1", "price": "3600"})
    assert browser.status == 409
    await browser.send(f"/cart/lines/{dearer}/agreement", {"quantity": "1", "price": "3900"})
    for quantity, words in (("none", "Enter a whole number from 1 to 999."), ("4", "Only 3 of “Mugs” can be had")):
        await browser.send(f"/cart/lines/{fewer}/agreement", {"quantity": "3", "price": "500"})
        await browser.send(f"/cart/lines/{fewer}", {"quantity": quantity})
        assert browser.status in (409, 422)
        assert words in browser.value(f'id="quantity-{fewer}-error">(.*?)</p>')
    await browser.send(f"/cart/lines/{fewer}", {"quantity": "3"})
    assert "Go to checkout" in browser.page
    await browser.send(f"/cart/lines/{fewer}/removal", {"quantity": "3"})
    assert "Put it back" in browser.page


async def test_an_order_goes_its_way_by_its_page(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Copper pan", 1250))
    order = (await buyer.check_out())["orders"][0]["id"]
    world.http.cookies.clear()
    shop = Browser(world.http)
    await shop.open("/login")
    await shop.send("/login", {"email": seller.email, "password": PASSWORD, "next": f"/orders/{order}"})
    assert "Rue de l'Étoile 7" in shop.page
    await shop.send(f"/orders/{order}/receipt", {})
    assert shop.status == 403
    assert "Only the buyer can do this" in shop.page
    await shop.send(f"/orders/{order}/shipment", {"carrier": "DHL", "tracking_code": "A1"})
    assert "DHL · A1" in shop.page
    await buyer.ask("POST", f"/orders/{order}/receipt")
    await buyer.order_when(order, "completed")
    [invoice] = await buyer.invoices_when(order, 1)
    document = await world.http.get(f"/invoices/{invoice['id']}/pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    await shop.open("/sales?status=completed")
    assert "Copper pan" in shop.page
    stranger = await logged_in(world, "Eve")
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
        world.http.cookies.clear()
        browser = Browser(world.http)
        await browser.open("/login")
        await browser.send("/login", {"email": person.email, "password": PASSWORD, "next": path})
        thumbs = browser.value(r'(?s)<td role="cell"><span class="table__item">(.*?)</td>')
        assert f'src="/pictures/{name}"' in thumbs and thumbs.count('class="picture picture--small"') == 2
        assert thumbs.count("picture__none--behind") == 1 and 'aria-label="No picture"' in thumbs
        await browser.open(f"/orders/{order['id']}")
        assert f'src="/pictures/{name}"' in browser.page
    assert (await world.http.get(f"/pictures/{name}")).status_code == 200


async def test_a_token_is_shown_once_and_can_be_revoked(world: World) -> None:
    browser = await logged_in(world, "Ana")
    await browser.open("/account")
    await browser.send("/account/tokens", {"token_name": "Script", "token_password": "wrong"})
    assert (browser.status, 'id="token_password-error"' in browser.page) == (422, True)
    await browser.send("/account/tokens", {"token_name": "Script", "token_password": PASSWORD})
    token = browser.value(r'value="(souk_[^"]+)"')
    headers = {"authorization": f"Bearer {token}"}
    assert (await world.http.get("/api/v1/wallet", headers=headers)).status_code == 200
    await browser.open("/account")
    assert token not in browser.page
    await browser.send(browser.value(r'action="(/account/tokens/[^"]+/removal)"'), {})
    assert (await world.http.get("/api/v1/wallet", headers=headers)).status_code == 401


async def test_operators_issue_money_and_nobody_else_finds_them(place: tuple[World, Shop]) -> None:
    world, shop = place
    someone, boss = await world.person("Someone"), await world.person("Boss")
    browser = await logged_in(world, "Eve")
    for path in ("/admin", "/admin/users", f"/admin/users/{someone.id}", "/admin/dead-letters"):
        await browser.open(path)
        assert browser.status == 404
    kernel = shop.kernel("entrypoint")
    async with kernel.database.transaction() as session:
        found = await accounts.find_by_email(session, boss.email)
        assert found
        await accounts.grant_role(session, found.id, "admin", by="test", now=kernel.clock.now())
    world.http.cookies.clear()
    await browser.open("/login")
    await browser.send("/login", {"email": boss.email, "password": PASSWORD, "next": "/admin"})
    assert browser.status == 200
    await browser.open(f"/admin/find?id={someone.email}")
    assert browser.path == f"/admin/users/{someone.id}"
    issue = {"amount": "25", "reason": "", "key": browser.value(r'name="key" value="([^"]+)"')}
    await browser.send(f"{browser.path}/issuances", issue)
    assert (browser.status, 'id="issue_reason-error"' in browser.page) == (422, True)
    for _ in range(2):
        await browser.send(f"/admin/users/{someone.id}/issuances", issue | {"reason": "A gift"})
    assert await someone.wallet() == (2500, 0)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_logging_in_leads_nowhere_else(world: World, target: str) -> None:
    person = await world.person("Ana")
    world.http.cookies.clear()
    browser = Browser(world.http)
    await browser.open("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token
    sent = {"csrf_token": token[1], "email": person.email, "password": PASSWORD, "next": target}
    answer = await world.http.post("/login", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
