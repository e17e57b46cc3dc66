"""Documents' own pages in Chromium: who one is on them, billing at checkout, months; desk and phone."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import OpenShop
from tests.browser.test_money import _log_in, _sold, _walker, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser


async def test_a_seller_is_named_a_company_is_billed_and_months_are_downloaded(
    shop: OpenShop,
    browser: Browser,
    *,
    desk: bool,  # noqa: F811
) -> None:
    seller, buyer = await shop.world.person("Sela Tailor"), await shop.world.person("Ana Lindqvist", 20_000)
    order = await _sold(seller, buyer)
    await seller.invoices_when(order, 2)
    walker = await _walker(browser, shop, desk)
    await _log_in(walker, seller, "/account/legal")
    await walker.page.get_by_role("radio", name="A business").check()
    for label, text in (
        ("Street and number", "Ring 1"),
        ("Postcode", "50823"),
        ("City", "Köln"),
        ("VAT number", "DE136695977"),
    ):
        await walker.fill(label, text)
    await walker.fill("Rate in percent", "19")
    await walker.press("Save")
    await expect(walker.page.get_by_role("main")).to_contain_text("check digits are wrong")
    await walker.look("legal-refused")
    await walker.fill("VAT number", "DE136695976")
    await walker.press("Save")
    await expect(walker.page.get_by_role("main")).to_contain_text("Saved")
    await walker.look("legal")
    for path, name in (("/invoices", "invoices"), ("/invoices?role=buyer", "invoices-to-you")):
        await walker.go(path)
        await walker.look(name)
    async with walker.page.expect_download() as download:
        await walker.page.get_by_role("link", name="PDFs (ZIP)").click()
    assert (await download.value).suggested_filename.endswith("-buyer-1.zip")
    await walker.go(f"/orders/{order}")
    await expect(walker.page.get_by_role("link", name="Invoice of the fee")).to_be_visible()

    await buyer.put_in_cart(await seller.sell("Blue lamp", 2200))
    other = await _walker(browser, shop, desk)
    await _log_in(other, buyer, "/checkout")
    await other.page.get_by_label("The invoice names somebody else").check()
    await other.press("Pay €22.00")
    await expect(other.page.get_by_role("main")).to_contain_text("This is needed on the invoice.")
    await other.look("checkout-billing")
