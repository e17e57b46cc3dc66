"""Offers in Chromium, on a desk and on a phone, light and dark. With SOUK_PICTURES=folder pictures are kept."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import OpenShop
from tests.browser.test_tools import onlooker
from tests.journeys.people import a_picture

pytestmark = pytest.mark.browser


async def test_from_a_first_price_to_the_checkout(shop: OpenShop, browser: Browser) -> None:
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben", 20_000)
    title = "Brass reading lamp with a heavy foot"
    lamp = await anna.sell(title, 4_200, 3, category="lighting", picture=a_picture(), accepts_offers=True)
    buyer, seller = [await onlooker(browser, shop) for _ in range(2)]

    await buyer.log_in(ben, "/offers")
    await buyer.reads("You have not made an offer yet")
    await buyer.look("offers-none")
    await buyer.go(f"/listings/{lamp}")
    await buyer.look("offer-listing")
    await buyer.page.get_by_role("link", name="Make an offer").click()
    await buyer.look("offer-make")
    await buyer.fill("Price of one", "43")
    await buyer.press("Send the offer")
    await buyer.reads("Name less than the asking price.")
    await buyer.look("offer-refused")
    await buyer.page.get_by_label("How many").fill("2")
    await buyer.fill("Price of one", "30.00")
    await buyer.page.get_by_role("textbox", name="Message").fill("I would take both for my desks.\nCash is ready.")
    await buyer.press("Send the offer")
    await buyer.reads("Anna has until")
    await buyer.look("offers-made")

    await seller.log_in(anna, "/offers")
    await seller.reads("Accept 2 × €30.00")
    await seller.look("offers-got")
    await seller.page.get_by_text("Decline", exact=True).first.click()
    await seller.look("offers-decline")
    await seller.page.get_by_role("link", name="Name another price").click()
    await seller.fill("Price of one", "35.00")
    await seller.look("offer-counter")
    await seller.press("Send this price")
    await seller.reads("Ben has until")

    await expect(buyer.page.get_by_role("main")).to_contain_text(
        "Accept 2 × €35.00", timeout=15_000
    )  # without a reload
    await buyer.press("Accept 2 × €35.00")
    await buyer.reads("It is not reserved")
    await buyer.look("offers-agreed")
    await buyer.go(f"/listings/{lamp}")
    await buyer.look("offer-listing-agreed")
    await buyer.go("/offers")
    await buyer.press("Buy for €70.00")
    await buyer.reads("What is in your cart stays there.")
    await buyer.reads("€35.00 agreed; asking price €42.00")
    await buyer.look("checkout-of-one-agreed")
    await buyer.go(f"/listings/{lamp}")
    await buyer.press("Add to cart")
    await buyer.reads("agreed; asking price €42.00")
    await buyer.look("cart-agreed")
    await buyer.page.get_by_role("spinbutton").fill("3")
    await buyer.page.keyboard.press("Enter")
    await buyer.reads("Take 2 for €35.00 each")
    await buyer.look("cart-agreed-not-so-many")
    await buyer.press("Take 2 for €35.00 each")
    await buyer.reads("agreed; asking price €42.00")
    await buyer.go("/checkout")
    await buyer.reads("€35.00 agreed")
    await buyer.look("checkout-agreed")
    await seller.go("/offers?role=seller")
    await seller.look("offers-got-agreed")
    assert [text for text in buyer.complaints if "status of 409" not in text] == []
    assert seller.complaints == []
