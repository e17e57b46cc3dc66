"""A demo shop is filled once, however often its filling is interrupted, and its people have a past."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shop.audit import audit, audit_chains
from shop.cli.filling import Filling
from shop.demo import plan, state
from shop.demo.logins import MAYA
from shop.embedded import settling, shop_over
from shop.runtime import Shop
from souk.clock import SystemClock
from souk.database.embedded import EmbeddedServer, ServiceUrls
from souk.database.provision import SERVICES
from souk.http import Answer, ServiceClient
from souk.ids import new_id
from tests.conftest import drop_database, fresh_database
from tests.journeys.people import Person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LISTINGS = 30
CHEAP = {"password_memory_kib": 64, "password_passes": 1, "log_level": "ERROR"}


class Killed(BaseException):
    """As `kill -9` would: nobody catches it and nothing is tidied up."""


@pytest.fixture(autouse=True)
def a_small_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer people with fewer deals, of every kind."""
    monkeypatch.setattr(plan, "CAST_MAX", 4)
    monkeypatch.setattr("shop.cli.filling.CAST_MAX", 4)
    monkeypatch.setattr(plan, "MAYA_BUYS", plan.MAYA_BUYS[1::3])
    monkeypatch.setattr(plan, "MAYA_SELLS", plan.MAYA_SELLS[1::3])
    monkeypatch.setattr(plan, "JONAS_BUYS", plan.JONAS_BUYS[::4])
    monkeypatch.setattr(plan, "JONAS_SELLS", plan.JONAS_SELLS[::3])


@pytest.fixture(scope="module")
def told_once() -> dict[str, Any]:
    """What an uninterrupted filling comes to; the first test that needs it fills it in."""
    return {}


@asynccontextmanager
async def databases(postgres: EmbeddedServer) -> AsyncIterator[dict[str, ServiceUrls]]:
    made = {service: await fresh_database(postgres, service) for service in SERVICES}
    try:
        yield made
    finally:
        for url in made.values():
            await drop_database(postgres, url)


@asynccontextmanager
async def opened(urls: dict[str, ServiceUrls], folder: Path) -> AsyncIterator[Shop]:
    addresses = {service: url.app for service, url in urls.items()}
    async with shop_over(addresses, folder, database_pool_max=8, **CHEAP) as shop:
        yield shop


async def fill(shop: Shop, folder: Path) -> Filling:
    """What `souk demo` does."""
    entrypoint, settled = shop.entrypoint, settling(shop)
    filling = await Filling.begin(entrypoint, folder, LISTINGS, pictures=False, settled=settled)
    assert filling is not None
    await filling.run(lambda *_: None)
    await settled()
    return filling


STORIES = {
    "entrypoint": {
        "people": "SELECT email, created_at < now() - interval '50 days' FROM \"user\"",
        "roles": "SELECT role FROM user_role",
    },
    "catalogue": {
        "listings": "SELECT title, status, available, sold FROM listing",
        "watches": "SELECT listing_id::text, first_price FROM watch",
        "reports": "SELECT listing_id::text, reason FROM report",
        "searches": "SELECT name FROM saved_search",
    },
    "store": {
        "orders": "SELECT title, status, amount, refunded FROM orders",
        "reviews": "SELECT stars, words, answer FROM review",
        "offers": "SELECT listing_id::text, status, price, rounds FROM offer",
    },
    "payment": {
        "balances": "SELECT kind, balance FROM account WHERE kind IN ('wallet', 'escrow') AND version > 0",
        "transfers": "SELECT t.kind, e.amount FROM transfer t JOIN entry e ON e.transfer_id = t.id",
        "documents": "SELECT kind, about, total FROM invoice",
    },
}
"""What must be the same, whatever happened on the way."""


async def rows(shop: Shop, service: str, query: str) -> list[tuple[Any, ...]]:
    async with shop.kernel(service).database.reading() as reader:
        return sorted((tuple(row) for row in await reader.execute(text(query))), key=repr)


