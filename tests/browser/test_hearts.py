"""Hearts, and buying at once, in Chromium. With SOUK_PICTURES=folder pictures are kept."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import OpenShop
from tests.browser.test_tools import onlooker
from tests.journeys.people import a_picture

pytestmark = pytest.mark.browser


async def test_a_heart_is_pressed_without_leaving_the_page(shop: OpenShop, browser: Browser) -> None:
    """It says what is so to those who hear it, is large enough for a thumb, and what is refused is told."""
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben", 9_000)
    await anna.sell("Brass reading lamp", 4_200, picture=a_picture())
    walker = await onlooker(browser, shop)
    await walker.log_in(ben, "/browse")
    await walker.look("browse-hearts")
    await walker.page.evaluate("window.stayed = true")
    heart = walker.page.get_by_role("button", name="Watch: Brass reading lamp")
    box = await heart.bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 44
    for pressed in ("true", "false", "true"):
        await heart.focus()
        async with walker.page.expect_response(lambda answer: "/watch" in answer.url and answer.status == 204):
            await walker.page.keyboard.press("Space")
        await expect(heart).to_have_attribute("aria-pressed", pressed)
    assert await walker.page.evaluate("window.stayed"), "the page was not left"
    await walker.go("/watching")
    await walker.reads("Brass reading lamp")
    await heart.click()
    await expect(heart).to_have_attribute("aria-pressed", "false")
    await walker.look("watching-one-less")
    await walker.go("/browse")
    await walker.page.context.clear_cookies()
    async with walker.page.expect_navigation():
        await heart.click()
    await walker.reads("Nothing was changed")


async def test_one_thing_is_bought_at_once(shop: OpenShop, browser: Browser) -> None:
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben", 9_000)
    lamp, rug = await anna.sell("Brass reading lamp", 4_200, 3, picture=a_picture()), await anna.sell("Red rug", 900)
    await ben.put_in_cart(rug)
    walker = await onlooker(browser, shop)
    await walker.log_in(ben, f"/listings/{lamp}")
    await walker.page.get_by_role("spinbutton").fill("2")
    await walker.press("Buy now")
    await walker.reads("What is in your cart stays there.")
    await walker.look("checkout-of-one")
    for name, text in (("Street and number", "Lindenweg 7"), ("Postcode", "75017"), ("City", "Paris")):
        await walker.page.get_by_label(name, exact=True).first.fill(text)
    await walker.press("Pay €84.00")
    await walker.reads("It is paid")
    await walker.look("bought-one")
    await walker.go("/cart")
    await walker.reads("Red rug")
