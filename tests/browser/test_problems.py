"""What is wrong with an order, in Chromium, on a desk and on a phone, light and dark. SOUK_PICTURES=folder keeps pictures."""

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import OpenShop
from tests.browser.test_tools import onlooker
from tests.entrypoint.pages.test_moderating import make_moderator
from tests.journeys.people import a_picture

pytestmark = pytest.mark.browser


async def test_from_saying_so_to_the_second_decision(shop: OpenShop, browser: Browser) -> None:
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben", 20_000)
    judges = [await shop.world.person(name) for name in ("Mo", "Noor")]
    for judge in judges:
        await make_moderator(shop.world, judge)
    lamp = await anna.sell("Brass reading lamp with a heavy foot", 4_200, 3, picture=a_picture())
    await ben.put_in_cart(lamp)
    [order] = (await ben.check_out())["orders"]
    await anna.ask("POST", f"/orders/{order['id']}/shipment", json={})
    buyer, seller, desk = [await onlooker(browser, shop) for _ in range(3)]

    await buyer.log_in(ben, f"/orders/{order['id']}")
    await buyer.page.get_by_role("link", name="Something is wrong").click()
    await buyer.look("problem-open")
    await buyer.page.get_by_label("It is broken").check()
    await buyer.fill("Tell it in your words", "The foot is bent, so that it falls over.\nThe shade is fine.")
    await buyer.press("Something is wrong")
    await buyer.reads("If Anna says nothing until")
    await buyer.look("problem-opened")
    await buyer.go(f"/orders/{order['id']}")
    await buyer.look("problem-order")
    await buyer.go(f"/orders/{order['id']}/problem")

    await seller.log_in(anna, f"/orders/{order['id']}/problem")
    await seller.look("problem-seller")
    await seller.page.get_by_label("A part").check()
    await seller.page.get_by_label("Amount").fill("99")
    await seller.press("Send the proposal")
    await seller.reads("from nothing to")
    await seller.look("problem-refused")
    await seller.page.get_by_label("Amount").fill("10")
    await seller.press("Send the proposal")
    await seller.reads("Proposed: €10.00 go back to Ben")
    await buyer.reads("Proposed: €10.00 go back to Ben")  # by itself
    await buyer.look("problem-proposed")
    await buyer.page.get_by_text("Let a moderator decide", exact=True).first.click()
    await buyer.look("problem-decline")
    await buyer.press("Ask for a moderator")
    await buyer.reads("If no moderator decides until")

    await desk.log_in(judges[0], "/moderation/problems")
    await desk.look("problem-queue")
    await desk.page.get_by_role("link", name="Decide").first.click()
    await desk.look("problem-case")
    await desk.page.get_by_label("Everything").check()
    await desk.page.get_by_label("Reason").select_option("damaged")
    await desk.fill("What both sides are told", "A lamp that falls over is of no use.")
    await desk.press("Decide")
    await desk.reads("Nothing waits")
    await seller.reads("If nobody appeals until")
    await seller.look("problem-decided")
    await seller.page.get_by_text("Appeal", exact=True).first.click()
    await seller.press("Ask for another moderator")
    await seller.reads("the first decision stands")
    assert [text for text in buyer.complaints + desk.complaints if "status of" not in text] == []
