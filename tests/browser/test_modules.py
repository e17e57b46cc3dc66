"""What the small scripts add to pages, in Chromium: completing a search, pictures at full size, sharing, advice."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Stall
from tests.journeys.people import Person

pytestmark = pytest.mark.browser


async def _with_pictures(seller: Person, photos: list[Path]) -> str:
    """A listing whose pictures are there as AVIF too; its id."""
    lamp = await seller.sell("Brass lamp", 4200, category="lighting", picture=photos[0].read_bytes())
    files = {"pictures": ("two.jpg", photos[1].read_bytes(), "image/jpeg")}
    await seller.ask("POST", f"/listings/{lamp}/pictures", files=files)
    for _ in range(200):
        if all(picture["avif"] for picture in (await seller.ask("GET", f"/listings/{lamp}"))["pictures"]):
            return lamp
        await asyncio.sleep(0.1)
    raise AssertionError("no AVIF was made")


async def test_a_search_is_completed(stall: Stall) -> None:
    await stall.seller.sell("Brass lamp", 4200, category="lighting")
    await stall.go("/")
    box = stall.page.get_by_role("combobox", name="Search").first
    await box.press_sequentially("light")
    options = stall.page.locator(".suggestions").get_by_role("option")
    await expect(options.first).to_be_visible()
    await expect(box).to_have_attribute("aria-expanded", "true")
    await stall.look()
    await box.press("Escape")
    await expect(options.first).to_be_hidden()
    await expect(box).to_have_attribute("aria-expanded", "false")
    await box.press_sequentially("i")
    await expect(options.filter(has_text="Lighting")).to_be_visible()
    await box.press("ArrowUp")
    last = options.last
    await expect(last).to_have_attribute("aria-selected", "true")
    assert await box.get_attribute("aria-activedescendant") == await last.get_attribute("id")
    await box.press("ArrowDown")
    assert await box.get_attribute("aria-activedescendant") is None
    for _ in range(10):
        await box.press("ArrowDown")
        if await options.filter(has_text="Lighting").get_attribute("aria-selected") == "true":
            break
    await box.press("Enter")
    await expect(stall.page).to_have_url(re.compile(r"/browse\?category=lighting"))


async def test_pictures_are_seen_at_full_size(stall: Stall, photos: list[Path]) -> None:
    lamp = await _with_pictures(stall.seller, photos)
    await stall.go(f"/listings/{lamp}")
    stage = stall.page.get_by_label("Pictures of Brass lamp").first
    image = stage.locator("img").first
    await expect(image).to_have_js_property("complete", True)
    assert str(await image.evaluate("image => image.currentSrc")).endswith(".avif")
    assert await image.evaluate("image => image.naturalWidth") > 0
    assert str(await image.get_attribute("src")).endswith(".webp")
    await stage.focus()
    await stall.page.keyboard.press("Enter")
    dialog = stall.page.get_by_role("dialog")
    large = dialog.locator("img")
    await expect(large).to_have_attribute("src", re.compile(r"\.avif$"))
    await expect(large).to_have_js_property("naturalWidth", 400)
    await stall.look()
    await stall.page.keyboard.press("ArrowRight")
    await expect(large).to_have_js_property("naturalWidth", 410)
    await dialog.get_by_role("button", name="Next picture").click()
    await expect(large).to_have_js_property("naturalWidth", 400)
    await dialog.get_by_role("button", name="Previous picture").click()
    await expect(large).to_have_js_property("naturalWidth", 410)
    await stall.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(stage).to_be_focused()
    await stall.page.keyboard.press("ArrowRight")
    await stall.page.wait_for_function(
        "stage => stage.scrollLeft >= stage.clientWidth - 1", arg=await stage.element_handle()
    )
    await stage.click()
    await expect(large).to_have_js_property("naturalWidth", 410)
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()


async def test_an_address_is_shared(stall: Stall) -> None:
    lamp = await stall.seller.sell("Brass lamp", 4200)
    await stall.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await stall.page.add_init_script("delete Navigator.prototype.share")  # a device without sharing of its own
    await stall.go(f"/listings/{lamp}")
    address = await stall.page.get_by_label("Address of this page").input_value()
    assert lamp in address
    await stall.press("Share or copy")
    await expect(stall.main.get_by_role("button", name="Copied")).to_be_visible()
    assert await stall.page.evaluate("navigator.clipboard.readText()") == address

    await stall.page.evaluate("() => { Clipboard.prototype.writeText = () => Promise.reject(new Error('refused')); }")
    await stall.press("Copied")
    await expect(stall.page.get_by_label("Address of this page")).to_be_focused()
    assert await stall.page.evaluate("getSelection().toString() || document.activeElement.selectionEnd") in (
        address,
        len(address),
    )


async def test_a_form_is_advised(stall: Stall) -> None:
    for title in ("Brass lamp", "Iron lamp", "Reading lamp"):
        await stall.seller.sell(title, 4200, category="lighting")
    categories = await stall.seller.ask("GET", "/categories")
    asking = next(one for one in categories if one["attributes"])
    await stall.log_in("/sell")
    await expect(stall.page.get_by_role("button", name="Show the details of this category")).to_be_hidden()
    await stall.page.locator("#title").fill("Old lamp")
    advice = stall.page.get_by_role("button", name=re.compile("^Use: "))
    await expect(advice).to_be_visible()
    await stall.look()
    await advice.click()
    await expect(stall.page.locator("#category")).to_have_value("lighting")
    await expect(stall.page.locator("#category")).to_be_focused()
    await expect(advice).to_be_hidden()
    await stall.fill(category=asking["slug"])
    field = stall.page.locator(f"#attribute-{asking['attributes'][0]['key']}")
    await expect(field).to_be_visible()
    await stall.fill(category="")
    await expect(field).to_have_count(0)
