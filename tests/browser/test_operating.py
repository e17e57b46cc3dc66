"""An admin mends a purchase that got stuck, in Chromium: on a desk and a phone, by day and by night."""

import os
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, OpenShop
from tests.browser.test_journey import Walker
from tests.browser.test_money import _log_in
from tests.browser.test_tools import grant
from tests.entrypoint.purchase_history.test_stuck_purchases import Trouble, put_off, sql, until

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def look(walker: Walker, name: str) -> None:
    """Nothing sticks out and assistive technology finds its way, whichever the size and the colours."""
    asked = os.environ.get("SOUK_PICTURES")
    for scheme in SCHEMES:
        await walker.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is caught half-way
        for size in (PHONE, DESK):
            await walker.page.set_viewport_size(size)
            if asked:
                path = Path(asked) / f"{name}-{size['width']}-{scheme}.png"
                await walker.page.screenshot(path=path, full_page=True)
            await walker._fits(f"{name}, {scheme}")
            results = await Axe().run(walker.page)
            assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"


async def test_a_stuck_purchase_is_tried_again(
    shop: OpenShop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = Trouble(monkeypatch)
    boss, seller = await shop.world.person("Boss"), await shop.world.person("Sela Tailor")
    buyer = await shop.world.person("Ana Lindqvist", 20_000)
    await grant(shop, boss, "admin")
    for title, price in (("Walnut stool with a woven seat", 3_000), ("Copper pan", 2_000)):
        await buyer.put_in_cart(await seller.sell(title, price))
    purchase = await buyer.check_out(wait=False)
    await trouble.seen(2)
    await put_off(shop.world)
    window = await browser.new_context(viewport=DESK)
    walker = Walker(await window.new_page(), shop, scripts=True, pictures=None)
    main = walker.page.get_by_role("main")
    await _log_in(walker, boss, "/admin")
    await walker.fill("Id or email address", purchase["id"])
    await walker.press("Open")
    await expect(walker.page).to_have_url(f"{shop.address}/admin/purchases/{purchase['id']}")
    await expect(main).to_contain_text("Some of it waits")
    await look(walker, "purchase-stuck")

    trouble.broken.clear()
    await main.get_by_label("Reason").fill("The payment service was mended.")
    await walker.press("Try again now")
    await expect(walker.page.get_by_role("status").first).to_contain_text("It is tried again now.")
    assert (await buyer.outcome(purchase["id"]))["status"] == "paid"
    await buyer.invoices_when(purchase["orders"][0]["id"], 1)

    async def nothing_waits() -> bool:
        await walker.page.reload()
        return await main.get_by_text("Nothing waits").count() > 0

    await until(nothing_waits)
    await look(walker, "purchase-paid")
    await main.get_by_role("link", name=purchase["orders"][0]["number"]).first.click()
    await main.get_by_role("link", name="The whole story of its purchase").click()
    await expect(walker.page).to_have_url(f"{shop.address}/admin/purchases/{purchase['id']}")
    captured = "SELECT outcome FROM capture WHERE purchase_id = $1"
    assert [row["outcome"] for row in await sql(shop.world, "payment", captured, UUID(purchase["id"]))] == ["captured"]
    assert walker.complaints == []
    await window.close()
