"""What an account's owner hears of, what asks for the password again, and what ends with a log-out."""

from typing import Any

import pytest

from entrypoint.accounts import accounts, email_addresses
from entrypoint.accounts.passwords import Passwords
from entrypoint.devices import devices
from entrypoint.pages.account.account import ROUTES as ACCOUNT
from entrypoint.sessions import sessions
from entrypoint.settings import EntrypointSettings
from entrypoint.tokens import tokens
from tests.entrypoint import conftest
from tests.entrypoint.conftest import PASSWORD, Visitor, World
from tests.entrypoint.mailbox import sent

ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", ACCOUNT)


async def _proved(world: World) -> Any:
    user = await world.register()
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, user.id, world.clock.now())
    return user


async def _subjects(world: World) -> list[str]:
    return [mail.subject for mail in await sent(world)]


async def test_a_login_from_a_new_browser_is_told_once(world: World, browser: Visitor) -> None:
    await _proved(world)
    await browser.sign_in()
    assert await _subjects(world) == [], "the first one is no news"
    async with world.browser(**{"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}) as other:
        for _ in range(2):
            await other.sign_in()
        await other.submit("/t/out")
        await other.sign_in()
    await browser.sign_in()
    [mail] = await sent(world)
    assert mail.subject == "A login from a new browser" and mail.to == ADA
    assert "Firefox, Linux, from 127.0.0.1" in mail.body


async def test_a_browser_is_known_to_one_account_and_cannot_be_made_known(world: World, browser: Visitor) -> None:
    await _proved(world)
    await world.register("bob@example.org", "Bob")
    async with world.browser() as first:
        await first.sign_in()
    await browser.sign_in("bob@example.org")
    name, value = next((name, value) for name, value in browser.http.cookies.items() if "device" in name)
    async with world.database.reading() as reader:
        assert await devices.knows(reader, "bob@example.org", value)
        assert not await devices.knows(reader, ADA, value)
    await browser.sign_in()
    assert len([name for name in browser.http.cookies if "device" in name]) == 2
    assert await _subjects(world) == ["A login from a new browser"]
    async with world.browser() as planted:
        planted.http.cookies.set(name, "planted", domain="localhost.local", path="/")
        await planted.sign_in("bob@example.org")
        assert planted.http.cookies.get(name, domain="localhost.local") != "planted"


async def test_old_browsers_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await _proved(world)
    monkeypatch.setattr(devices, "DEVICES_PER_USER_MAX", 2)
    for _ in range(4):
        async with world.browser() as browser:
            await browser.sign_in()
    world.clock.advance(devices.KNOWN_FOR)
    async with world.database.transaction() as session:
        assert await devices.Sweep(world.clock)(session) == 2


async def test_changes_of_the_password_and_of_tokens_are_told(world: World, browser: Visitor) -> None:
    await _proved(world)
    await browser.sign_in()
    await browser.submit("/account/tokens", token_name="My shop", token_password=PASSWORD)
    async with world.database.reading() as reader:
        user = await accounts.find_by_email(reader, ADA)
        assert user is not None
        [token] = await tokens.list_of(reader, user.id, world.clock.now())
    await browser.submit(f"/account/tokens/{token.id}/removal")
    await browser.submit("/account/password", current_password=PASSWORD, new_password="another long sentence")
    assert await _subjects(world) == ["A new API token", "An API token ended", "Your password was changed"]
    assert "“My shop”" in (await sent(world))[0].body


async def test_nothing_is_told_to_an_address_that_may_be_somebody_elses(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    await browser.submit("/account/password", current_password=PASSWORD, new_password="another long sentence")
    assert await _subjects(world) == []


async def test_ending_sessions_takes_the_password_and_ends_tokens_too(world: World, browser: Visitor) -> None:
    user = await _proved(world)
    bearer = await world.token()
    async with world.browser() as other, world.browser() as third:
        await other.sign_in()
        await third.sign_in()
        await browser.sign_in()
        for path in ("/account/sessions/removal", f"/account/sessions/{await _session(world, third)}/removal"):
            for password in ("", "wrong"):
                refused = await browser.submit(path, session_password=password)
                assert refused.status_code == 422 and "This is not your password" in refused.text
        for who in (other, third):
            assert (await who.http.get("/t/member")).status_code == 200
        one = f"/account/sessions/{await _session(world, third)}/removal"
        assert (await browser.submit(one, session_password=PASSWORD)).status_code == 303
        assert (await third.http.get("/t/member")).status_code == 303
        assert (await other.http.get("/t/member")).status_code == 200
        await browser.submit("/account/sessions/removal", session_password=PASSWORD)
        assert (await other.http.get("/t/member")).status_code == 303
        assert (await browser.http.get("/t/member")).status_code == 200
        assert (await browser.http.get("/api/v1/me", headers=bearer)).status_code == 401
    assert (await _subjects(world))[-1] == "You were logged out elsewhere"
    assert user.email == ADA


async def _session(world: World, browser: Visitor) -> Any:
    token = browser.http.cookies["souk_session"]
    found = await sessions.find(world.database, world.parts.settings, token, world.clock.now())
    assert found is not None
    return found.session_id


async def test_a_token_keeps_the_roles_that_it_was_made_with(world: World) -> None:
    user = await world.register()
    database, now = world.database, world.clock.now()

    async def roles(bearer: dict[str, str]) -> set[str]:
        token = bearer["authorization"].removeprefix("Bearer ")
        return set((await tokens.identify(database, world.parts.remembered, token, now)).roles)

    before = await world.token()
    async with database.transaction() as session:
        await accounts.grant_role(session, user.id, "admin", by="test", now=now)
    after = await world.token()
    assert (await roles(before), await roles(after)) == (set(), {"admin"})
    async with database.transaction() as session:
        await accounts.revoke_role(session, user.id, "admin")
        await accounts.grant_role(session, user.id, "moderator", by="test", now=now)
    assert (await roles(before), await roles(after)) == (set(), set())


WEAK = [
    ("grace.hopper-and-more", "your address"),
    ("xx GRACE.Hopper@example.org", "your address"),
    ("at the Souk market", "the shop's name"),
    ("Umbrella-kettle 2024", "a year"),
    ("kettle1987umbrella", "a year"),
    ("qwertyuiop", "a common password"),
    ("!!1qwertyuiop99", "a common password"),
]


@pytest.mark.parametrize(("password", "why"), WEAK)
async def test_what_everybody_would_try_first_is_refused_also_on_change(
    world: World, browser: Visitor, password: str, why: str
) -> None:
    settings = EntrypointSettings(password_memory_kib=64, password_passes=1)
    passwords = Passwords(settings)
    assert why in str(await passwords.weakness("password", password, "grace.hopper@example.org", "Grace"))
    passwords.close()
    if why != "your address":
        await world.register()
        await browser.sign_in()
        answer = await browser.submit("/account/password", current_password=PASSWORD, new_password=password)
        assert answer.status_code == 422 and why.replace("'", "&#39;") in answer.text


@pytest.mark.parametrize("password", ["umbrella kettle 12024 fern", "canada-maple-roof-tile", PASSWORD])
async def test_what_only_looks_like_it_is_taken(password: str) -> None:
    passwords = Passwords(EntrypointSettings(password_memory_kib=64, password_passes=1))
    assert await passwords.weakness("password", password, "ada@example.org", "Ada Lovelace") is None
    passwords.close()
