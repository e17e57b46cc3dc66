"""The journey as people walk it, in Chromium: with JavaScript on a desk, without it on a phone.

With SOUK_PICTURES=folder the README's pictures are taken on the way (`make pictures`).
"""

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from shop.demo.listings import listing as demo_listing
from shop.demo.pictures import draw
from shop.demo.spec import PictureSpec
from tests.browser.conftest import DESK, PHONE, OpenShop
from tests.journeys.people import PASSWORD

pytestmark = pytest.mark.browser

GOODS = 24
SEED = 20


class Walker:
    """Somebody in front of a browser window of their own."""

    def __init__(self, page: Page, shop: OpenShop, *, scripts: bool, pictures: Path | None) -> None:
        self.page = page
        self.shop = shop
        self._scripts = scripts
        self._pictures = pictures
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def go(self, path: str) -> None:
        response = await self.page.goto(self.shop.address + path)
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"

    async def press(self, name: str | re.Pattern[str]) -> None:
        await self.page.get_by_role("main").get_by_role("button", name=name).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=True).first.fill(text)

    async def register(self, name: str) -> None:
        await self.fill("Name", name)
        await self.fill("Email", f"{name.lower()}@example.org")
        await self.fill("Password", PASSWORD)
        await self.page.get_by_label("Country").select_option("IE")
        await self.press("Open the account")

    async def look(self, name: str) -> None:
        """Nothing sticks out, assistive technology finds its way, and the page is kept as a picture if asked for."""
        await self._fits(name)
        if not self._scripts:
            return
        results = await Axe().run(self.page)
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"
        await self.page.set_viewport_size(PHONE)
        await self._fits(f"{name} on a phone")
        await self.page.set_viewport_size(DESK)
        if self._pictures is not None:
            await self.page.wait_for_timeout(300)
            await self.page.screenshot(path=self._pictures / f"{name}.png")

    async def _fits(self, name: str) -> None:
        width = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0, f"{name} is {width} px too wide"


async def _window(browser: Browser, *, desk: bool) -> BrowserContext:
    if desk:
        return await browser.new_context(viewport=DESK)
    return await browser.new_context(viewport=PHONE, java_script_enabled=False, color_scheme="dark")


@pytest.fixture(params=["desk-with-scripts", "phone-without-scripts"])
def desk(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "desk-with-scripts")


async def test_the_journey(shop: OpenShop, browser: Browser, desk: bool, tmp_path: Path) -> None:
    asked = os.environ.get("SOUK_PICTURES")
    pictures = Path(asked) if asked and desk else None
    await _stock(shop)
    picture = tmp_path / "lamp.jpg"
    picture.write_bytes(draw(PictureSpec("lamp", 3, colour="mustard")))
    anna_window, cleo_window = await _window(browser, desk=desk), await _window(browser, desk=desk)
    anna = Walker(await anna_window.new_page(), shop, scripts=desk, pictures=pictures)
    cleo = Walker(await cleo_window.new_page(), shop, scripts=desk, pictures=pictures)

    await _sell(anna, picture)
    await _find_and_fill_the_cart(cleo)
    await _pay(cleo)
    order = await _ship(anna)
    await _confirm(cleo, order)
    await _invoice(cleo, tmp_path, pictures)
    await anna.go("/wallet")
    await expect(anna.page.get_by_role("main")).to_contain_text("39.90")
    await expect(anna.page.get_by_role("main").get_by_text("€39.90").first).to_be_visible()
    assert anna.complaints == []
    assert cleo.complaints == []
    await anna_window.close()
    await cleo_window.close()


async def _stock(shop: OpenShop) -> None:
    """Other people's things, so that the shop is not empty."""
    seller = await shop.world.person("Imogen Barrow")
    for index in range(GOODS):
        item = demo_listing(SEED, index)
        await seller.sell(
            item.title, item.price, category=item.category, picture=draw(item.pictures[0], size=(800, 600))
        )


