"""A running shop that is watched as in compose: by a real Prometheus, with the exporters that this machine has."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import aio_pika
import asyncpg
import httpx
import yaml

from souk.contracts.payment.events import PaymentCaptured
from souk.events import Consumer
from souk.events.envelope import seal
from souk.events.rabbitmq import declare_all, queue_name
from souk.ids import new_id
from souk.money import Money
from tests.broker import find_broker
from tests.journeys.conftest import CHEAP
from tests.journeys.people import Person
from tests.monitoring.receivers import Alertmanager, alerting
from tests.monitoring.waiting import wait_until
from tests.ports import free_port
from tests.services import apt_install

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "monitoring/prometheus"
BLACKBOX = ROOT / "monitoring/blackbox/blackbox.yml"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
PACKAGES = {
    "prometheus": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "prometheus-postgres-exporter": "prometheus-postgres-exporter",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "prometheus-alertmanager": "prometheus-alertmanager",
}
HOW_TO_GET_PROMETHEUS = "install Debian's packages " + ", ".join(PACKAGES.values())
CONSUMER = Consumer("store.seen")
SETTLE_S = 6


def find_prometheus() -> bool:
    """Whether Prometheus and its exporters are here; installs them where that is allowed."""
    return all(shutil.which(command) or apt_install(package) for command, package in PACKAGES.items())


@dataclass(frozen=True)
class Seen:
    """The shop and what watches it."""

    prometheus: httpx.Client
    shop: str
    folder: Path
    jobs: frozenset[str]
    """Scrape jobs of the real configuration that something answers here."""
    order_id: str
    alerting: Alertmanager
    fresh: str
    """The metrics before anybody asked for anything."""

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log lines the shop has written."""
        return [json.loads(line) for line in (self.folder / "souk.log").read_text().splitlines()]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What Prometheus answers now; fails the test if it cannot run the query."""
        answer = self.prometheus.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", answer.get("error")
        return list(answer["data"]["result"])


@contextmanager
def watched_shop(folder: Path) -> Iterator[Seen]:
    """Start everything, go through a few journeys, and wait until Prometheus has seen them."""
    running: list[subprocess.Popen[bytes]] = []
    namespace = f"souk.test-{uuid4().hex[:10]}"
    sink = _span_sink()
    targets: dict[str, list[str]] = {}
    port = free_port()
    shop = f"http://127.0.0.1:{port}"
    told = ExitStack()
    try:
        manager = told.enter_context(alerting(folder))
        otlp = f"http://127.0.0.1:{sink.server_port}/v1/traces"
        running.append(_start_shop(folder, port, otlp))
        wait_until(lambda: httpx.get(f"{shop}/health/ready", timeout=2).status_code == 200, "the shop")
        fresh = httpx.get(f"{shop}/metrics").text
        targets = {"entrypoint": [f"127.0.0.1:{port}"]} | _start_exporters(folder, running)
        targets["probes"] = [f"{shop}/", f"{shop}/health/ready", f"{shop}/nothing/here"]
        broker = find_broker(folder / "rabbitmq")
        if broker and broker.metrics_url:
            targets |= {"rabbitmq": [broker.metrics_url], "rabbitmq-queues": [broker.metrics_url]}
            asyncio.run(_with_queues(broker.amqp_url, namespace))
        prometheus = httpx.Client(
            base_url=f"http://127.0.0.1:{_start_prometheus(folder, targets, manager.url, running)}", timeout=10
        )
        wait_until(lambda: prometheus.get("/-/ready").status_code == 200, "Prometheus")
        asyncio.run(_journeys(shop))
        time.sleep(SETTLE_S)  # so that what comes now is an increase over what was scraped
        order_id = asyncio.run(_journeys(shop))
        asyncio.run(_trouble(_socket_folder(folder)))
        time.sleep(SETTLE_S)
        yield Seen(prometheus, shop, folder, frozenset(targets), order_id, manager, fresh)
    finally:
        for process in reversed(running):
            process.terminate()
        for process in reversed(running):
            process.wait(30)
        told.close()
        sink.shutdown()


def _start_shop(folder: Path, port: int, otlp: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "SOUK_DATA_DIR": str(folder),
        "SOUK_PORT": str(port),
        "SOUK_OTLP_ENDPOINT": otlp,
        "SOUK_LOG_LEVEL": "INFO",
        **{f"SOUK_{name.upper()}": str(value) for name, value in CHEAP.items()},
    }
    command = [sys.executable, "-m", "shop", "run", "--no-demo", "--workers", "1"]  # several keep no exemplars
    return subprocess.Popen(
        command, env=environment, stdout=(folder / "stdout").open("wb"), stderr=(folder / "stderr").open("wb")
    )


def _start_exporters(folder: Path, running: list[subprocess.Popen[bytes]]) -> dict[str, list[str]]:
    node, postgres = free_port(), free_port()
    place = _socket_folder(folder)
    database = {"DATA_SOURCE_NAME": f"host={place} user=postgres dbname=postgres sslmode=disable"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{node}"]
    running.append(subprocess.Popen(command, **quiet))
    command = ["prometheus-postgres-exporter", f"--web.listen-address=127.0.0.1:{postgres}"]
    running.append(subprocess.Popen(command, env=os.environ | database, **quiet))
    return {"node": [f"127.0.0.1:{node}"], "postgres": [f"127.0.0.1:{postgres}"]}


async def _with_queues(amqp_url: str, namespace: str) -> None:
    """One consumer's queues as a service makes them, and one message through them."""
    await declare_all(amqp_url, [CONSUMER], namespace)
    connection = await aio_pika.connect(amqp_url, timeout=10)
    async with connection:
        channel = await connection.channel()
        name = queue_name(namespace, CONSUMER.name)
        await channel.default_exchange.publish(aio_pika.Message(b"seen"), name)
        await (await (await channel.get_queue(name)).get()).ack()


