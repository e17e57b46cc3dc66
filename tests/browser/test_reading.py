"""Pages as people get through them by keyboard and on phones: with JavaScript on a desk, without it on a phone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.conftest import OpenShop
from tests.browser.test_journey import Walker, _window

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(params=["desk-with-scripts", "phone-without-scripts"], loop_scope="session")
async def reader(request: pytest.FixtureRequest, shop: OpenShop, browser: Browser) -> AsyncIterator[Walker]:
    desk = request.param == "desk-with-scripts"
    window = await _window(browser, desk=desk)
    yield Walker(await window.new_page(), shop, scripts=desk, pictures=None)
    await window.close()


async def test_a_form_that_comes_back_has_the_focus_on_what_is_wrong(reader: Walker) -> None:
    await reader.go("/register")
    await reader.fill("Name", "?")
    await reader.fill("Email", "ann@example.org")
    await reader.fill("Password", "password123456")
    await reader.page.get_by_label("Country").select_option("IE")
    await reader.press("Open the account")
    await expect(reader.page).to_have_title("Error: Open an account · Souk")
    summary = reader.page.get_by_role("alert").locator("..")
    await expect(summary).to_be_focused()
    await reader.look("a form that came back")
    await summary.get_by_role("link", name="Password").click()
    await expect(reader.page.get_by_label("Password", exact=True)).to_be_focused()
    told = [await reader.page.locator(f"#password-{part}").inner_text() for part in ("hint", "error")]
    await expect(reader.page.get_by_label("Password", exact=True)).to_have_accessible_description(" ".join(told))


async def test_the_keyboard_gets_past_the_filters(reader: Walker) -> None:
    seller = await reader.shop.world.person("Imogen Barrow")
    await seller.sell("Brass lamp", 4_200)
    await reader.go("/browse?q=lamp&price_max=100")
    await reader.page.keyboard.press("Tab")
    await expect(reader.page.get_by_role("link", name="Skip to content")).to_be_focused()
    await reader.page.keyboard.press("Tab")
    skip = reader.page.get_by_role("link", name="Skip to results")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport(ratio=1)
    await reader.page.keyboard.press("Enter")
    await expect(reader.page.get_by_role("heading", name="Results")).to_be_focused()
    names = []
    for _ in range(3):
        await reader.page.keyboard.press("Tab")
        names.append(await reader.page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel"))
    assert any("Brass lamp" in name for name in names), names


async def test_the_bar_of_categories_shows_that_there_is_more(reader: Walker) -> None:
    await reader.go("/browse")
    bar = reader.page.get_by_role("navigation", name="Categories", exact=True)
    scroller, every = bar.locator("ul"), bar.get_by_role("link", name="All categories")
    fades = "box => ['left', 'right'].map(side => parseFloat(getComputedStyle(box).getPropertyValue(`--fade-${side}`)))"
    assert await scroller.evaluate("box => box.scrollWidth - box.clientWidth") > 0
    assert await scroller.evaluate(fades) == [0, 40], "there is more to the right"
    await expect(every).to_be_in_viewport(ratio=1)
    last = scroller.get_by_role("link").last
    name, there = await last.inner_text(), await last.get_attribute("href")
    await expect(last).not_to_be_in_viewport()
    await reader.go(str(there))
    await expect(bar.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    await expect(bar.get_by_role("link", name=name)).to_be_in_viewport(ratio=0.9)
    await scroller.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    await reader.page.wait_for_function(
        f"() => String(({fades})(document.querySelector('.frame-categories ul'))) === '40,0'"
    )
    await reader.look("the bar of categories")
    await every.click()
    await expect(reader.page.get_by_role("navigation", name="Narrow by category")).to_be_visible()
    second = bar.get_by_role("link").nth(1)
    await reader.go(str(await second.get_attribute("href")))
    clear = "link => link.getBoundingClientRect().left - link.closest('ul').getBoundingClientRect().left"
    left, _ = await scroller.evaluate(fades)
    assert await bar.locator("[aria-current]").evaluate(clear) >= left, "the current one is no paler than the others"


async def test_registering_is_in_reach_from_everywhere(reader: Walker) -> None:
    await reader.go("/help")
    register = reader.page.get_by_role("banner").get_by_role("link", name="Register")
    await expect(register).to_be_in_viewport(ratio=1)
    await reader.go("/sell")
    await expect(reader.page.get_by_role("main")).to_contain_text("Log in to sell something.")
    await reader.look("login")
    await reader.page.get_by_role("main").get_by_role("link", name="Open an account").click()
    await expect(reader.page.get_by_role("main")).to_contain_text("Open an account to sell something.")
    await reader.register("Anna")
    await expect(reader.page).to_have_url(f"{reader.shop.address}/sell")


async def test_a_part_that_has_not_changed_stays_though_its_token_is_masked_anew(
    shop: OpenShop, browser: Browser
) -> None:
    window = await _window(browser, desk=True)
    walker = Walker(await window.new_page(), shop, scripts=True, pictures=None)
    await walker.go("/login")
    await walker.fill("Email", "half.typed@")
    stays = """async () => {
        const { refresh } = await import("/static/js/fragment.js");
        const before = document.getElementById("content");
        return [await refresh(location.href, ["content"]), before === document.getElementById("content")];
    }"""
    assert await walker.page.evaluate(stays) == [True, True]
    await window.close()