async def story_of(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: await rows(shop, service, query)
        for service, queries in STORIES.items()
        for name, query in queries.items()
    }


FALLING = """
    SELECT account_id FROM (
        SELECT account_id, created_at < lag(created_at) OVER (PARTITION BY account_id ORDER BY account_version) AS falls
        FROM entry JOIN transfer ON transfer.id = transfer_id WHERE account_version IS NOT NULL
    ) AS entries WHERE falls
"""
FALLING_DOCUMENTS = """
    SELECT number FROM (
        SELECT number, issued_on < lag(issued_on) OVER (PARTITION BY seller_id, kind ORDER BY position) AS falls FROM invoice
    ) AS documents WHERE falls
"""


async def check(shop: Shop) -> None:
    """Every invariant holds, the chain of blocks is whole, and times only go on."""
    assert await audit(shop.databases, patience_s=15) == []
    assert [report.summary for report in (await audit_chains(shop.databases, {})).values() if not report.sound] == []
    assert await rows(shop, "payment", FALLING) == []
    assert await rows(shop, "payment", FALLING_DOCUMENTS) == []


async def told(postgres: EmbeddedServer, folder: Path, told_once: dict[str, Any]) -> dict[str, Any]:
    if not told_once:
        async with databases(postgres) as urls, opened(urls, folder) as shop:
            filling = await fill(shop, folder)
            assert filling.left_out == 0
            told_once |= await story_of(shop)
            await check(shop)
    return told_once


