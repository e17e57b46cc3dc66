"""Whether a shop with a long past sells as fast as a young one: buyers, with some and with very many purchases behind them.

The past is copied inside the databases: buyers buy once, sellers send, buyers confirm, and the rows of these purchases are
written again and again with other ids and numbers, the wallets' chains carried on. `SOUK_BENCH_ORDERS` is how many (a
million makes some 9 GB), `SOUK_BENCH_DATA` keeps them from one run to the next.
"""

import asyncio
import json
import os
import subprocess
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from misc.bench.buyers import SETTINGS, buy, make_people, measure
from misc.bench.figures import folder, settle
from misc.bench.running import processors, running
from shop.databases import open_embedded
from souk.database.embedded import EmbeddedServer
from tests.journeys.people import Person

ORDERS = int(os.environ.get("SOUK_BENCH_ORDERS", "1000000"))
FEW = 1000
BUYERS = 8
WHO = "who.json"

ROUNDS = 2
"""Each shop is measured so often, in turn."""

PAST = """
    CREATE OR REPLACE FUNCTION past(id uuid, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(1600000000000 + n), 12, '0') || '7' || substr(md5(id::text || n), 14))::uuid $$
"""
"""The id of the n-th copy; like those of the shop, later ones are higher."""

COPIES: dict[str, dict[str, dict[str, str]]] = {
    "catalogue": {
        "held_purchase": {"purchase_id": "past(r.purchase_id, n)"},
        "reservation": {"purchase_id": "past(r.purchase_id, n)", "order_id": "past(r.order_id, n)"},
    },
    "store": {
        "purchase": {"id": "past(r.id, n)"},
        "orders": {
            "id": "past(r.id, n)",
            "purchase_id": "past(r.purchase_id, n)",
            "number": "r.number || '-' || n",
        },
        "order_line": {"id": "past(r.id, n)", "order_id": "past(r.order_id, n)"},
        "order_step": {"order_id": "past(r.order_id, n)"},
    },
    "payment": {
        "capture": {"purchase_id": "past(r.purchase_id, n)"},
        "escrow": {"order_id": "past(r.order_id, n)", "purchase_id": "past(r.purchase_id, n)"},
        "invoice": {
            "id": "past(r.id, n)",
            "order_id": "past(r.order_id, n)",
            "number": "r.number || '-' || n",
            "position": "r.position + 1000 * n",
        },
        "invoice_pdf": {
            "invoice_id": "past(r.invoice_id, n)",
            "content": "'%PDF'::bytea",
            "content_hash": "repeat('0', 64)",
        },
        "sealed_document": {
            "invoice_id": "past(r.invoice_id, n)",
            "position": "nextval('transfer_position_seq')",
        },
    },
    "entrypoint": {"notification": {"id": "past(r.id, n)", "order_id": "past(r.order_id, n)"}},
}
"""By service and table: what is not the same in a copy."""

LEDGER = (
    """CREATE TEMP TABLE sample AS
       SELECT t.*, count(*) OVER () AS every FROM transfer t WHERE t.kind NOT IN ('deposit', 'withdrawal')""",
    """INSERT INTO account SELECT past(a.id, n), a.owner, a.kind, a.currency, a.balance, a.version, a.status, a.opened_at,
           a.last_at, a.ordered_from
       FROM account a, generate_series(1::bigint, $1) n WHERE a.kind = 'escrow' AND a.version > 0""",
    """INSERT INTO transfer (id, kind, reference, request_hash, created_at, position) OVERRIDING SYSTEM VALUE
       SELECT past(s.id, n), s.kind, s.reference, s.request_hash, s.created_at, nextval('transfer_position_seq')
       FROM generate_series(1::bigint, $1) n, sample s ORDER BY n, s.position""",
    """INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after)
       SELECT past(e.transfer_id, n), CASE a.kind WHEN 'escrow' THEN past(e.account_id, n) ELSE e.account_id END, e.amount,
           CASE WHEN a.kind = 'escrow' OR e.account_version IS NULL THEN e.account_version
               ELSE a.version + row_number() OVER w END,
           CASE WHEN a.kind = 'escrow' OR e.account_version IS NULL THEN e.balance_after
               ELSE a.balance + sum(e.amount) OVER w END
       FROM entry e JOIN sample s ON s.id = e.transfer_id JOIN account a ON a.id = e.account_id,
           generate_series(1::bigint, $1) n
       WINDOW w AS (PARTITION BY e.account_id ORDER BY n, s.position)""",
    """UPDATE account SET balance = chain.balance_after, version = chain.account_version FROM (
           SELECT DISTINCT ON (account_id) account_id, account_version, balance_after FROM entry
           WHERE account_version IS NOT NULL ORDER BY account_id, account_version DESC
       ) chain WHERE account.id = chain.account_id AND account.kind <> 'escrow'""",
    """UPDATE series SET last_position = (
           SELECT max(position) FROM invoice i WHERE i.seller_id = series.seller_id AND i.kind = series.kind
       ) WHERE last_position > 0""",
    """INSERT INTO block (number, previous_hash, hash, last_position, transfers, documents, closed_at)
       SELECT number + 1, hash, sha256(hash), pg_sequence_last_value('transfer_position_seq'), 1, 0, closed_at
       FROM block ORDER BY number DESC LIMIT 1""",
)
"""Copies of transfers continue the wallets' chains; a block (not a true one) lies behind them, as if all had been closed."""


