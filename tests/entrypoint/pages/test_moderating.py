"""Reporting, taking down, appealing and restoring through the pages, without scripts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from souk.database import Database
from souk.database.embedded import ServiceUrls
from tests.entrypoint.pages.test_watching import news
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person, logged_in
from tests.page import Page


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def make_moderator(world: World, person: Person) -> None:
    database = Database(world.urls["entrypoint"].app, service="entrypoint", pool_max=1)
    async with database.transaction() as session:
        sql = "INSERT INTO user_role (user_id, role, granted_by, granted_at) VALUES (:id, 'moderator', 'test', now())"
        await session.execute(text(sql), {"id": person.id})
    await database.close()


def happened(page: Page) -> list[str]:
    """What was done about a case, the latest first."""
    [done] = [part for part in page.parts("main section") if part.text.startswith("What was done")]
    return [deed.split()[0].rstrip(":") for deed in done.all(".todo__text")]


async def test_a_case_from_the_report_to_the_restoration(world: World) -> None:
    anna, ben, mo = [await world.person(name) for name in ("Anna", "Ben", "Mo")]
    await make_moderator(world, mo)
    lamp = await anna.sell("Brass lamp", 4_200)
    buyer = await logged_in(ben)
    await buyer.open(f"/listings/{lamp}")
    await buyer.follow("Report")
    assert buyer.path == f"/listings/{lamp}/report"
    await buyer.press("Send the report", {"text": "A copy <b>"})
    assert buyer.status == 422
    assert "Choose a reason." in buyer.page
    await buyer.press("Send the report", {"reason": "counterfeit", "text": "A copy <b>"})
    assert "A moderator looks at it." in buyer.page
    assert (await buyer.open("/moderation")) and buyer.status == 404
    assert (await buyer.open(f"/moderation/{lamp}")) and buyer.status == 404

    moderator = await logged_in(mo)
    assert "1 report" in await moderator.open("/moderation?cursor=nonsense")
    assert "A copy <b>" in await moderator.open(f"/moderation/{lamp}")
    await moderator.press("Hide it")
    assert moderator.status == 422
    await moderator.press("Hide it", {"reason": "counterfeit", "text": "Say so."})
    assert "Nothing waits" in moderator.page

    assert "It was taken off the market." in await buyer.open(f"/listings/{lamp}") and buyer.status == 410
    assert "Brass lamp" not in await buyer.open("/browse")
    refused = await ben.send("PUT", f"/cart/lines/{lamp}", json={"quantity": 1})
    assert refused.status_code == 409, refused.text

    seller = await logged_in(anna)
    [told] = await news(anna, 1)
    assert told.startswith("“Brass lamp” was taken down")
    page = await seller.open(f"/listings/{lamp}")
    assert "A moderator took it down: It is a counterfeit" in page
    assert "Say so." in page
    assert "Taken down" in await seller.open("/listings/mine?status=hidden")
    await seller.forge(f"/listings/{lamp}/appeal", {"text": ""})
    assert "Say what you changed" in seller.page
    await seller.press("Send the appeal", {"text": "It says so now."})
    assert "Your appeal is being looked at" in seller.page

    assert "It says so now." in await moderator.open(f"/moderation/{lamp}")
    await moderator.press("Restore it", {"text": "Thank you."})
    assert moderator.status == 200
    page = await moderator.open(f"/moderation/{lamp}")
    assert happened(page) == ["Restored", "Appealed", "Hidden", "Reported"]
    assert "Mo ·" in page
    assert "Brass lamp" in await buyer.open("/browse")
    await world.audit()
