"""Whom a token speaks for is remembered for seconds, and forgotten as soon as it is not so any more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from entrypoint.accounts import accounts, suspensions
from entrypoint.accounts.access import end_access
from entrypoint.sessions import remembered
from entrypoint.tokens import tokens
from souk.database import Session
from souk.events import notify
from souk.ids import new_id
from tests.entrypoint.conftest import Browser, World
from tests.statements import statements_of


@pytest.fixture
async def listening(world: World) -> AsyncIterator[World]:
    """It hears of changes."""
    listener = asyncio.create_task(world.parts.kernel.listener.run())
    await asyncio.wait_for(world.parts.kernel.listener.listening.wait(), 10)
    yield world
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)


async def _lookups(world: World, browser: Browser, bearer: dict[str, str], times: int) -> list[int]:
    """How often a token was looked up for so many requests, and how the last was answered."""
    status = 0
    with statements_of(world.parts.kernel.database) as said:
        for _ in range(times):
            status = (await browser.http.get("/api/v1/me", headers=bearer)).status_code
    return [sum("token.token_hash" in statement for statement in said), status]


async def test_a_token_is_looked_up_once_for_many_requests(
    listening: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listening.register()
    bearer = await listening.token()
    assert await _lookups(listening, browser, bearer, 5) == [1, 200]
    monkeypatch.setattr(remembered, "REMEMBERED_S", -1.0)
    other = await listening.token()
    assert await _lookups(listening, browser, other, 3) == [3, 200]


async def test_an_instance_that_cannot_hear_of_changes_remembers_nothing(world: World, browser: Browser) -> None:
    await world.register()
    assert await _lookups(world, browser, await world.token(), 3) == [3, 200]


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is notified comes too late: this instance has to know of it by itself."""
    monkeypatch.setattr(remembered, "notify", lambda *_: None)


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("way", ["revoked", "access ended", "suspended"])
async def test_who_lost_their_access_is_refused_at_once(listening: World, browser: Browser, way: str) -> None:
    user = await listening.register()
    bearer = await listening.token()
    assert await _lookups(listening, browser, bearer, 2) == [1, 200]
    now = listening.clock.now()
    async with listening.database.transaction() as session:
        if way == "revoked":
            [token] = await tokens.list_of(session, user.id, now)
            await tokens.revoke(session, user.id, token.id, now)
        elif way == "suspended":
            await suspensions.suspend(session, user.id, by="test", reason="test", now=now)
        else:
            await end_access(session, user.id)
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401


@pytest.mark.usefixtures("unheard")
async def test_a_role_that_was_taken_away_counts_no_more_at_once(listening: World, browser: Browser) -> None:
    user = await listening.register()
    async with listening.database.transaction() as session:
        await accounts.grant_role(session, user.id, "admin", by="test", now=listening.clock.now())
    bearer = await listening.token()
    assert "admin" in (await browser.http.get("/api/v1/me", headers=bearer)).json()["roles"]
    async with listening.database.transaction() as session:
        await accounts.revoke_role(session, user.id, "admin")
    identity = await tokens.identify(
        listening.database,
        listening.parts.remembered,
        bearer["authorization"].removeprefix("Bearer "),
        listening.clock.now(),
    )
    assert identity.roles == frozenset()


async def test_a_token_that_ages_is_over_although_it_is_remembered(listening: World, browser: Browser) -> None:
    await listening.register()
    bearer = await listening.token()
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 200
    listening.clock.advance(timedelta(days=listening.parts.settings.token_days + 1))
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401


async def test_other_instances_hear_of_it(listening: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it had been another process that took the access away: nothing here knows of it but by the notification."""
    user = await listening.register()
    bearer = await listening.token()
    assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 200

    def elsewhere(session: Session, user_id: object) -> None:
        notify(session, remembered.CHANNEL, str(user_id))

    monkeypatch.setattr("entrypoint.sessions.sessions.forget", elsewhere)
    async with listening.database.transaction() as session:
        await end_access(session, user.id)
    async with asyncio.timeout(remembered.REMEMBERED_S - 1):
        while (await browser.http.get("/api/v1/me", headers=bearer)).status_code != 401:  # noqa: ASYNC110 - asked as a program would
            await asyncio.sleep(0.01)


async def test_what_is_taken_away_while_it_is_looked_up_is_not_remembered(listening: World) -> None:
    user_id, key, now = new_id(), b"a hash", listening.clock.now()
    speaker = remembered.Speaker(tokens.Identity(service="entrypoint", user_id=user_id), now + timedelta(days=1))

    async def look_up() -> remembered.Speaker:
        listening.parts.remembered.forget(user_id)
        return speaker

    async def nothing() -> None:
        return None

    assert await listening.parts.remembered.speaker(key, now, look_up) == speaker
    assert await listening.parts.remembered.speaker(key, now, nothing) is None
