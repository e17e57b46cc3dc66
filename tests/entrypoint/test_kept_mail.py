"""The mailbox page of a shop that is tried without a mail server."""

from typing import Any

import httpx
import pytest

from entrypoint.accounts import accounts
from entrypoint.context.proof_links import ask_way_back
from tests.entrypoint.conftest import MakeWorld, World
from tests.entrypoint.mailbox import last
from tests.page import Page

COMPOSE = {"size": "compose", "amqp_url": "amqp://entrypoint:secret@broker.example/souk"}


async def _asked(world: World) -> str:
    """Ada's way back lies there; its token."""
    await world.register()
    await ask_way_back(world.parts, "ada@example.org", [], world.parts.languages.reader("", ""))
    return (await last(world, "ada@example.org")).link.partition("token=")[2]


async def _look(world: World, *, peer: str = "127.0.0.1", path: str = "/dev/mail", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=world.app, client=(peer, 40000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=world.parts.settings.public_url) as http:
        return await http.get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})


async def test_mails_lie_there_and_can_be_told_apart_by_reader(world: World) -> None:
    token = await _asked(world)
    page = Page((await _look(world)).text)
    assert "Choose a new password" in page
    assert [href for href in page.leads_to if href.endswith(f"/password/new?token={token}")]
    assert token in (await _look(world, path="/dev/mail?to=ada@example.org")).text
    assert "No mail yet" in (await _look(world, path="/dev/mail?to=bob@example.org")).text


FROM_ELSEWHERE: list[dict[str, Any]] = [
    {"peer": "192.0.2.7"},
    {"host": "rebound.example"},
    {"x_forwarded_for": "192.0.2.7"},
    {"forwarded": "for=192.0.2.7"},
]


@pytest.mark.parametrize("request_", FROM_ELSEWHERE)
async def test_it_is_for_whoever_sits_at_the_machine(world: World, request_: dict[str, Any]) -> None:
    token = await _asked(world)
    answer = await _look(world, **request_)
    assert answer.status_code == 404 and token not in answer.text


async def test_a_shop_that_others_come_to_shows_it_to_admins_only(make_world: MakeWorld) -> None:
    async with make_world(public_url="http://shop.example") as world:
        boss = await world.register()
        assert (await _look(world, host="localhost")).status_code == 404
        async with world.database.transaction() as session:
            await accounts.grant_role(session, boss.id, "admin", by="test", now=world.clock.now())
        async with world.browser() as browser:
            await browser.sign_in()
            assert (await browser.http.get("/dev/mail")).status_code == 200


@pytest.mark.parametrize("settings", [COMPOSE, {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "news@shop.example"}])
async def test_it_is_not_there_in_other_sizes_nor_beside_a_mail_server(
    make_world: MakeWorld, settings: dict[str, str]
) -> None:
    async with make_world(**settings) as world:
        boss = await world.register()
        async with world.database.transaction() as session:
            await accounts.grant_role(session, boss.id, "admin", by="test", now=world.clock.now())
        async with world.browser() as browser:
            await browser.sign_in()
            assert (await browser.http.get("/dev/mail")).status_code == 404
