"""The compose size for real: built, started, bought in, scaled, broken and restarted. The tests build on each other."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pypdf import PdfReader

from entrypoint.context.headers import HEADERS
from tests.compose.stack import PROJECT, SERVICES, NoDocker, Stack, free_ports, prepare, run
from tests.form import TOKEN
from tests.journeys.people import ADDRESS, PASSWORD, Person, a_picture
from tests.page import Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

SECURITY_HEADERS = ("content-security-policy", *(name for name in HEADERS if name != "cache-control"))
STILL_GOING = ("placed", "awaiting_payment")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The shop, built from this tree, with one instance of each service."""
    try:
        stack = Stack(stand_ins=prepare())
    except NoDocker as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Docker is not to be had here: {missing}")
        pytest.skip(f"Docker is not to be had here: {missing}")
    stack.compose("down", "-v", "-t", "5", "--remove-orphans")
    try:
        stack.compose("build", "secrets", "edge", seconds=1200)
        stack.up()
        yield stack
    finally:
        stack.compose("--profile", "monitoring", "down", "-v", "-t", "5", "--remove-orphans")


@asynccontextmanager
async def shop(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the edge."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.edge_port}", timeout=30) as http:
        yield http


async def test_the_journey_through_the_edge(stack: Stack) -> None:
    for service in SERVICES:
        await stack.until_healthy(service, 1)
    async with shop(stack) as http:
        await until_answers(http)
        anna = await Person(http, "Anna").register()
        cleo = await Person(http, "Cleo").register()
        await cleo.add_money(50_000)
        lamp = await anna.sell("Brass reading lamp", 4_200, picture=a_picture())
        await cleo.put_in_cart(lamp)
        purchase = await cleo.check_out()
        assert purchase["status"] == "paid"
        [order] = [order["id"] for order in purchase["orders"]]
        await anna.ask("POST", f"/orders/{order}/shipment", json={"carrier": "Post", "tracking_code": "RR1"})
        await cleo.order_when(order, "shipped")
        await cleo.ask("POST", f"/orders/{order}/receipt")
        await cleo.order_when(order, "completed")
        assert await anna.wallet() == (3_990, 0)
        [invoice] = await cleo.invoices_when(order, 1)
        pdf = await cleo.send("GET", f"/invoices/{invoice['id']}/pdf")
        assert pdf.status_code == 200, pdf.text
        assert "Brass reading lamp" in "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)


async def test_the_edge_serves_files_itself_and_hides_what_is_inner(stack: Stack) -> None:
    async with shop(stack) as http:
        anna = await Person(http, "Anna").register()
        lamp = await anna.sell("Lamp", 100, picture=a_picture("navy"))
        [picture] = (await anna.ask("GET", f"/listings/{lamp}"))["pictures"]
        page = Page((await http.get("/")).text)
        links = [
            node.attributes.get("href") or node.attributes.get("src") or "" for node in page.tree.css("link, script")
        ]
        linked = [link for link in links if re.fullmatch(r"/static/.+\.[0-9a-f]{16}\.[a-z]+", link)]
        assert len(linked) >= 3
        for path in (
            *linked,
            f"/pictures/{picture['small']}",
            f"/api/v1/pictures/{picture['large']}",
        ):
            answer = await http.get(path)
            assert answer.status_code == 200, path
            assert "immutable" in answer.headers["cache-control"]
            assert "x-request-id" not in answer.headers, f"{path} came from a service"
        page = await http.get("/")
        assert "x-request-id" in page.headers
        for path in (
            "/metrics",
            f"{http.base_url}//metrics",
            "/%6detrics",
            "/health/ready",
            "/internal/dead-letters",
            "/schema",
        ):
            assert (await http.get(path)).status_code == 404, path
        large = await anna.send("POST", "/listings", content=b"x" * 1_100_000)
        assert large.status_code == 413
        for answer in (large, await http.get("/metrics"), await http.get("/static/none.css"), await http.get("/none")):
            for name in SECURITY_HEADERS:
                assert answer.headers.get_list(name) == [page.headers[name]], (answer.url, name)


