"""A program for the tests: takes a number in an open transaction, says so, and hangs until it is killed."""

import asyncio
import sys
from datetime import UTC, datetime

import msgspec

from payment.invoices import invoices
from souk.contracts.store.events import OrderPaid
from souk.database import Database


async def main(url: str) -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=OrderPaid)
    database = Database(url, service="payment", pool_max=1)
    async with database.transaction() as session:
        [event] = await invoices.issue_invoices(session, [order], "http://localhost", datetime.now(UTC))
        sys.stdout.write(f"{event.number}\n")
        sys.stdout.flush()
        await asyncio.sleep(600)


asyncio.run(main(sys.argv[1]))