@pytest.fixture
def killed_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the filling die right after so many calls that changed something were answered; 0 lets it live again."""
    send, save, left, dead = ServiceClient.send, state.save, 0, False

    async def sent(self: ServiceClient, method: str, path: str, **request: Any) -> Answer:
        nonlocal left, dead
        answer = await send(self, method, path, **request)
        if method != "GET" and left > 0:
            left -= 1
            if left == 0:
                dead = True
                raise Killed
        return answer

    def saved(folder: Path, now: state.DemoState) -> None:
        if not dead:
            save(folder, now)

    def after(calls: int) -> None:
        nonlocal left, dead
        left, dead = calls, False

    monkeypatch.setattr(ServiceClient, "send", sent)
    monkeypatch.setattr(state, "save", saved)
    return after


@pytest.mark.parametrize("calls", [2, 12, 41, 90])
async def test_a_filling_that_was_killed_is_completed_by_the_next(
    *,
    postgres: EmbeddedServer,
    urls: dict[str, ServiceUrls],
    tmp_path: Path,
    told_once: dict[str, Any],
    killed_after: Callable[[int], None],
    calls: int,
) -> None:
    expected = await told(postgres, tmp_path / "once", told_once)
    folder = tmp_path / "killed"
    killed_after(calls)
    with pytest.raises(BaseException) as death:
        async with opened(urls, folder) as shop:
            await fill(shop, folder)
    assert isinstance(death.value, Killed) or death.group_contains(Killed)
    logins = (folder / state.LOGINS_FILE).read_text()
    killed_after(0)
    async with opened(urls, folder) as shop:
        filling = await fill(shop, folder)
        assert filling.logins.text() == logins
        assert await story_of(shop) == expected
        await check(shop)
        assert await Filling.begin(shop.entrypoint, folder, LISTINGS, pictures=False, settled=None) is None


async def test_nobody_is_without_a_past(postgres: EmbeddedServer, tmp_path: Path) -> None:
    async with databases(postgres) as urls, opened(urls, tmp_path) as shop:
        before = SystemClock().now()
        await fill(shop, tmp_path)
        everybody = {row[0] for row in await rows(shop, "entrypoint", 'SELECT id FROM "user"')}
        admins = {row[0] for row in await rows(shop, "entrypoint", "SELECT user_id FROM user_role")}
        for who, table in (
            ("buyer_id", "orders"),
            ("seller_id", "orders"),
            ("buyer_id", "review"),
            ("seller_id", "review"),
        ):
            found = {row[0] for row in await rows(shop, "store", f"SELECT {who} FROM {table}")}
            assert found == everybody - admins, (who, table)
        [(first, last)] = await rows(
            shop, "payment", "SELECT min(created_at), max(created_at) FROM transfer WHERE kind <> 'issuance'"
        )
        assert before - first > timedelta(weeks=7)
        assert timedelta(0) < before - last < timedelta(days=1)
        waiting = await rows(shop, "store", "SELECT status, deadline FROM orders WHERE deadline IS NOT NULL")
        assert {status for status, _ in waiting} == {"paid", "shipped"}
        assert all(deadline > SystemClock().now() for _, deadline in waiting)
        offers = await rows(shop, "store", "SELECT status, deadline FROM offer WHERE deadline IS NOT NULL")
        assert {status for status, _ in offers} == {"open", "accepted"}
        assert all(deadline > SystemClock().now() for _, deadline in offers)
        for table in ("moderation_case WHERE waiting_since IS NOT NULL", "watch", "saved_search", "listing_day"):
            assert await rows(shop, "catalogue", f"SELECT 1 FROM {table}"), table
        assert await rows(shop, "store", "SELECT 1 FROM review_case WHERE waiting_since IS NOT NULL")


async def test_who_has_accounts_already_is_not_given_a_past(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with opened(urls, tmp_path) as shop:
        transport = httpx.ASGITransport(app=shop.entrypoint)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
            await Person(http, "Anna").register()
        filling = await fill(shop, tmp_path)
        assert not filling.state.past
        [(first,)] = await rows(shop, "payment", "SELECT min(created_at) FROM transfer")
        assert SystemClock().now() - first < timedelta(hours=1)
        await check(shop)
        assert await Filling.due(shop.entrypoint, tmp_path / "other", wanted=True, settled=settling(shop)) is None


async def test_people_may_only_look_while_the_past_is_told(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with opened(urls, tmp_path) as shop:
        settled, transport = settling(shop), httpx.ASGITransport(app=shop.entrypoint)  # type: ignore[arg-type]
        filling = await Filling.begin(shop.entrypoint, tmp_path, LISTINGS, pictures=False, settled=settled)
        assert filling is not None
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", timeout=30) as http:
            for path in ("/", "/browse"):
                page = (await http.get(path)).text
                assert "30 listings are still to come" in page
                assert "Buying and selling open" in page
            login = {"email": MAYA.email, "password": filling.logins.passwords[MAYA.email]}
            token = (await http.post("/api/v1/tokens", json=login)).json()["token"]
            headers = {"authorization": f"Bearer {token}", "idempotency-key": str(new_id())}
            money = {"amount": {"amount": 100, "currency": "EUR"}}
            refused = await http.post("/api/v1/wallet/deposits", json=money, headers=headers)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "20")
            await filling.run(lambda *_: None)
            assert (await http.post("/api/v1/wallet/deposits", json=money, headers=headers)).status_code == 201
            assert "still to come" not in (await http.get("/")).text
        await check(shop)


async def test_more_listings_can_be_added_later(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with opened(urls, tmp_path) as shop:
        await fill(shop, tmp_path)
        orders = await rows(shop, "store", "SELECT id FROM orders")
        listings = await rows(shop, "catalogue", "SELECT id FROM listing")
        more = await Filling.begin(shop.entrypoint, tmp_path, LISTINGS + 12, pictures=False, settled=None)
        assert more is not None
        await more.run(lambda *_: None)
        assert await rows(shop, "store", "SELECT id FROM orders") == orders
        there = await rows(shop, "catalogue", "SELECT id FROM listing")
        assert len(there) == len(listings) + 12
        assert set(there) > set(listings)
