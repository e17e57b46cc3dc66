"""Safeguards of accounts and of the operators' pages, as somebody would try to get past them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, Person, logged_in

TRIES = 3


@pytest.fixture
async def place(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[tuple[World, Shop]]:
    async with embedded_world(urls, tmp_path, login_tries_max=TRIES) as made:
        yield made


@pytest.fixture
def world(place: tuple[World, Shop]) -> World:
    return place[0]


async def grant(shop: Shop, person: Person, role: str) -> None:
    async with shop.databases["entrypoint"].transaction() as session:
        await session.execute(
            text("INSERT INTO user_role (user_id, role, granted_by, granted_at) VALUES (:id, :role, 'test', now())"),
            {"id": person.id, "role": role},
        )


class Recorder:
    """Stands for the log."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **fields: Any) -> None:
        self.said.append((event, fields))


async def test_moderators_find_none_of_the_operators_pages(place: tuple[World, Shop]) -> None:
    world, shop = place
    judge = await world.person("Judge")
    await grant(shop, judge, "moderator")
    browser = await logged_in(judge)
    await browser.open("/moderation/reviews")
    assert browser.status == 200
    for page in ("/admin", "/admin/users", f"/admin/users/{judge.id}", "/admin/categories", "/admin/dead-letters"):
        await browser.open(page)
        assert browser.status == 404, page


async def test_an_admin_ends_all_of_a_users_sessions_and_it_is_noted(
    place: tuple[World, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, shop = place
    ada, boss = await world.person("Ada"), await world.person("Boss")
    await grant(shop, boss, "admin")
    log = Recorder()
    monkeypatch.setattr(shop.kernel("entrypoint"), "log", log)
    browser = await logged_in(boss, f"/admin/users/{ada.id}")
    removal = f"/admin/users/{ada.id}/sessions/removal"
    await browser.forge(removal, {"reason": ""})
    assert browser.status == 422
    assert (await ada.send("GET", "/wallet")).status_code == 200
    await browser.forge(removal, {"reason": "Lost her phone."})
    assert browser.status == 200
    assert "Lost her phone." in browser.page
    assert (await ada.send("GET", "/wallet")).status_code == 401
    told = [fields for event, fields in log.said if event == "admin action"]
    assert told == [
        {"action": "end sessions", "admin_id": boss.id, "reason": "Lost her phone.", "about_user_id": ada.id}
    ]


async def test_a_password_is_taken_to_the_letter(world: World) -> None:
    browser, email, password = Browser(world.http), f"{uuid4().hex}@example.org", f"  {PASSWORD} "
    await browser.open("/register?next=/wallet")
    new = {"email": email, "display_name": "Ada", "country": "DE", "password": password}
    await browser.press("Open the account", new)
    assert browser.path == "/wallet"
    browser = Browser(world.http)
    await browser.log_in(email, password, "/wallet")
    assert browser.path == "/wallet"
    asked = {"email": email, "password": password}
    assert (await world.http.post("/api/v1/tokens", json=asked)).status_code == 201
    browser = Browser(world.http)
    await browser.log_in(email, password.strip(), "/wallet")
    assert (browser.path, browser.status) == ("/login", 401)


async def test_guessing_the_old_password_at_its_change_ends_soon(world: World) -> None:
    browser = await logged_in(await world.person("Ada"), "/account")
    found = []
    form = browser.page.form_to("/account/password")
    form.fill({"current_password": "wrong", "new_password": "another-horse-battery-77"})
    for _ in range(TRIES + 1):
        await browser.send(form)
        found.append(browser.status)
    assert found[0] == 422 and found[-1] == 429, found


async def test_no_table_holds_a_token(place: tuple[World, Shop]) -> None:
    world, shop = place
    ada = await world.person("Ada")
    browser = await logged_in(ada)
    tokens = [ada.headers["authorization"].removeprefix("Bearer "), *browser.http.cookies.values()]
    async with shop.databases["entrypoint"].reading() as reader:
        kept = ""
        for table in ("session", "token"):
            rows = await reader.execute(text(f"SELECT t::text, encode(t.token_hash, 'escape') FROM {table} t"))
            kept += "".join(map(str, rows))
    assert kept
    assert not [token for token in tokens if token.partition(".")[0] in kept]


async def test_visitors_are_sent_to_log_in_before_a_large_form_is_read(world: World) -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b"x" * 1000

    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": "10000"}
    answer = await world.http.post("/sell", content=pieces(), headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


async def test_logging_out_clears_what_was_shown(world: World) -> None:
    browser = await logged_in(await world.person("Ada"))
    answer = await browser.post("/logout", {})
    assert (answer.status_code, answer.headers["clear-site-data"]) == (303, '"cache", "storage"')