def _start_prometheus(
    folder: Path, targets: dict[str, list[str]], alertmanager: str, running: list[subprocess.Popen[bytes]]
) -> int:
    """Prometheus with the real configuration, but with the addresses of this machine and in more of a hurry."""
    blackbox = free_port()
    command = [
        "prometheus-blackbox-exporter",
        f"--config.file={BLACKBOX}",
        f"--web.listen-address=127.0.0.1:{blackbox}",
    ]
    running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    text = (PROMETHEUS / "prometheus.yml").read_text()
    real = yaml.safe_load(text.replace("blackbox-exporter:9115", f"127.0.0.1:{blackbox}"))
    scraped = []
    for job in real["scrape_configs"]:
        if job["job_name"] in targets:
            kept = {key: value for key, value in job.items() if not key.endswith(("_sd_configs", "_interval"))}
            scraped.append(kept | {"static_configs": [{"targets": targets[job["job_name"]]}]})
    hurried = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [_hurried(path, folder) for path in RULES] + [f"{folder}/written/prometheus/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]},
        "scrape_configs": scraped,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(hurried))
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        "--rules.alert.resend-delay=1s",  # its first alerts come before it has found Alertmanager
    ]
    log = (folder / "prometheus.log").open("wb")
    running.append(subprocess.Popen(command, stdout=log, stderr=log))
    return port


def _hurried(rules: Path, folder: Path) -> str:
    """The same rules without their patience."""
    hurried = folder / rules.name
    hurried.write_text(re.sub(r"(?m)^( +for:) .+$", r"\1 1s", rules.read_text()))
    return str(hurried)


async def _journeys(shop: str) -> str:
    """What fills every figure: sales, a refund, a decline, refusals; gives an order that was completed."""
    async with httpx.AsyncClient(base_url=shop, timeout=30, follow_redirects=True) as http:
        anna, cleo = await Person(http, "Anna").register(), await Person(http, "Cleo").register()
        await cleo.add_money(50_000)
        lamp = await anna.sell("Brass reading lamp", 4_200, quantity=3)
        rug = await anna.sell("Red rug", 90_000)
        assert (await http.get("/")).status_code == 200
        assert (await http.get(f"/listings/{lamp}")).status_code == 200
        assert (await http.get("/nothing/here")).status_code == 404
        await cleo.put_in_cart(lamp)
        paid = (await cleo.check_out())["orders"][0]["id"]
        await anna.ask("POST", f"/orders/{paid}/shipment", json={"carrier": "Post", "tracking_code": "RR1"})
        await cleo.ask("POST", f"/orders/{paid}/receipt")
        await cleo.order_when(paid, "completed")
        await cleo.invoices_when(paid, 1)
        await cleo.put_in_cart(lamp)
        given_back = (await cleo.check_out())["orders"][0]["id"]
        await anna.ask("POST", f"/orders/{given_back}/cancellation", json={"reason": "It fell, sorry."})
        await cleo.order_when(given_back, "refunded")
        await cleo.put_in_cart(rug)
        assert (await cleo.check_out())["status"] == "declined"
        assert (await anna.send("GET", f"/purchases/{uuid4()}")).status_code == 404
        return str(paid)


async def _trouble(place: str) -> None:
    """An event that came too early, and one that nobody can read: both end up in the log, the second as a dead letter."""
    early = PaymentCaptured(
        purchase_id=new_id(), transfer_id=new_id(), amount=Money(1, "EUR"), captured_at=datetime.now(UTC)
    )
    event_id, trace = new_id(), f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    body = seal("payment", early, event_id=event_id, time=datetime.now(UTC), sequence=0, traceparent=trace)
    connection = await asyncpg.connect(user="postgres", database="souk_payment", host=place)
    insert = "INSERT INTO outbox (id, type, subject, body, target) VALUES ($1, $2, $3, $4, 'store.saga')"
    await connection.execute(insert, event_id, early.event_type, early.subject, body)
    await connection.execute(insert, new_id(), early.event_type, early.subject, "not an event")
    await connection.execute("NOTIFY souk_outbox")
    await connection.close()


def _socket_folder(folder: Path) -> str:
    """Where the shop's PostgreSQL listens: the fifth line of its lock file."""
    return (folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]


def _span_sink() -> ThreadingHTTPServer:
    """Takes spans and forgets them: requests are recorded, so that they become exemplars."""

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
