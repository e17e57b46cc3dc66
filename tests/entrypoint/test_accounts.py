"""Opening accounts, proving them, changing them, roles."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from entrypoint.accounts import accounts
from entrypoint.accounts.accounts import NewUser, UserChanges, WrongCredentials
from entrypoint.accounts.passwords import Passwords
from entrypoint.accounts.tables import UserRow
from entrypoint.settings import EntrypointSettings
from souk.errors import InvalidInput, NotFound, Unavailable
from souk.events.envelope import unseal
from souk.ids import new_id
from tests.entrypoint.conftest import PASSWORD, MakeWorld, World

CHEAP: dict[str, Any] = {"password_memory_kib": 64, "password_passes": 1}


async def _events(world: World) -> list[Any]:
    async with world.database.reading() as reader:
        bodies = await reader.scalars(text("SELECT body FROM outbox ORDER BY id"))
        return [(event.envelope.souksequence, event.event) for event in map(unseal, bodies)]


async def _authenticate(world: World, email: str, password: str) -> Any:
    return await accounts.authenticate(world.database, world.parts.passwords, email, password)


async def test_an_account_is_opened_and_told_of(world: World) -> None:
    user = await world.register("  Ada@Example.org ", "  Ada   Lovelace ")
    assert (user.email, user.display_name, user.roles) == ("Ada@Example.org", "Ada Lovelace", [])
    [(sequence, event)] = await _events(world)
    assert (sequence, event.user_id, event.display_name, event.country) == (1, user.id, "Ada Lovelace", "GB")
    async with world.database.reading() as reader:
        assert await accounts.find_by_email(reader, "ADA@EXAMPLE.ORG") == user
        assert await accounts.find_by_email(reader, "bob@example.org") is None
        stored = await reader.scalar(select(UserRow.password_hash))
        assert stored.startswith("$argon2id$") and PASSWORD not in stored


async def test_others_are_told_how_a_user_reads(world: World) -> None:
    new = {"email": "a@example.org", "password": PASSWORD, "display_name": "Ada", "country": "AT"}
    async with world.browser(**{"accept-language": "nl, de-AT;q=0.9, en;q=0.5"}) as browser:
        assert (await browser.http.post("/api/v1/users", json=new)).status_code == 201
        headers = await world.token("a@example.org") | {"accept-language": "pl"}
        changed = await browser.http.patch("/api/v1/me", json={"display_name": "Ada L"}, headers=headers)
        assert changed.status_code == 200, changed.text
    assert [event.language for _, event in await _events(world)] == ["de-AT", "pl"]


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@EXAMPLE.ORG", " ada@EXAMPLE.org "])
async def test_an_address_has_one_account(world: World, email: str) -> None:
    await world.register()
    with pytest.raises(InvalidInput) as refused:
        await world.register(email)
    assert refused.value.fields["errors"][0]["field"] == "email"
    assert len(await _events(world)) == 1


async def test_two_at_once_make_one_account(world: World) -> None:
    tries = await asyncio.gather(*(world.register() for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, InvalidInput) for outcome in tries) == 5
    async with world.database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(UserRow)) == 1


BAD = [
    ("email", "no address"),
    ("email", "a@b"),
    ("email", "a@b.c\x00"),
    ("email", "a" * 250 + "@example.org"),
    ("display_name", "x"),
    ("display_name", " " * 10),
    ("display_name", "x" * 61),
    ("display_name", "evil\u202egnihton"),
    ("display_name", "nul\x00l"),
    ("country", "XX"),
    ("country", "gb"),
    ("country", "EU"),
    ("password", "short"),
    ("password", "x" * 129),
    ("password", "password123"),
    ("password", "ada@example.org"),
]


async def test_bad_input_names_its_field(world: World) -> None:
    good = {"email": "ada@example.org", "display_name": "Ada", "country": "GB", "password": PASSWORD}
    for field, value in BAD:
        with pytest.raises(InvalidInput) as refused:
            async with world.database.transaction() as session:
                new = NewUser(**good | {field: value})
                await accounts.register(session, world.parts.passwords, new, world.clock.now())
        assert [error["field"] for error in refused.value.fields["errors"]] == [field]


async def test_all_wrong_fields_are_named_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with world.database.transaction() as session:
            new = NewUser(email="x", display_name="", country="", password="")
            await accounts.register(session, world.parts.passwords, new, world.clock.now())
    assert [e["field"] for e in refused.value.fields["errors"]] == ["email", "display_name", "country", "password"]


async def test_only_the_right_password_proves_the_account(world: World) -> None:
    user = await world.register()
    assert await _authenticate(world, " ADA@example.org", PASSWORD) == user.id
    messages = set()
    for email, password in (("ada@example.org", "wrong"), ("bob@example.org", PASSWORD), ("", ""), ("x", "y" * 9999)):
        with pytest.raises(WrongCredentials) as refused:
            await _authenticate(world, email, password)
        messages.add(refused.value.message)
    assert len(messages) == 1, "nobody learns which of the two was wrong"


async def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    hasher = world.parts.passwords._hasher
    real = type(hasher).verify
    monkeypatch.setattr(type(hasher), "verify", lambda self, *a: (verified.append(a), real(self, *a))[1])
    with pytest.raises(WrongCredentials):
        await _authenticate(world, "bob@example.org", PASSWORD)
    assert len(verified) == 1


async def test_an_old_hash_is_made_anew_at_login(world: World) -> None:
    user = await world.register()
    old = await Passwords(EntrypointSettings(password_memory_kib=32, password_passes=1)).hash(PASSWORD)
    async with world.database.transaction() as session:
        await session.execute(update(UserRow).values(password_hash=old))
    assert await _authenticate(world, "ada@example.org", PASSWORD) == user.id
    async with world.database.reading() as reader:
        renewed = await reader.scalar(select(UserRow.password_hash))
    assert renewed != old and "m=64,t=1,p=1" in renewed
    assert await _authenticate(world, "ada@example.org", PASSWORD) == user.id


async def test_changes_are_told_once_and_numbered(world: World) -> None:
    user = await world.register()
    for _ in range(2):
        async with world.database.transaction() as session:
            changed, news = await accounts.change(session, user.id, UserChanges(display_name="Countess"))
            world.parts.kernel.outbox.emit(session, *news)
    assert (changed.display_name, changed.country) == ("Countess", "GB")
    events = await _events(world)
    assert [sequence for sequence, _ in events] == [1, 2]
    for changes in (UserChanges(display_name="x"), UserChanges(country="XX")):
        with pytest.raises(InvalidInput):
            async with world.database.transaction() as session:
                await accounts.change(session, user.id, changes)


async def test_a_role_is_granted_once_and_taken_back(world: World) -> None:
    user = await world.register()
    async with world.database.transaction() as session:
        for _ in range(2):
            await accounts.grant_role(session, user.id, "admin", by="test", now=world.clock.now())
        assert (await accounts.get(session, user.id)).roles == ["admin"]
        await accounts.revoke_role(session, user.id, "admin")
        assert (await accounts.get(session, user.id)).roles == []
        with pytest.raises(NotFound):
            await accounts.grant_role(session, new_id(), "admin", by="test", now=world.clock.now())


async def test_passwords_beyond_the_queue_are_put_off() -> None:
    passwords = Passwords(EntrypointSettings(**CHEAP, password_workers=1, password_queue_max=2))
    outcomes = await asyncio.gather(*(passwords.hash("x") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 3
    assert await passwords.matches("x", await passwords.hash("x"))
    passwords.close()


async def test_the_default_cost_is_owasps() -> None:
    passwords = Passwords(EntrypointSettings())
    assert (await passwords.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    passwords.close()


async def test_registration_can_be_closed(make_world: MakeWorld) -> None:
    async with make_world(registration_open=False) as world, world.browser() as browser:
        new = {"email": "a@example.org", "password": PASSWORD, "display_name": "Ada", "country": "GB"}
        answer = await browser.http.post("/api/v1/users", json=new)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/registration-closed")
