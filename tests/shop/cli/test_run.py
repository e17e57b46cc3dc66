"""`souk run` as a process: whatever ends it, it leaves nothing behind and the next start goes on."""

import asyncio
import os
import random
import signal
import stat
import time

import asyncpg
import httpx
import pytest

from tests.form import TOKEN
from tests.page import Page
from tests.shop.cli.running import Shop, register, until

TRANSACTIONS_PER_S_MAX = 5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_start_that_is_ended_at_any_moment_leaves_nothing_and_the_next_one_completes(
    shop: Shop, how: signal.Signals
) -> None:
    for moment in (0.3, 0.8, 1.3, random.uniform(1, 4), random.uniform(2, 6)):
        running = shop.start(wait=False)
        time.sleep(moment)
        running.end(how)
        shop.until_nothing_runs()
        assert "Traceback" not in running.said.read_text()
    last = shop.start()
    assert last.ask("/") == 200
    assert last.end(signal.SIGTERM) == 0, last.said.read_text()[-5000:]
    shop.until_nothing_runs()
    shop.audit()


def test_a_shop_that_is_killed_takes_its_drawing_processes_along_and_knows_its_forms_again(shop: Shop) -> None:
    running = shop.start()
    visitor = httpx.Client(base_url=f"http://localhost:{shop.port}", timeout=30)
    of_form = Page(visitor.get("/login").text).token
    with httpx.Client(base_url=f"http://127.0.0.1:{shop.port}/api/v1", timeout=30) as http:
        token = register(http)
        statement = http.get("/wallet/statement.pdf", headers={"authorization": f"Bearer {token}"})
        assert statement.content.startswith(b"%PDF")
    assert any("spawn_main" in str(child.cmdline()) for worker in running.spawned() for child in worker.children())
    running.end(signal.SIGKILL)
    shop.until_nothing_runs()
    restarted = shop.start()
    sent = visitor.post("/login", data={TOKEN: of_form, "email": "anna@example.org", "password": "wrong"})
    assert (sent.status_code, "Log in" in Page(sent.text).buttons) == (401, True), sent.text[:500]
    assert restarted.end(signal.SIGTERM) == 0


def test_a_database_server_that_dies_is_started_again_and_costs_no_500(shop: Shop) -> None:
    running = shop.start()
    seen = set[int]()

    def ready(status: int) -> bool:
        seen.add(running.ask("/api/v1/listings"))
        return running.ask("/health/ready") == status

    for _ in range(2):
        os.kill(int((shop.folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        until(lambda: ready(503), lambda: "nobody noticed")
        until(lambda: ready(200), lambda: "it did not come back")
    assert seen <= {200, 503}, seen
    assert running.end(signal.SIGTERM) == 0
    shop.audit()


def test_a_server_that_does_not_start_again_ends_the_shop_with_its_words(shop: Shop) -> None:
    running = shop.start()
    with (shop.folder / "postgres" / "postgresql.auto.conf").open("a") as configuration:
        configuration.write("shared_buffers = nonsense\n")
    os.kill(int((shop.folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert running.process.wait(60) == 1
    assert "nonsense" in running.said.read_text()


def test_a_second_shop_on_the_folder_is_refused_and_the_first_goes_on(shop: Shop) -> None:
    first = shop.start()
    second = shop.start(wait=False)
    assert second.process.wait(60) == 1
    assert f"runs already (process {first.process.pid})" in second.said.read_text()
    assert first.ask("/") == 200
    assert first.end(signal.SIGTERM) == 0


def test_what_a_shop_writes_is_its_owners_alone(shop: Shop) -> None:
    running = shop.start()
    assert stat.S_IMODE(shop.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((shop.folder / "souk.log").stat().st_mode) == 0o600
    open_to_others = [path for path in shop.folder.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]
    assert not open_to_others
    running.end(signal.SIGTERM)


def test_an_idle_shop_leaves_the_database_alone(shop: Shop) -> None:
    """What an idle shop costs follows from how often it looks for work. How long it has to do with its start depends on
    the machine, so it is looked at until it rests."""
    running = shop.start()
    seconds = 10

    def rests() -> bool:
        before = asyncio.run(transactions(shop))
        time.sleep(seconds)
        return (asyncio.run(transactions(shop)) - before) / seconds < TRANSACTIONS_PER_S_MAX

    until(rests, lambda: f"more than {TRANSACTIONS_PER_S_MAX} transactions a second")
    running.end(signal.SIGTERM)


async def transactions(shop: Shop) -> int:
    """How many the server has ended in all services' databases."""
    connection = await asyncpg.connect(user="postgres", database="postgres", host=str(shop.folder / "postgres"))
    query = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname LIKE 'souk_%'"
    counted: int = await connection.fetchval(query)
    await connection.close()
    return counted
