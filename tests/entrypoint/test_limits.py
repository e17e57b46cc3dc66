"""Limits count over all instances, and let go again."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import select

from entrypoint.accounts import email_addresses
from entrypoint.limits import guesses
from entrypoint.limits.guesses import FORGOTTEN_AFTER, FREE_MAX
from entrypoint.limits.limits import SLICE, Limits, Rule, Sweep, TooMany
from entrypoint.limits.tables import HitRow
from entrypoint.sessions.tables import SessionRow
from entrypoint.settings import EntrypointSettings
from entrypoint.web.client_address import SITE_TIMES, _network
from souk.clock import ManualClock
from souk.database import Database
from tests.entrypoint.conftest import PASSWORD, MakeWorld, Visitor, World
from tests.entrypoint.mailbox import sent

RULE = Rule("test", 5, timedelta(minutes=1))


async def test_two_instances_at_once_let_exactly_so_many_through(database: Database, clock: ManualClock) -> None:
    instances = [Limits(database, clock), Limits(database, clock)]
    outcomes = await asyncio.gather(*(instances[n % 2].hit((RULE, "ada")) for n in range(20)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 5
    refused = [outcome for outcome in outcomes if isinstance(outcome, TooMany)]
    assert len(refused) == 15 and all(50 <= error.fields["retry_after"] <= 60 for error in refused)
    await instances[0].hit((RULE, "bob"))


async def test_a_window_ends(database: Database, clock: ManualClock) -> None:
    limits = Limits(database, clock)
    for _ in range(5):
        await limits.hit((RULE, "ada"))
    with pytest.raises(TooMany):
        await limits.hit((RULE, "ada"))
    clock.advance(timedelta(seconds=61))
    await limits.hit((RULE, "ada"))
    clock.advance(timedelta(seconds=61))
    async with database.transaction() as session:
        assert await Sweep(clock)(session) == 1
        assert await Sweep(clock)(session) == 0


async def test_what_happens_often_asks_the_database_seldom(database: Database, clock: ManualClock) -> None:
    rule = Rule("often", 50, timedelta(minutes=1))
    limits = Limits(database, clock)
    for number in range(50):
        await limits.spend(rule, "ada")
        async with database.reading() as reader:
            counted = await reader.scalar(select(HitRow.hits))
        assert counted == SLICE * (number // SLICE + 1)
    with pytest.raises(TooMany):
        await limits.spend(rule, "ada")
    with pytest.raises(TooMany):
        await Limits(database, clock).spend(rule, "ada")
    clock.advance(timedelta(seconds=61))
    await limits.spend(rule, "ada")


async def test_addresses_are_not_kept(database: Database, clock: ManualClock) -> None:
    await Limits(database, clock).hit((RULE, "ada@example.org 10.0.0.1"))
    async with database.reading() as reader:
        assert len((await reader.scalar(select(HitRow.subject))) or b"") == 32


async def test_guessing_a_password_ends_soon(make_world: MakeWorld) -> None:
    async with make_world(login_tries_max=3) as world, world.browser() as browser:
        await world.register()
        await world.register("bob@example.org", "Bob")
        statuses = [(await browser.sign_in(password="wrong")).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        late = await browser.sign_in()
        assert late.status_code == 429 and 0 < int(late.headers["retry-after"]) <= 900
        login = {"email": "ada@example.org", "password": PASSWORD}
        answer = await browser.http.post("/api/v1/tokens", json=login)
        assert answer.status_code == 429 and answer.json()["type"].endswith("/too-many")
        assert int(answer.headers["retry-after"]) > 1
        assert (await browser.sign_in("bob@example.org")).status_code == 303, "others can still log in"
        world.clock.advance(timedelta(minutes=16))
        assert (await browser.sign_in()).status_code == 303


async def test_one_place_cannot_try_all_accounts(make_world: MakeWorld) -> None:
    async with make_world(login_tries_per_place_max=3) as world, world.browser() as browser:
        statuses = [(await browser.sign_in(f"user{n}@example.org")).status_code for n in range(4)]
        assert statuses == [401, 401, 401, 429]


async def test_registrations_and_api_requests_are_limited(make_world: MakeWorld) -> None:
    async with (
        make_world(registrations_per_place_max=2, api_requests_per_minute=10) as world,
        world.browser() as browser,
    ):
        new = {"password": PASSWORD, "display_name": "Ada", "country": "GB"}
        statuses = [
            (await browser.http.post("/api/v1/users", json=new | {"email": f"u{n}@example.org"})).status_code
            for n in range(3)
        ]
        assert statuses == [201, 201, 429]
        statuses = [(await browser.http.get("/api/v1/listings")).status_code for _ in range(9)]
        assert statuses == [201] * 7 + [429] * 2


async def test_pictures_come_to_an_end(make_world: MakeWorld) -> None:
    async with make_world(uploads_per_user_max=2) as world, world.browser() as browser:
        await world.register()
        await world.register("bob@example.org", "Bob")
        ada, bob = await world.token(), await world.token("bob@example.org")
        path = "/api/v1/listings/7/pictures"
        statuses = [(await browser.http.post(path, content=b"x", headers=ada)).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]
        assert len(world.peers["catalogue"].seen) == 2
        assert (await browser.http.post(path, content=b"x", headers=bob)).status_code == 201


@pytest.mark.parametrize(
    ("proxies", "place"),
    [
        ("", "127.0.0.1"),
        ("10.0.0.1", "127.0.0.1"),
        ("no-such-host.invalid", "127.0.0.1"),
        ("127.0.0.1", "9.9.9.9"),
        ("localhost", "9.9.9.9"),
        ("127.0.0.0/8, 9.9.9.9", "8.8.8.8"),
        ("127.0.0.1,9.9.9.9,8.0.0.0/8", "1.1.1.1"),
    ],
)
async def test_only_the_proxies_that_are_named_are_believed(make_world: MakeWorld, proxies: str, place: str) -> None:
    async with make_world(trusted_proxies=proxies) as world, world.browser() as browser:
        await world.register()
        browser.http.headers["x-forwarded-for"] = "1.1.1.1, 8.8.8.8, 9.9.9.9"
        await browser.sign_in()
        async with world.database.reading() as reader:
            assert await reader.scalar(select(SessionRow.place)) == place


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("nonsense", "127.0.0.1"),
        ("1.1.1.1, nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("9.9.9.9:80", "9.9.9.9"),
    ],
)
async def test_what_a_proxy_says_is_taken_as_an_address_or_not_at_all(
    make_world: MakeWorld, said: str, place: str
) -> None:
    async with make_world(trusted_proxies="127.0.0.1") as world, world.browser() as browser:
        await world.register()
        browser.http.headers["x-forwarded-for"] = said
        await browser.sign_in()
        async with world.database.reading() as reader:
            assert await reader.scalar(select(SessionRow.place)) == place


def test_a_number_of_proxies_is_refused() -> None:
    with pytest.raises(ValidationError, match="names the proxies"):
        EntrypointSettings(trusted_proxies="1")


async def _guess(world: World, number: int, email: str = "ada@example.org", **form: str) -> httpx.Response:
    """A try from a place and a browser of its own."""
    transport = httpx.ASGITransport(app=world.app, client=(f"192.0.2.{number}", 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=world.parts.settings.public_url) as http:
        return await Visitor(http).sign_in(email, form.get("password", "wrong"))


async def test_guessing_from_many_places_has_to_wait_and_its_owner_hears_of_it_once(world: World) -> None:
    user = await world.register()
    async with world.database.transaction() as session:
        await email_addresses.vouch(session, user.id, world.clock.now())
    async with world.browser() as own:
        await own.sign_in()
        statuses = [(await _guess(world, number)).status_code for number in range(FREE_MAX + 2)]
        assert statuses == [401] * (FREE_MAX + 1) + [429]
        right = await _guess(world, 99, password=PASSWORD)
        assert right.status_code == 429, "not even the right one, from a browser that nobody knows"
        assert (await own.sign_in()).status_code == 303, "the owner's browser is known"
        waits = []
        for number in range(12):
            world.clock.advance(timedelta(seconds=waits[-1] if waits else 2))
            assert (await _guess(world, 100 + number)).status_code == 401
            waits.append(int((await _guess(world, 120 + number)).headers["retry-after"]))
        assert waits == [4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert [mail.subject for mail in await sent(world)] == ["Somebody tries passwords for your account"]
    world.clock.advance(timedelta(seconds=900))
    assert (await _guess(world, 99, password=PASSWORD)).status_code == 303
    assert (await _guess(world, 98)).status_code == 401, "what was wrong before is forgotten"
    world.clock.advance(FORGOTTEN_AFTER)
    async with world.database.transaction() as session:
        assert await guesses.Sweep(world.clock)(session) == 1


async def test_who_is_not_known_waits_as_well(world: World) -> None:
    statuses = [(await _guess(world, number, "bob@example.org")).status_code for number in range(FREE_MAX + 2)]
    assert statuses == [401] * (FREE_MAX + 1) + [429]
    assert await sent(world) == []


async def test_many_guesses_at_once_are_counted_one_by_one(database: Database, clock: ManualClock) -> None:
    instances = [guesses.Guesses(database, clock), guesses.Guesses(database, clock)]
    outcomes = await asyncio.gather(
        *(instances[number % 2].count("ada") for number in range(FREE_MAX + 10)), return_exceptions=True
    )
    counted = sorted(outcome for outcome in outcomes if isinstance(outcome, int))
    assert counted == list(range(1, FREE_MAX + 2))
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) == 9


async def test_a_whole_site_of_ipv6_has_a_limit_too(make_world: MakeWorld) -> None:
    async with make_world(login_tries_per_place_max=2) as world:
        statuses = []
        for household in range(2 * SITE_TIMES + 1):
            transport = httpx.ASGITransport(app=world.app, client=(f"2001:db8:1:{household}::9", 1))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=world.parts.settings.public_url) as http:
                statuses.append((await Visitor(http).sign_in(f"u{household}@example.org")).status_code)
        assert statuses == [401] * 2 * SITE_TIMES + [429]


def test_a_household_is_one_place() -> None:
    assert _network("2001:db8:1:2:3:4:5:6") == _network("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert _network("::ffff:10.0.0.1") == "10.0.0.1" and _network("not an address") == "not an address"


async def test_the_browser_is_told_in_words(make_world: MakeWorld) -> None:
    async with make_world(login_tries_max=0) as world, world.browser() as browser:
        answer = await browser.sign_in()
        assert answer.status_code == 429 and "Too many tries" in answer.text
