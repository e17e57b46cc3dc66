"""Money's own pages in Chromium: sending, statement, refunds, frozen wallets; with scripts on a desk, without on a phone."""

import asyncio
import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from entrypoint.accounts import accounts
from tests.browser.conftest import OpenShop
from tests.browser.test_journey import Walker, _window
from tests.journeys.people import PASSWORD, Person

pytestmark = pytest.mark.browser


@pytest.fixture(params=["desk-with-scripts", "phone-without-scripts"])
def desk(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "desk-with-scripts")


async def _sold(seller: Person, buyer: Person) -> str:
    """A completed order of two lines."""
    for title, price, quantity in (("Copper pan", 2000, 2), ("Wooden spoons, a set of six", 450, 3)):
        await buyer.put_in_cart(await seller.sell(title, price, quantity), quantity)
    order = (await buyer.check_out())["orders"][0]["id"]
    await seller.ask("POST", f"/orders/{order}/shipment", json={"carrier": "DHL"})
    await buyer.ask("POST", f"/orders/{order}/receipt")
    await buyer.order_when(order, "completed")
    return str(order)


async def _log_in(walker: Walker, person: Person, after: str) -> None:
    await walker.go(f"/login?next={after}")
    await walker.fill("Email", person.email)
    await walker.fill("Password", PASSWORD)
    await walker.press("Log in")
    await expect(walker.page).to_have_url(re.compile(after.split("?", maxsplit=1)[0]))


async def _walker(browser: Browser, shop: OpenShop, desk: bool) -> Walker:
    asked = os.environ.get("SOUK_PICTURES")
    window = await _window(browser, desk=desk)
    return Walker(await window.new_page(), shop, scripts=desk, pictures=Path(asked) if asked else None)


async def test_money_is_sent_refunded_and_listed(shop: OpenShop, browser: Browser, desk: bool) -> None:
    seller, buyer = await shop.world.person("Sela Tailor"), await shop.world.person("Ana Lindqvist", 20_000)
    await shop.world.proves(buyer)
    order = await _sold(seller, buyer)
    walker = await _walker(browser, shop, desk)
    await _log_in(walker, seller, "/wallet")
    await walker.go("/wallet/send")
    await walker.fill("Email address of their account", "nobody")
    await walker.page.get_by_label("Amount").fill("48,00")
    await walker.press("Go on")
    await expect(walker.page.get_by_role("main")).to_contain_text("Enter the email address of whom you send it to")
    await walker.look("send")
    await walker.fill("Email address of their account", buyer.email)
    await walker.page.get_by_label("Note").fill("for the tickets")
    await walker.press("Go on")
    await expect(walker.page.get_by_role("main")).to_contain_text("Ana Lindqvist")
    await walker.look("send-confirm")
    await walker.press(re.compile("^Send €"))
    await expect(walker.page).to_have_url(re.compile("/wallet$"))

    await walker.go(f"/orders/{order}")
    await walker.look("order-to-refund")
    await walker.page.get_by_role("link", name="Refund").first.click()
    await walker.look("refund")
    await walker.press("Go on")
    await expect(walker.page.get_by_role("main")).to_contain_text("Say how many or how much")
    await walker.page.get_by_label("Units to refund").first.fill("1")
    await walker.page.get_by_label("Amount").last.fill("1.50")
    await walker.page.get_by_label("Reason").fill("One pan came with a dent.")
    await walker.press("Go on")
    await expect(walker.page.get_by_role("main")).to_contain_text("€21.50")
    await walker.look("refund-confirm")
    await walker.press(re.compile("^Refund €"))
    for _ in range(100):
        if (await seller.ask("GET", "/wallet"))["owed"]["amount"]:
            break
        await asyncio.sleep(0.1)
    await walker.go(f"/orders/{order}")
    await expect(walker.page.get_by_role("main")).to_contain_text("One pan came with a dent.")
    await walker.look("order-refunded")
    await walker.go("/wallet")
    await expect(walker.page.get_by_role("main")).to_contain_text("You owe")
    await walker.look("wallet-owing")
    await walker.go("/wallet/statement")
    await expect(walker.page.get_by_role("main")).to_contain_text("for the tickets")
    await walker.look("statement")
    await walker.go("/wallet/statement?from=2020-01-01&to=2020-01-31")
    await walker.look("statement-empty")
    for kind, begins in (("csv", b"\xef\xbb\xbftime,"), ("pdf", b"%PDF")):
        answer = await walker.page.request.get(f"{shop.address}/wallet/statement.{kind}")
        assert (await answer.body()).startswith(begins)
    assert [text for text in walker.complaints if "status of 422" not in text] == []
    await walker.page.context.close()


async def test_an_operator_freezes_a_wallet_and_its_user_sees_it(shop: OpenShop, browser: Browser, desk: bool) -> None:
    boss, user = await shop.world.person("Boss"), await shop.world.person("Ana Lindqvist", 5000)
    seller = await shop.world.person("Sela Tailor")
    kernel = shop.services.kernel("entrypoint")
    async with kernel.database.transaction() as session:
        found = await accounts.find_by_email(session, boss.email)
        assert found
        await accounts.grant_role(session, found.id, "admin", by="test", now=kernel.clock.now())
    walker = await _walker(browser, shop, desk)
    await _log_in(walker, boss, f"/admin/users/{user.id}")
    await walker.page.get_by_label("Closed").check()
    await walker.page.locator("#wallet_reason").fill("Asked for it")
    await walker.press("Decide")
    await expect(walker.page.get_by_role("main")).to_contain_text("Only an empty wallet can be closed")
    await walker.page.get_by_label("Frozen").check()
    await walker.page.locator("#wallet_reason").fill("A card that was not theirs")
    await walker.press("Decide")
    await expect(walker.page.get_by_role("main")).to_contain_text("A card that was not theirs")
    await walker.look("admin-wallet")
    await walker.page.context.close()
    reader = await _walker(browser, shop, desk)
    await user.put_in_cart(await seller.sell("Copper pan", 2000))
    await _log_in(reader, user, "/wallet")
    await expect(reader.page.get_by_role("main")).to_contain_text("Your wallet is frozen")
    await reader.look("wallet-frozen")
    await reader.go("/checkout")
    await expect(reader.page.get_by_role("main")).to_contain_text("Your wallet is frozen")
    await reader.look("checkout-frozen")
    await reader.go("/wallet/send")
    await reader.look("send-frozen")
    await reader.go("/proof")
    await reader.look("proof")
    await reader.page.context.close()