async def _sell(anna: Walker, picture: Path) -> None:
    await anna.go("/sell")
    await anna.page.get_by_role("link", name="Open an account").first.click()
    await anna.register("Anna")
    await anna.go("/sell")
    await anna.page.locator("input[type=file]").first.set_input_files(picture)
    await anna.fill("Title", "Brass reading lamp")
    await anna.page.get_by_label("Category").last.select_option("lighting")
    await anna.page.locator("input[name=condition][value=good]").check()
    await anna.page.get_by_label("Price of one").fill("42.00")
    await anna.page.get_by_label("Description", exact=True).fill("Warm light, heavy foot, new cable. From my desk.")
    await anna.look("sell")
    await anna.press("Publish")
    await expect(anna.page.get_by_role("heading", name="Brass reading lamp")).to_be_visible()


async def _find_and_fill_the_cart(cleo: Walker) -> None:
    await cleo.go("/")
    await cleo.look("home")
    await cleo.go("/browse?q=brass+lamp")
    await cleo.look("browse")
    await cleo.page.get_by_role("link", name="Brass reading lamp").first.click()
    await cleo.look("listing")
    await cleo.press("Add to cart")
    await cleo.page.get_by_role("link", name="Open an account").last.click()
    await cleo.register("Cleo")
    await cleo.press(re.compile("Put it in the cart|Add to cart|Put it"))
    await cleo.go("/browse?price_max=40&sort=price_up")
    await cleo.page.get_by_role("main").locator("a[href^='/listings/']").first.click()
    await cleo.press("Add to cart")
    await cleo.look("cart")


async def _pay(cleo: Walker) -> None:
    await cleo.go("/wallet")
    await cleo.page.get_by_label("Amount").fill("100.00")
    await cleo.press("Add money")
    await expect(cleo.page.get_by_role("main").get_by_text("€100.00").first).to_be_visible()
    await cleo.go("/checkout")
    await cleo.fill("Name", "Cleo Ó Briain")
    await cleo.fill("Street and number", "12 Fade Street")
    await cleo.page.locator("#postcode").fill("D02 X285")
    await cleo.fill("City", "Dublin")
    await cleo.page.locator("#country").select_option("IE")
    await cleo.look("checkout")
    await cleo.press(re.compile("^Pay €"))
    await expect(cleo.page).to_have_url(re.compile("/purchases/"))
    await expect(cleo.page.get_by_role("heading", name=re.compile("[Pp]aid")).first).to_be_visible(timeout=15_000)
    await cleo.look("purchase")


async def _ship(anna: Walker) -> str:
    for _ in range(50):  # the sale is told by an event
        await anna.go("/sales")
        if await anna.page.get_by_role("link", name="Brass reading lamp").count():
            break
        await asyncio.sleep(0.1)
    await anna.page.get_by_role("link", name="Brass reading lamp").first.click()
    await anna.page.get_by_label("Carrier").fill("An Post")
    await anna.page.get_by_label("Tracking code").fill("RR123456785IE")
    await anna.press("I have sent it")
    await anna.look("sale")
    return anna.page.url.split("?")[0].removeprefix(anna.shop.address)


async def _confirm(cleo: Walker, order: str) -> None:
    await cleo.go("/orders")
    await cleo.look("orders")
    await cleo.go(order)
    await cleo.look("order")
    await cleo.page.get_by_text("Confirm it arrived", exact=True).first.click()
    await cleo.press("Yes, everything arrived")
    for _ in range(50):
        await cleo.go(order)
        if await cleo.page.get_by_text("All done").count():
            break
        await asyncio.sleep(0.1)
    await expect(cleo.page.get_by_role("heading", name="All done")).to_be_visible()
    await cleo.page.goto(cleo.shop.address + "/wallet")
    await cleo.look("wallet")
    await cleo.go(order)


async def _invoice(cleo: Walker, folder: Path, pictures: Path | None) -> None:
    link = cleo.page.get_by_role("link", name=re.compile("Invoice .* \\(PDF\\)"))
    address = await link.get_attribute("href")
    response = await cleo.page.request.get(f"{cleo.shop.address}{address}")
    assert response.headers["content-type"] == "application/pdf"
    body = await response.body()
    assert body.startswith(b"%PDF")
    if pictures is not None:
        (folder / "invoice.pdf").write_bytes(body)
        command = ["pdftoppm", "-png", "-r", "80", "-singlefile", folder / "invoice.pdf", pictures / "invoice"]
        await asyncio.to_thread(subprocess.run, command, check=True)
