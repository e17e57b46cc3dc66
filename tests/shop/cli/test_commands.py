"""The `souk` command as people use it: each in a process of its own, over one small demo shop."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from payment.invoices.stored_pdfs import StoredPdfs
from payment.ledger.blocks import Closer, newest_block
from payment.ledger.witness import Witness
from payment.pdf.renderer import Renderer
from souk.clock import SystemClock
from souk.database import Database, embedded
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LISTINGS = 40


class Shop:
    """A data folder and the command over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SOUK_")} | {
            "SOUK_DATA_DIR": str(folder),
            "SOUK_LOG_LEVEL": "WARNING",
            "SOUK_PASSWORD_MEMORY_KIB": "64",
        }

    def run(self, *words: str, code: int = 0, **more: str) -> str:
        """What the command prints; fails the test if it exits otherwise."""
        command = [sys.executable, "-m", "shop", *words]
        done = subprocess.run(
            command, env=self.environment | more, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def sql(self, service: str, statement: str) -> None:
        """Change a row behind everybody's back, as the superuser with triggers off."""

        async def change() -> None:
            server = await embedded.start_async(self.folder)
            admin = await server.admin(f"souk_{service}")
            await admin.execute("SET session_replication_role = replica")
            await admin.execute(statement)
            await admin.close()
            server.stop()

        asyncio.run(change())

    def draw_documents(self) -> None:
        """What the payment service does when it has little else to do."""

        async def draw() -> None:
            server = await embedded.start_async(self.folder)
            database = Database(server.url("souk_payment", "souk_payment"), service="payment")
            renderer = Renderer("payment", 1)
            while await StoredPdfs(database, renderer).draw_due(database):
                pass
            await renderer.close()
            await database.close()
            server.stop()

        asyncio.run(draw())

    def close_blocks(self) -> None:
        """What the payment service does every few seconds while it runs."""

        async def close() -> None:
            server = await embedded.start_async(self.folder)
            database = Database(server.url("souk_payment", "souk_payment"), service="payment")
            closer = Closer(SystemClock(), Witness(self.folder / "ledger-blocks.txt"))
            async with asyncio.timeout(20):
                while True:
                    async with database.transaction() as session:
                        await closer.sweep(session)
                        if await newest_block(session):
                            break
                    await asyncio.sleep(0.05)  # the server's own work may have a transaction running
            await database.close()
            server.stop()

        asyncio.run(close())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with some listings, orders and invoices."""
    made = Shop(tmp_path_factory.mktemp("d"))
    made.run("demo", "--listings", str(LISTINGS), "--no-pictures")
    yield made


def test_the_demo_told_the_logins_and_can_be_repeated(shop: Shop) -> None:
    logins = (shop.folder / "demo-logins.txt").read_text()
    assert re.findall(r"\S+@example\.org", logins) == ["maya@example.org", "jonas@example.org", "admin@example.org"]
    assert (shop.folder / "demo-logins.txt").stat().st_mode & 0o077 == 0
    assert "accounts already" in shop.run("demo", "--listings", str(LISTINGS), "--no-pictures")
    assert (shop.folder / "demo-logins.txt").read_text() == logins


def test_the_audit_is_clean_and_then_names_what_was_tampered_with(shop: Shop) -> None:
    assert "Everything adds up." in shop.run("audit")
    one = "(SELECT ctid FROM entry WHERE amount > 0 ORDER BY transfer_id LIMIT 1)"
    shop.sql("payment", f"UPDATE entry SET amount = amount + 1 WHERE ctid = {one}")
    told = shop.run("audit", "--patience", "0.5", code=1)
    assert "FAILED  1." in told
    assert "sums to 1 EUR" in told
    shop.sql("payment", f"UPDATE entry SET amount = amount - 1 WHERE ctid = {one}")
    assert "Everything adds up." in shop.run("audit")


def test_the_audit_of_the_chain_names_the_first_bad_block(shop: Shop) -> None:
    shop.close_blocks()
    told = shop.run("audit", "--chain")
    found = re.search(r"ok      payment chain: \d+ blocks .* newest (\d+):([0-9a-f]{64})", told)
    assert found and "Everything adds up." in told, told
    number, digest = found.groups()
    shop.run("audit", "--known", number, code=2)
    shop.run("audit", "--known", f"{number}:{digest}")
    told = shop.run("audit", "--known", f"{number}:{64 * 'a'}", code=1)
    assert f"block {number} was noted outside the database as {digest}" in told
    # Of the first block, and not the last one of any account: nothing but the chain can tell that its time was changed.
    in_the_middle = """
        SELECT max(position) FROM transfer t WHERE position <= (SELECT min(last_position) FROM block)
        AND created_at < (SELECT min(created_at) FROM transfer WHERE position > t.position)
        AND NOT EXISTS (
            SELECT 1 FROM entry e WHERE e.transfer_id = t.id AND NOT EXISTS (
                SELECT 1 FROM entry o JOIN transfer l ON l.id = o.transfer_id
                WHERE o.account_id = e.account_id AND l.created_at > t.created_at
            )
        )
    """
    shop.sql("payment", f"CREATE TABLE kept AS SELECT id FROM transfer WHERE position = ({in_the_middle})")
    later = "UPDATE transfer SET created_at = created_at + interval '{} microsecond' WHERE id IN (SELECT id FROM kept)"
    shop.sql("payment", later.format(1))
    told = shop.run("audit", "--chain", code=1)
    assert "FAILED  payment chain: block 1 has another hash than its rows" in told and "1 differences" in told
    shop.sql("payment", later.format(-1) + "; DROP TABLE kept")
    noted = shop.folder / "ledger-blocks.txt"
    kept = noted.read_text() if noted.exists() else ""
    noted.write_text(f"{number}:{64 * 'b'} 2026-11-29T12:00:00+00:00\n")
    told = shop.run("audit", "--chain", code=1)
    assert (
        f"1 blocks are noted in {noted}" in told
        and f"block {number} has another hash than the one that was known" in told
    )
    assert "noted outside the database as" in shop.run("audit", "--known", f"{number}:{digest}", code=1)
    noted.write_text(kept)


def test_a_pdf_that_was_put_in_anothers_place_is_named(shop: Shop) -> None:
    shop.draw_documents()
    drawn = re.search(r"payment documents: (\d+) of (\d+) drawn anew", shop.run("audit", "--documents"))
    assert drawn and drawn[1] == drawn[2] and int(drawn[1]) > 0
    swap = "UPDATE invoice_pdf SET content = {}, content_hash = encode(sha256({}), 'hex') WHERE content IS NOT NULL"
    shop.sql("payment", "CREATE TABLE kept AS SELECT * FROM invoice_pdf; " + swap.format("'%PDF'", "'%PDF'"))
    told = shop.run("audit", "--patience", "0.5", code=1)
    assert "FAILED  payment documents:" in told and "the stored PDF is not what the document draws" in told
    back = "UPDATE invoice_pdf p SET content = k.content, content_hash = k.content_hash FROM kept k"
    shop.sql("payment", f"{back} WHERE k.invoice_id = p.invoice_id; DROP TABLE kept")
    assert "Everything adds up." in shop.run("audit")


def test_a_shop_in_euros_does_not_start_in_dollars(shop: Shop) -> None:
    for words in (
        ("run", "--no-demo", "--port", str(free_port())),
        ("migrate",),
        ("doctor", "--port", str(free_port())),
    ):
        told = shop.run(*words, code=1, SOUK_CURRENCY="USD")
        assert "is in EUR since its first start, and SOUK_CURRENCY says USD" in told, told
        assert "Traceback" not in told
        told = shop.run(*words, code=1, SOUK_CURRENCY="XYZ")
        assert "SOUK_CURRENCY: Value error, 'XYZ' is not the code of a currency in ISO 4217" in told, told
        assert "Traceback" not in told
    assert "EUR, with 2 decimal places" in shop.run("doctor", "--port", str(free_port()))
    assert "Everything adds up." in shop.run("audit")


def test_an_order_that_only_one_service_knows_is_found(shop: Shop) -> None:
    keep = "CREATE TABLE kept AS SELECT * FROM invoice"
    shop.sql("payment", f"{keep}; DELETE FROM invoice WHERE id = (SELECT min(id::text)::uuid FROM invoice)")
    told = shop.run("audit", "--patience", "0.5", code=1)
    assert "FAILED  6." in told
    shop.sql("payment", "INSERT INTO invoice SELECT * FROM kept ON CONFLICT DO NOTHING; DROP TABLE kept")
    assert "Everything adds up." in shop.run("audit")


def test_the_doctor_finds_nothing_wrong(shop: Shop) -> None:
    assert "WRONG" not in shop.run("doctor", "--port", str(free_port()))


def test_the_doctor_sees_a_taken_port(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = shop.run("doctor", "--port", str(taken.getsockname()[1]), code=1)
    assert "SOUK_PORT" in told


def test_the_doctor_sees_a_database_of_a_newer_version(shop: Shop) -> None:
    shop.sql("store", "UPDATE alembic_version SET version_num = '9999' || version_num")
    try:
        assert "newer Souk" in shop.run("doctor", "--port", str(free_port()), code=1)
        assert "9999" in shop.run("run", "--port", str(free_port()), code=1)
    finally:
        shop.sql("store", "UPDATE alembic_version SET version_num = substr(version_num, 5)")


def test_the_doctor_sees_another_postgresql_and_a_folder_it_cannot_use(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("14\n")
    assert "PostgreSQL 14" in shop.run("doctor", "--port", str(free_port()), code=1, SOUK_DATA_DIR=str(tmp_path))
    (tmp_path / "file").write_text("")
    told = shop.run("doctor", "--port", str(free_port()), code=1, SOUK_DATA_DIR=str(tmp_path / "file"))
    assert "SOUK_DATA_DIR" in told


def test_the_doctor_sees_a_broker_that_does_not_answer(shop: Shop) -> None:
    url = f"amqp://souk:pw@127.0.0.1:{free_port()}/"
    assert "RabbitMQ is not reachable" in shop.run("doctor", "--port", str(free_port()), code=1, SOUK_AMQP_URL=url)


def test_roles_are_granted_and_taken_away(shop: Shop) -> None:
    assert "is now moderator" in shop.run("users", "role", "maya@example.org", "moderator")
    assert "no longer" in shop.run("users", "role", "maya@example.org", "moderator", "--revoke")
    assert "nobody has an account" in shop.run("users", "role", "nobody@example.org", "admin", code=1)


def test_the_outboxes_are_told(shop: Shop) -> None:
    told = shop.run("events", "status")
    assert len(re.findall(r"pending +0 ", told)) == 4
    assert shop.run("events", "list") == ""


def test_a_service_alone_says_what_it_needs(shop: Shop) -> None:
    assert "SOUK_DATABASE_URL is not set" in shop.run("serve", "store", code=1)
    told = shop.run("serve", "store", code=1, SOUK_SIZE="compose")
    assert "SOUK_AMQP_URL" in told


def test_the_shop_opens_stops_on_a_signal_and_finds_everything_again(shop: Shop) -> None:
    logins = dict(re.findall(r"(\S+@example\.org)\s+(\S+)", (shop.folder / "demo-logins.txt").read_text()))
    for _ in range(2):
        port = free_port()
        with (shop.folder / "run.log").open("wb") as log:
            command = [sys.executable, "-m", "shop", "run", "--port", str(port)]
            process = subprocess.Popen(command, env=shop.environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://localhost:{port}", timeout=30) as http:
                _wait_for(http, process)
                assert http.get("/").status_code == 200
                login = {"email": "maya@example.org", "password": logins["maya@example.org"]}
                token = http.post("/api/v1/tokens", json=login).json()["token"]
                wallet = http.get("/api/v1/wallet", headers={"authorization": f"Bearer {token}"}).json()
                assert wallet["available"]["amount"] > 0
            busy = subprocess.run(
                command, env=shop.environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert busy.returncode == 1
            assert "runs already" in busy.stderr
            elsewhere = shop.environment | {"SOUK_DATA_DIR": str(shop.folder.parent / "elsewhere")}
            busy = subprocess.run(command, env=elsewhere, capture_output=True, text=True, timeout=60, check=False)
            assert busy.returncode == 1
            assert "SOUK_PORT" in busy.stderr
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(20)
        told = (shop.folder / "run.log").read_text()
        assert code == 0, told
        assert f"http://localhost:{port}" in told
        assert "Traceback" not in told


def _wait_for(http: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            http.get("/health/live")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the shop did not open")


def test_people_are_found_helped_back_in_suspended_and_restored(shop: Shop) -> None:
    [found] = shop.run("users", "find", "maya@").splitlines()
    account = found.split()[0]
    assert "maya@example.org" in found and "Maya Okafor" in found
    assert account in shop.run("users", "list") and account not in shop.run("users", "list", "--unproved")
    link = shop.run("users", "reset", account, SOUK_PUBLIC_URL="https://souk.example/").strip()
    assert re.fullmatch(r"https://souk\.example/password/new\?token=[\w-]{43}", link)
    assert "is proved" in shop.run("users", "verify", "maya@example.org")
    shop.run("users", "suspend", "maya@example.org", code=2)
    assert "is suspended" in shop.run("users", "suspend", "maya@example.org", "--reason", "Sold fakes.")
    assert account in shop.run("users", "list", "--suspended")
    assert "is not suspended" in shop.run("users", "restore", account, "--reason", "A mistake.")
    assert shop.run("users", "list", "--suspended") == ""
    assert "nobody" in shop.run("users", "reset", "nobody@example.org", code=1)
    assert "nobody" in shop.run("users", "find", "zzzz", code=1)
