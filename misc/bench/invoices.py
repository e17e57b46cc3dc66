"""How fast invoices become PDFs, how large they are, and how long after the payment they can be clicked."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

import msgspec
from sqlalchemy import text

from misc.bench.figures import folder, spread
from payment.invoices import worker
from payment.invoices.building import SoldItem, build_document
from payment.invoices.document import Document
from payment.parties.party import Party
from shop.databases import open_embedded
from souk.database import Database
from tests.journeys.conftest import embedded_world
from tests.journeys.people import ADDRESS

DRAWN = 300
PURCHASES = 60
LOOK_EVERY_S = 0.005
TITLES = (
    "Walnut stool",
    "Vintage camera, with its case",
    "古い日本のカメラ",
    "كتاب قديم عن الخط العربي",
    "Zażółć gęślą jaźń",
)


async def bench() -> dict[str, str]:
    """Drawing alone, in one process; then in the running shop, from paid to drawn."""
    figures = {}
    for what, lines, count in (("1 to 5 lines", 0, DRAWN), ("200 lines", 200, DRAWN // 20)):
        documents = [msgspec.json.encode(_document(number, lines or 1 + number % 5)) for number in range(count)]
        figures |= _drawing(what, documents)
    return figures | await _clickable()


def _drawing(what: str, documents: Sequence[bytes]) -> dict[str, str]:
    worker.draw(documents[0])  # loads reportlab and the fonts
    sizes, started = [], time.process_time()
    for document in documents:
        sizes.append(len(worker.draw(document)))
    per_second = len(documents) / (time.process_time() - started)
    return {
        f"PDFs per second and core, {what}": f"{per_second:.0f}",
        f"bytes per invoice, {what} (mean, largest)": f"{sum(sizes) // len(sizes):,}, {max(sizes):,}",
    }


async def _clickable() -> dict[str, str]:
    waited = []
    with folder() as data:
        server, urls = await open_embedded(data)
        try:
            async with embedded_world(urls, data) as (world, _):
                seller, buyer = await world.person("Anna"), await world.person("Cleo", 10_000)
                listing = await seller.sell("Postcards by the dozen", 100, quantity=1000)
                database = Database(urls["payment"].app, service="payment", pool_max=1)
                for number in range(1, PURCHASES + 1):
                    await buyer.put_in_cart(listing)
                    body = {"address": ADDRESS, "total": {"amount": 100, "currency": "EUR"}}
                    headers = {"idempotency-key": str(uuid4())}
                    purchase = await buyer.ask("POST", "/purchases", json=body, headers=headers)
                    purchase = await buyer.outcome(purchase["id"])
                    await _drawn(database, number)
                    paid = datetime.fromisoformat(purchase["finished_at"])
                    waited.append((datetime.now(UTC) - paid).total_seconds())
                await database.close()
                await world.audit()
        finally:
            server.stop()
    return {"paid -> PDF drawn and stored, in the running shop": spread(waited)}


async def _drawn(database: Database, count: int) -> None:
    """Waits until so many documents are drawn."""
    while True:
        async with database.reading() as reader:
            if (await reader.scalar(text("SELECT count(content) FROM invoice_pdf")) or 0) >= count:
                return
        await asyncio.sleep(LOOK_EVERY_S)


def _document(number: int, lines: int) -> Document:
    seller = Party("Rad & Möbel GmbH", "DE", ("Ring 1",), "50823", "Köln", "DE136695976", None, True, str(uuid4()))
    buyer = Party("Zoë Müller", "FR", ("Rue de l'Étoile 7",), "75017", "Paris")
    return build_document(
        kind="invoice",
        number=f"INV-4XQ7KD-{number:06d}",
        issued_on=date(2026, 11, 20),
        currency="EUR",
        seller=seller,
        buyer=buyer,
        order_id=str(uuid4()),
        purchase_id=str(uuid4()),
        order_placed_on=date(2026, 11, 19),
        items=[
            SoldItem(f"{TITLES[(number + n) % len(TITLES)]} {number}", 1 + n % 3, 1995 + 7 * n, "S", 1900)
            for n in range(lines)
        ],
        order_url=f"https://souk.example/orders/{uuid4()}",
        payment_note="Paid from the buyer's wallet. Souk holds the money until the goods have arrived.",
        ship_to=buyer,
        notes=("Order S-ZECH8Q",),
    )
