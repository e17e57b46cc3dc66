"""Somebody looks for what is hardly there, and an operator sees what nobody sells."""

from tests.browsing import Browser
from tests.entrypoint.purchase_history.test_stuck_purchases import admin, until, world
from tests.journeys.conftest import World

__all__ = ["world"]


async def test_a_search_that_nothing_fits(world: World) -> None:
    seller = await world.person("Sela")
    await seller.sell("Brass reading lamp", 3_000)
    browser = Browser(world.http)
    await browser.open("/browse?q=reading+lamp+brass+vintage")
    assert "Not all of your words match" in browser.page
    assert "Without “vintage”" in browser.page
    await browser.open("/browse?q=redaing+lamp")
    assert "Did you mean" in browser.page
    assert "/browse?q=reading+lamp" in browser.page.leads_to
    await browser.open("/browse?q=brass")
    assert "Without" not in browser.page
    assert "your words" not in browser.page
    await browser.open("/browse?q=xylophone")
    assert "Nothing fits all of that" in browser.page
    operator = await admin(world)

    async def told() -> bool:
        await operator.open("/admin/searches")
        return "xylophone" in operator.page.all("a")

    await until(told)
    assert "/browse?q=reading+lamp+brass+vintage" in operator.page.leads_to
    assert "brass" not in operator.page.all("a")