async def test_a_file_of_sixteen_megabytes_passes_the_edge(stack: Stack) -> None:
    head, row = b"title,price,category,condition,description\n", b"Lamp,4.20,lighting,good," + b"x" * 3_000 + b"\n"
    content = head + row * ((16 * 1024**2 - len(head)) // len(row))
    async with shop(stack) as http:
        anna = await Person(http, "Anna").register()
        kind = {"content-type": "text/csv"}
        taken = await anna.send("POST", "/me/imports?dry_run=true", content=content, headers=kind)
        assert taken.status_code in (201, 202), taken.text
        cookies = await log_in(http, anna.email)
        form = await http.get("/listings/mine/files", headers={"cookie": cookies})
        sent = await http.post(
            "/listings/mine/files",
            headers={"cookie": cookies},
            data={TOKEN: Page(form.text).token, "act": "check"},
            files={"file": ("listings.csv", content, "text/csv")},
        )
        assert sent.status_code == 303, sent.text


PLACES = """
import asyncio, asyncpg, pathlib
async def main():
    url = pathlib.Path("/run/secrets/souk/souk_database_url").read_text()
    connection = await asyncpg.connect(url)
    for row in await connection.fetch("SELECT DISTINCT place FROM session"):
        print(row["place"])
asyncio.run(main())
"""

LOGIN_PAST_THE_EDGE = """
import http.cookiejar, re, sys, urllib.parse, urllib.request
def ask(path, data=None, cookies=""):
    headers = {"x-forwarded-for": "203.0.113.9", "cookie": cookies}
    return opener.open(urllib.request.Request("http://entrypoint:8000" + path, data, headers))
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
opener = urllib.request.build_opener(Stay)
form = ask("/login")
cookies = "; ".join(line.split(";")[0] for line in form.headers.get_all("set-cookie"))
token = re.search('name="csrf_token" value="([0-9a-f]+)"', form.read().decode())[1]
fields = {"email": sys.argv[1], "password": sys.argv[2], "csrf_token": token}
try:
    ask("/login", urllib.parse.urlencode(fields).encode(), cookies)
except urllib.error.HTTPError as answer:
    print(answer.code)
"""


async def test_a_client_cannot_say_where_it_comes_from(stack: Stack) -> None:
    """Neither through the edge, which names whoever connected, nor past it, where nobody is believed."""
    [entrypoint], [store], [edge] = (stack.containers(name) for name in ("entrypoint", "store", "edge"))
    networks = {
        name: stack.inspect(one)["NetworkSettings"]["Networks"] for name, one in (("edge", edge), ("store", store))
    }
    outside = networks["edge"][f"{PROJECT}_outer"]["Gateway"]
    neighbour = networks["store"][f"{PROJECT}_inner"]["IPAddress"]
    async with shop(stack) as http:
        anna = await Person(http, "Anna").register()
        http.headers["x-forwarded-for"] = "203.0.113.9"
        await log_in(http, anna.email)
    assert stack.inside(store, "python", "-c", LOGIN_PAST_THE_EDGE, anna.email, PASSWORD).strip() == "303"
    places = stack.inside(entrypoint, "python", "-c", PLACES).split()
    assert {outside, neighbour} <= set(places), places
    assert "203.0.113.9" not in places


async def test_over_tls_the_edge_sends_people_there_and_programs_away(stack: Stack, tmp_path: Path) -> None:
    """With certificates, and with no entrypoint behind it: the edge alone answers."""
    make_certificate(tmp_path)
    plain = free_ports(2)
    secure = plain + 1
    started = run(
        *("docker", "run", "--detach", "--rm", "--read-only", "--tmpfs", "/tmp:mode=1777"),
        *("--publish", f"127.0.0.1:{plain}:8080", "--publish", f"127.0.0.1:{secure}:8443"),
        *("--volume", f"{tmp_path}:/etc/souk/certificates:ro", "souk-edge:local"),
    ).strip()
    try:
        async with httpx.AsyncClient(verify=False, base_url=f"https://localhost:{secure}") as https:
            await until_answers(https, path="/edge/health", status=204)
            for path, status in (
                ("/static/css/souk.css", 200),
                ("/metrics", 404),
                ("/", 503),
                ("/api/v1/listings", 503),
            ):
                answer = await https.get(path)
                assert answer.status_code == status, path
                assert answer.headers["strict-transport-security"].startswith("max-age=63072000"), path
                assert answer.headers["content-security-policy"].startswith("default-src 'self'"), path
            assert (await https.get("/api/v1/listings")).headers["content-type"] == "application/problem+json"
            assert (await https.put("/api/v1/cart/lines/1", json={})).status_code == 503
            away = await https.get("/")
            assert "Nothing was charged" in away.text
            assert away.headers["retry-after"] == "5"
        async with httpx.AsyncClient(base_url=f"http://localhost:{plain}") as http:
            page = await http.get("/listings?q=lamp")
            assert (page.status_code, page.headers["location"]) == (308, "https://localhost/listings?q=lamp")
            call = await http.get("/api/v1/wallet", headers={"authorization": "Bearer x"})
            assert (call.status_code, call.json()["title"]) == (403, "Use https")
    finally:
        run("docker", "stop", "--time", "2", started)


def make_certificate(folder: Path) -> None:
    """A certificate for localhost, signed by itself, that lives a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)


async def test_containers_may_only_what_they_must(stack: Stack) -> None:
    for service in (*SERVICES, "postgres", "edge"):
        for container in stack.containers(service):
            known = stack.inspect(container)
            host = known["HostConfig"]
            assert host["ReadonlyRootfs"], service
            assert host["CapDrop"] == ["ALL"], service
            assert not host["CapAdd"], service
            assert "no-new-privileges:true" in host["SecurityOpt"], service
            assert host["Memory"] > 0, service
            assert host["NanoCpus"] > 0, service
            assert known["Config"]["User"].split(":")[0] not in ("", "0", "root"), service
            published = [binding for bindings in (host["PortBindings"] or {}).values() for binding in bindings]
            assert {binding["HostIp"] for binding in published} <= {"127.0.0.1"}, service
            values = [variable.partition("=")[2] for variable in known["Config"]["Env"]]
            assert not any("://" in value and "@" in value for value in values), (
                f"{service}: a login in its environment"
            )


STRANGER = """
import asyncio, pathlib, aio_pika, asyncpg
secrets = pathlib.Path("/run/secrets/souk")

async def refused(what, attempt):
    try:
        await attempt
    except Exception as failure:
        print(what, type(failure).__name__)
    else:
        raise SystemExit(f"{what} was possible")
async def main():
    database = (secrets / "souk_database_url").read_text()
    server = database.rsplit("/", 1)[0]
    own = await asyncpg.connect(database)
    await refused("a table of its own", own.execute("CREATE TABLE mine (id int)"))
    await refused("another's database", asyncpg.connect(server + "/souk_payment"))
    await refused("the maintenance database", asyncpg.connect(server + "/postgres"))
    broker = await aio_pika.connect((secrets / "souk_amqp_url").read_text())
    async def channel():
        return await broker.channel(publisher_confirms=True)
    await refused("another's queue", (await channel()).declare_queue("souk.payment.spy", durable=True))
    await refused("a queue of its own", (await channel()).declare_queue("souk.store.spy", durable=True))
    own = await (await channel()).get_queue("souk.store.saga", ensure=False)
    await refused("hearing everything", own.bind("souk", "#"))
    default = (await channel()).default_exchange
    await refused("another's queue, past the events", default.publish(aio_pika.Message(b"{}"), "souk.payment.captures"))
    queue = await (await channel()).get_queue("souk.payment.captures", ensure=False)
    await refused("another's messages", queue.get())
    souk = await (await channel()).get_exchange("souk", ensure=False)
    await refused("another's event", souk.publish(aio_pika.Message(b"{}"), "souk.payment.payment.captured.v1"))
    await broker.close()
asyncio.run(main())
"""


async def test_a_service_has_no_right_to_what_is_anothers(stack: Stack) -> None:
    [store] = stack.containers("store")
    said = stack.inside(store, "python", "-c", STRANGER)
    refusals = [line.rsplit(" ", 1)[1] for line in said.splitlines()]
    assert refusals == ["InsufficientPrivilegeError"] * 3 + ["ChannelAccessRefused"] * 6, said


WATCHED = {
    *SERVICES,
    "rabbitmq:15692",
    "postgres-exporter:9187",
    "node-exporter:9100",
    "network-exporter:9100",
    "alertmanager:9093",
    "blackbox-exporter:9115",
}


async def test_prometheus_sees_the_services_the_servers_and_the_host(stack: Stack) -> None:
    found = set[str]()
    until = time.monotonic() + 90
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.prometheus_port}/api/v1") as http:
        while not found >= WATCHED and time.monotonic() < until:
            await asyncio.sleep(1)
            try:
                answer = await http.get("/targets", params={"state": "active"})
            except httpx.HTTPError:
                continue
            targets = answer.json()["data"]["activeTargets"]
            up = [target["labels"] for target in targets if target["health"] == "up"]
            found = {labels[name] for labels in up for name in ("job", "instance")}
        assert found >= WATCHED, WATCHED - found
        [teller] = (await http.get("/alertmanagers")).json()["data"]["activeAlertmanagers"]
        assert "alertmanager:9093" in teller["url"]
        # The host's network, not the exporter's own: a container has an eth0, and no bridge of the engine's.
        bridges = 'count(node_network_receive_bytes_total{device=~"docker0|br-.*"}) > 0'
        for query in ("min(pg_up) == 1", "count(probe_success == 1) == 3", bridges):
            assert await holds(http, query), (query, (await http.get("/query", params={"query": "probe_success"})).text)


async def holds(http: httpx.AsyncClient, query: str, seconds: float = 90) -> bool:
    """Whether Prometheus finds something by a query, by and by."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (await http.get("/query", params={"query": query})).json()["data"]["result"]:
            return True
        await asyncio.sleep(1)
    return False


async def test_three_instances_share_the_work(stack: Stack) -> None:
    stack.up(catalogue=3)
    await stack.until_healthy("catalogue", 3)
    [broker] = stack.containers("rabbitmq")
    counted: dict[str, str] = {}
    until = time.monotonic() + 60
    while set(counted.values()) != {"3"} and time.monotonic() < until:  # the broker's counts come a little late
        counted = _consumers(stack, broker)
        await asyncio.sleep(1)
    assert set(counted.values()) == {"3"}, counted
    async with shop(stack) as http:
        anna = await Person(http, "Anna").register()
        await anna.sell("Lamp", 100, picture=a_picture("olive"))
    until, folders = time.monotonic() + 60, set[str]()
    while len(folders) != 1 and time.monotonic() < until:  # pictures are still drawn in other sizes and formats
        await asyncio.sleep(1)
        folders = {stack.inside(one, "ls", "/var/lib/souk/pictures") for one in stack.containers("catalogue")}
    assert len(folders) == 1


def _consumers(stack: Stack, broker: str) -> dict[str, str]:
    """How many consumers each of the catalogue's own queues has, as RabbitMQ counts them."""
    listing = "rabbitmqctl -q list_queues -p souk name consumers"
    said = stack.inside(broker, "sh", "-c", f"{listing} 2>/dev/null || gosu rabbitmq {listing}")
    counted = dict(line.split() for line in said.splitlines() if line.startswith("souk.catalogue."))
    return {name: count for name, count in counted.items() if ".retry." not in name and not name.endswith(".dead")}


async def test_crashes_of_every_service_and_the_broker_lose_nothing(stack: Stack) -> None:
    async with shop(stack) as http:
        seller = await Person(http, "Anna").register()
        listing = await seller.sell("Tea", 100, quantity=500)
        buyers = [await Person(http, f"Buyer {n}").register() for n in range(3)]
        for buyer in buyers:
            await buyer.add_money(100_000)
        stop = asyncio.Event()
        running = [asyncio.create_task(buy_until(stop, buyer, listing)) for buyer in buyers]
        for service in (*SERVICES, "rabbitmq"):
            await asyncio.sleep(2)
            stack.crash(stack.containers(service)[0])
        await asyncio.sleep(5)
        for service in (*SERVICES, "rabbitmq"):
            await stack.until_healthy(service, 3 if service == "catalogue" else 1)
        await asyncio.sleep(5)
        stop.set()
        bought = [purchase for task in running for purchase in await task]
    paid = [purchase for purchase in bought if purchase["status"] == "paid"]
    assert len(paid) >= 6, bought
    assert "Everything adds up" in stack.audit()


async def test_restarts_one_by_one_fail_no_request(stack: Stack) -> None:
    stack.up(catalogue=2, store=2, payment=2, entrypoint=2)
    for service in SERVICES:
        await stack.until_healthy(service, 2)
    async with shop(stack) as http:
        seller = await Person(http, "Anna").register()
        listing = await seller.sell("Coffee", 100, quantity=500)
        buyer = await Person(http, "Cleo").register()
        await buyer.add_money(100_000)
        load = Load(buyer, listing)
        running = [asyncio.create_task(load.browse()), asyncio.create_task(load.purchase())]
        for service in SERVICES:
            for container in stack.containers(service):
                await asyncio.to_thread(stack.restart, container)
                await stack.until_healthy(service, 2)
        load.stop.set()
        await asyncio.gather(*running)
    assert not load.failures, Counter(load.failures).most_common(10)
    assert load.requests > 100
    assert load.paid > 5


async def test_signs_pass_the_edge_at_once(stack: Stack) -> None:
    async with shop(stack) as http:
        seller = await Person(http, "Anna").register()
        buyer = await Person(http, "Cleo").register()
        await buyer.add_money(1_000)
        await buyer.put_in_cart(await seller.sell("Teapot", 700))
        cookies = await log_in(http, seller.email)
        async with asyncio.timeout(20), http.stream("GET", "/live", headers={"cookie": cookies}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream"), answer.status_code
            lines = answer.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            await buyer.check_out()
            signs = (json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: "))
            assert "order.paid" in [sign["kind"] async for sign in until_kind(signs, "order.paid")]


async def until_kind(signs: AsyncIterator[Any], kind: str) -> AsyncIterator[Any]:
    """The signs up to the first of that kind."""
    async for sign in signs:
        yield sign
        if sign["kind"] == kind:
            return


async def log_in(http: httpx.AsyncClient, email: str) -> str:
    """Log in by the page's form; the cookies, which a client may not send by itself over plain HTTP."""
    async with httpx.AsyncClient(base_url=http.base_url) as browser:
        form = await browser.get("/login")
        before = cookies_of(form)
        fields = {"email": email, "password": PASSWORD, TOKEN: Page(form.text).token}
        done = await browser.post("/login", data=fields, headers={"cookie": cookies_header(before)})
        assert done.status_code == 303, done.text
        return cookies_header(before | cookies_of(done))


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """The cookies that an answer sets."""
    pairs = [line.split(";")[0].partition("=") for line in answer.headers.get_list("set-cookie")]
    return {name: value for name, _, value in pairs}


def cookies_header(cookies: dict[str, str]) -> str:
    """The cookies as a browser sends them."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def test_the_runbook_while_payment_is_stopped_nothing_is_lost(stack: Stack) -> None:
    async with shop(stack) as http:
        buyer = await a_buyer_with_a_cart(http)
        stack.compose("stop", "payment")
        refused = await buyer.send("GET", "/wallet")
        assert refused.status_code == 503, refused.text
        assert "try again" in refused.text.lower()
        waiting = await buyer.check_out(wait=False)
        stack.compose("up", "-d", "--no-recreate", "payment")
        assert (await buyer.outcome(waiting["id"], seconds=90))["status"] == "paid"


async def test_the_runbook_mends_a_missing_queue(stack: Stack) -> None:
    await stack.until_healthy("payment", 1)
    [broker] = stack.containers("rabbitmq")
    async with shop(stack) as http:
        buyer = await a_buyer_with_a_cart(http)
        delete = "rabbitmqctl -q -p souk delete_queue souk.payment.captures"
        stack.inside(broker, "sh", "-c", f"{delete} 2>/dev/null || gosu rabbitmq {delete}")
        waiting = await buyer.check_out(wait=False)
        told = stack.compose("run", "--rm", "--no-deps", "operator", "souk", "migrate")
        assert "payment.captures: its queue was made" in told
        assert (await buyer.outcome(waiting["id"], seconds=90))["status"] == "paid"


GARBAGE = """
import asyncio, pathlib, aio_pika
async def main():
    broker = await aio_pika.connect(pathlib.Path("/run/secrets/souk/souk_amqp_url").read_text())
    async with broker:
        channel = await broker.channel()
        own = await channel.get_exchange("souk.payment")
        await own.publish(aio_pika.Message(b"nonsense"), "souk.payment.captures")
asyncio.run(main())
"""


async def test_the_runbook_deals_with_dead_letters(stack: Stack) -> None:
    await stack.until_healthy("payment", 1)
    stack.inside(stack.containers("payment")[0], "python", "-c", GARBAGE)
    listed, until = "", time.monotonic() + 60
    while "payment.captures" not in listed and time.monotonic() < until:
        listed = operator(stack, "souk", "events", "list")
    found = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", listed)
    assert found, listed
    assert "nonsense" in operator(stack, "souk", "events", "show", found.group())
    operator(stack, "souk", "events", "discard", "payment", found.group())
    assert found.group() not in operator(stack, "souk", "events", "list")


async def test_the_runbook_reads_one_orders_story_out_of_the_containers_logs(stack: Stack) -> None:
    async with shop(stack) as http:
        buyer = await a_buyer_with_a_cart(http)
        [order] = (await buyer.check_out())["orders"]
        await buyer.invoices_when(order["id"], 1)
    told = souk_logs(stack.compose("logs", "--no-log-prefix", *SERVICES), "--order", order["id"])
    assert {"store", "payment", "entrypoint"} <= {name for name in SERVICES if name in told}, told


def souk_logs(lines: str, *options: str) -> str:
    """What `souk logs` finds in lines that are piped in."""
    command = [sys.executable, "-m", "shop", "logs", *options]
    return subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60, check=True).stdout


def operator(stack: Stack, *command: str) -> str:
    """A command in a container of the operator's."""
    return stack.compose("run", "--rm", "--no-deps", "operator", *command)


async def a_buyer_with_a_cart(http: httpx.AsyncClient) -> Person:
    """Somebody who only has to pay."""
    seller = await Person(http, "Anna").register()
    buyer = await Person(http, "Cleo").register()
    await buyer.add_money(1_000)
    await buyer.put_in_cart(await seller.sell("Teapot", 700))
    return buyer


async def test_demo_data_fills_the_shop_and_its_logins_work(stack: Stack) -> None:
    stack.environment["SOUK_DEMO"] = "1"
    said = stack.compose("up", "--no-recreate", "--no-color", "demo", seconds=900)
    login = re.search(r"maya@example\.org\W+(?:password\W+)?(\S+)", said)
    assert login, said[-2000:]
    async with shop(stack) as http:
        maya = Person(http, "Maya")
        token = await maya.ask("POST", "/tokens", json={"email": "maya@example.org", "password": login.group(1)})
        maya.headers = {"authorization": f"Bearer {token['token']}"}
        assert (await maya.wallet())[0] > 0
        assert (await maya.ask("GET", "/orders", params={"role": "buyer"}))["items"]
        assert len((await maya.ask("GET", "/listings", params={"limit": 48}))["items"]) == 48


async def test_guesses_are_slowed_at_the_edge_however_the_address_is_written(stack: Stack) -> None:
    async with shop(stack) as http:
        for path in ("/login/", f"{http.base_url}//register", "/api/v1/tokens/", "/account/password"):
            answers = await asyncio.gather(*(http.post(path, data={"email": "x"}) for _ in range(60)))
            by_edge = [
                answer for answer in answers if answer.status_code == 429 and "x-request-id" not in answer.headers
            ]
            assert by_edge, path


async def test_everything_adds_up_at_the_end(stack: Stack) -> None:
    assert "Everything adds up" in stack.audit()


class Load:
    """A visitor and a buyer who go on until they are told to stop, and note each request that failed."""

    def __init__(self, person: Person, listing: str) -> None:
        self.person, self.listing = person, listing
        self.stop = asyncio.Event()
        self.failures: list[str] = []
        self.requests = self.paid = 0

    async def browse(self) -> None:
        while not self.stop.is_set():
            for path in ("/listings", f"/listings/{self.listing}", "/wallet", "/orders?role=buyer", "/cart"):
                await self.send("GET", path)

    async def purchase(self) -> None:
        while not self.stop.is_set():
            await self.send("PUT", f"/cart/lines/{self.listing}", json={"quantity": 1})
            body = {"address": ADDRESS, "total": {"amount": 100, "currency": "EUR"}}
            placed = await self.send("POST", "/purchases", json=body, headers={"idempotency-key": str(uuid4())})
            while placed and placed["status"] in STILL_GOING:
                placed = await self.send("GET", f"/purchases/{placed['id']}", params={"wait_ms": 1000})
            self.paid += bool(placed) and placed["status"] == "paid"

    async def send(self, method: str, path: str, **more: Any) -> Any:
        self.requests += 1
        try:
            response = await self.person.send(method, path, **more)
        except httpx.HTTPError as failure:
            self.failures.append(f"{method} {path}: {failure!r}")
            return None
        if response.status_code >= 400:
            self.failures.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
            return None
        await asyncio.sleep(0.02)
        return response.json()


async def until_answers(http: httpx.AsyncClient, seconds: float = 60, path: str = "/", status: int = 200) -> None:
    """Wait until the edge passes requests on, or answers itself."""
    until = time.monotonic() + seconds
    while True:
        try:
            if (await http.get(path)).status_code == status:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < until, "the edge does not answer"
        await asyncio.sleep(0.5)


async def buy_until(stop: asyncio.Event, buyer: Person, listing: str) -> list[Any]:
    """Buy one unit after another, insisting on every answer; the purchases, each decided."""
    bought = []
    while not stop.is_set():
        await insist(buyer, "PUT", f"/cart/lines/{listing}", json={"quantity": 1})
        cart = await insist(buyer, "GET", "/cart")
        body = {"address": ADDRESS, "total": cart["total"]}
        key = {"idempotency-key": str(uuid4())}
        purchase = await insist(buyer, "POST", "/purchases", json=body, headers=key)
        while purchase["status"] in STILL_GOING:
            purchase = await insist(buyer, "GET", f"/purchases/{purchase['id']}", params={"wait_ms": 2000})
        bought.append(purchase)
    return bought


async def insist(person: Person, method: str, path: str, seconds: float = 150, **more: Any) -> Any:
    """Send a request again while the shop is broken; anything that is not the shop's own fault fails the test."""
    until = time.monotonic() + seconds
    while True:
        try:
            response = await person.send(method, path, **more)
            if response.status_code < 500:
                assert response.status_code < 400, f"{method} {path}: {response.status_code} {response.text}"
                return response.json()
            said = f"{response.status_code} {response.text}"
        except httpx.HTTPError as failure:
            said = repr(failure)
        assert time.monotonic() < until, f"{method} {path} still fails: {said}"
        await asyncio.sleep(0.3)