async def bench() -> dict[str, str]:
    """Purchases a second at 8 buyers, with both pasts in turn."""
    figures: dict[str, str] = {}
    with ExitStack() as stack:
        kept = os.environ.get("SOUK_BENCH_DATA")
        made = Path(kept) if kept else stack.enter_context(folder())
        shops = {FEW: made / "few", ORDERS: made / "many"}
        if not (made / WHO).exists():
            figures |= await _make(made, shops)
        who = json.loads((made / WHO).read_text())
        for number in range(ROUNDS):
            for orders, data in shops.items():
                async with running(data, SETTINGS) as (process, http):
                    buyers = [await _back(http, email) for email in who["buyers"][:BUYERS]]
                    found = await measure(partial(processors, process, data), buyers, who["listings"])
                    figures |= {f"{orders} past purchases, {what} ({number + 1})": each for what, each in found.items()}
    return figures


async def _make(made: Path, shops: dict[int, Path]) -> dict[str, str]:
    """Both shops, and who buys in them; how large their databases are."""
    first, *others = shops.values()
    first.mkdir(parents=True)
    async with running(first, SETTINGS) as (_, http):
        listings, sellers, buyers = await make_people(http)
        await _past(listings, sellers, buyers)
    for other in others:
        subprocess.run(["cp", "-a", str(first), str(other)], check=True)  # noqa: ASYNC221 - keeps whose the files are
    sizes = {
        f"{orders} past purchases, databases": await _copy(data, orders // len(buyers))
        for orders, data in shops.items()
    }
    (made / WHO).write_text(json.dumps({"listings": listings, "buyers": [buyer.email for buyer in buyers]}))
    return sizes


async def _back(http: httpx.AsyncClient, email: str) -> Person:
    """One of the buyers, logged in again."""
    buyer = Person(http, "")
    buyer.email = email
    return await buyer.log_in()


async def _past(listings: list[str], sellers: list[Person], buyers: list[Person]) -> None:
    """Everyone buys one, gets it and says so."""
    for number, buyer in enumerate(buyers):
        await buy(buyer, listings[number % len(listings)])
    for seller in sellers:
        for order in await _orders(seller, "seller"):
            await seller.ask("POST", f"/orders/{order['id']}/shipment", json={})
    for buyer in buyers:
        for order in await _orders(buyer, "buyer"):
            await buyer.ask("POST", f"/orders/{order['id']}/receipt")
    for buyer in buyers:
        while any(order["status"] != "completed" for order in await _orders(buyer, "buyer")):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _orders(person: Person, role: str) -> list[Any]:
    orders: list[Any] = (await person.ask("GET", "/orders", params={"role": role}))["items"]
    return orders


async def _copy(data: Path, each: int) -> str:
    """Write the past of every buyer so often again; how large the databases are then."""
    server, _ = await open_embedded(data / "d")
    try:
        for service, tables in COPIES.items():
            admin = await server.admin(f"souk_{service}")
            try:
                await _copy_service(admin, tables, each, LEDGER if service == "payment" else ())
            finally:
                await admin.close()
        return await _size(server)
    finally:
        server.stop()


async def _copy_service(
    admin: asyncpg.Connection, tables: dict[str, dict[str, str]], each: int, more: tuple[str, ...]
) -> None:
    await admin.execute("SET session_replication_role = replica; SET work_mem = '512MB'; SET synchronous_commit = off")
    await admin.execute(PAST)
    for table, changed in tables.items():
        columns = [row["attname"] for row in await admin.fetch(
            """SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0
               AND NOT attisdropped AND attgenerated = ''""", table
        )]  # fmt: skip
        values = ", ".join(changed.get(column, f"r.{column}") for column in columns)
        await admin.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
            f"FROM generate_series(1::bigint, {each}) n, (SELECT * FROM {table} OFFSET 0) r"
        )
    for statement in more:
        if "$1" in statement:
            await admin.execute(statement, each)
        else:
            await admin.execute(statement)
    await admin.execute("DROP FUNCTION past")
    await settle(admin)


async def _size(server: EmbeddedServer) -> str:
    admin = await server.admin()
    try:
        size: int = await admin.fetchval("SELECT sum(pg_database_size(datname)) FROM pg_database")
        return f"{size / 1_000_000:.0f} MB"
    finally:
        await admin.close()
