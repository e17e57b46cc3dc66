"""`souk run` with several workers, as processes; what holds between them without any is in `tests/journeys/test_workers.py`."""

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import psutil
import pytest

from souk.database.provision import SERVICES
from souk.ids import new_id
from tests.journeys.people import ADDRESS
from tests.shop.cli.running import Running, Shop, register, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PURCHASES, BUYERS = 30, 3


def instances(shop: Shop, number: int) -> set[str]:
    """Which processes answered requests as this worker, by its log."""
    lines = (shop.folder / f"souk-{number}.log").read_bytes().splitlines()
    told = [msgspec.json.decode(line) for line in lines]
    return {line["instance"] for line in told if line["event"] == "request"}


def both_serve(running: Running) -> bool:
    for _ in range(10):
        assert running.ask("/api/v1/categories") in (200, 0)
    return all((running.shop.folder / f"souk-{number}.log").exists() for number in (1, 2)) and all(
        any(instance.endswith(f":{worker.pid}") for number in (1, 2) for instance in instances(running.shop, number))
        for worker in running.spawned()
    )


def until_both_serve(running: Running) -> None:
    until(lambda: len(running.spawned()) == 2 and both_serve(running), lambda: running.said.read_text()[-3000:])


class Client:
    """Asks the public API, over a new connection each time; a connection that died with its worker is tried again."""

    def __init__(self, running: Running) -> None:
        self.base = f"http://127.0.0.1:{running.shop.port}/api/v1"
        with httpx.Client(base_url=self.base, timeout=30) as http:
            self.paid: list[str] = []
            self.headers = {"authorization": f"Bearer {register(http, f'{uuid4().hex[:12]}@example.org')}"}

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = self.headers | more.pop("headers", {})
        for _ in range(40):
            try:
                answer = httpx.request(method, self.base + path, headers=headers, timeout=30, **more)
            except httpx.TransportError:
                time.sleep(0.25)
                continue
            assert answer.status_code < 400, answer.text
            return answer.json() if answer.content else None
        raise AssertionError("nobody answers")

    def sell(self, quantity: int) -> str:
        listing = {
            "id": str(new_id()),
            "title": "Tea pot",
            "description": "A tea pot, in good order.",
            "price": {"amount": 100, "currency": "EUR"},
            "category": next(c["slug"] for c in self.ask("GET", "/categories") if c["parent"]),
            "condition": "good",
            "quantity": quantity,
        }
        self.ask("POST", "/listings", json=listing)
        self.ask("POST", f"/listings/{listing['id']}/publication")
        return str(listing["id"])

    def add_money(self, amount: int) -> None:
        headers = {"idempotency-key": str(uuid4())}
        self.ask("POST", "/wallet/deposits", json={"amount": {"amount": amount, "currency": "EUR"}}, headers=headers)

    def buy(self, listing: str, times: int) -> None:
        """Buy one of it after the other; fails if one is not paid."""
        body = {"address": ADDRESS, "item": {"listing_id": listing, "quantity": 1}}
        for _ in range(times):
            headers = {"idempotency-key": str(uuid4())}
            asked = body | {"total": {"amount": 100, "currency": "EUR"}}
            purchase = self.ask("POST", "/purchases", json=asked, headers=headers)
            while purchase["status"] in ("placed", "awaiting_payment"):
                purchase = self.ask("GET", f"/purchases/{purchase['id']}", params={"wait_ms": 2000})
            assert purchase["status"] == "paid", purchase
            self.paid.append(purchase["id"])


def test_a_worker_that_is_killed_amid_purchases_costs_nothing_and_comes_again(shop: Shop) -> None:
    running = shop.start(workers=2)
    until_both_serve(running)
    pot = Client(running).sell(PURCHASES)
    buyers = [Client(running) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.add_money(10_000)
    with ThreadPoolExecutor(BUYERS) as threads:
        bought = [threads.submit(buyer.buy, pot, PURCHASES // BUYERS) for buyer in buyers]
        until(lambda: sum(len(buyer.paid) for buyer in buyers) > PURCHASES // 5, lambda: "nobody buys")
        victim = min(running.spawned(), key=psutil.Process.create_time)
        victim.kill()
        for one in bought:
            one.result(200)
    until_both_serve(running)
    assert victim not in running.spawned()
    assert sum(len(buyer.paid) for buyer in buyers) == PURCHASES
    counted = httpx.get(f"http://127.0.0.1:{shop.port}/metrics").text
    assert f'souk_purchases_total{{outcome="paid"}} {PURCHASES}.0' in counted
    until(lambda: asyncio.run(untold(shop)) == 0, lambda: "what the dead worker had still to tell is not taken over")
    assert running.end(signal.SIGTERM) == 0, running.said.read_text()[-5000:]
    shop.until_nothing_runs()
    shop.audit()


async def untold(shop: Shop) -> int:
    """How many events wait in all outboxes."""
    waiting = 0
    for service in SERVICES:
        connection = await asyncpg.connect(
            user="postgres", database=f"souk_{service}", host=str(shop.folder / "postgres")
        )
        waiting += await connection.fetchval("SELECT count(*) FROM outbox WHERE status = 'pending'")
        await connection.close()
    return waiting


def test_ctrl_c_and_a_kill_of_the_keeper_leave_nothing(shop: Shop) -> None:
    running = shop.start(workers=2)
    until_both_serve(running)
    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal does it: to all of them
    assert running.process.wait(60) == 0
    shop.until_nothing_runs()
    assert "Traceback" not in running.said.read_text()
    running = shop.start(workers=2)
    until_both_serve(running)
    running.end(signal.SIGKILL)
    shop.until_nothing_runs()
    assert running.ask("/") == 0


def test_a_worker_that_cannot_start_ends_the_shop_with_a_word(shop: Shop) -> None:
    (shop.folder / "souk-2.log").mkdir(parents=True)
    running = shop.start(workers=2, wait=False)
    assert running.process.wait(120) == 1
    assert "\nError: worker 2 ended 5 times right after its start" in running.said.read_text()
    shop.until_nothing_runs()


def test_settings_that_no_worker_could_start_with_are_named(shop: Shop) -> None:
    shop.environment["SOUK_RENDER_PROCESSES"] = "99"
    running = shop.start(workers=2, wait=False)
    assert running.process.wait(60) == 1
    assert "SOUK_RENDER_PROCESSES" in running.said.read_text()
    assert "Traceback" not in running.said.read_text()


def test_one_worker_is_one_process(shop: Shop) -> None:
    running = shop.start(workers=1)
    assert not running.spawned()
    assert [path.name for path in shop.folder.glob("souk*.log")] == ["souk.log"]
    assert not (shop.folder / "metrics").exists()
    assert running.end(signal.SIGTERM) == 0
