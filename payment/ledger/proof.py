"""Proof of money, from the accounts' balances and what is not rolled up yet."""

import asyncio
import time

from sqlalchemy import select, text

from payment import metrics
from payment.ledger.tables import Block
from souk.clock import Clock
from souk.contracts.payment.ledger import NewestBlock, Proof
from souk.database import Database, Session
from souk.money import Money

KEPT_S = 1.0
"""How long a proof is shown again before it is computed anew: it reads every account, and anybody may ask."""

WATCHED_EVERY_S = 10.0

ROLLED_UP_MAX = 5000
"""Entries rolled up in one transaction."""

# One statement, so one snapshot: a transfer is in it with all its entries or not at all.
_PROOF = text(
    """
    SELECT kind, sum(amount)::bigint AS total, (SELECT count(*) FROM transfer) AS transfers FROM (
        SELECT kind, balance AS amount FROM account WHERE currency = :currency
        UNION ALL
        SELECT a.kind, u.amount FROM unrolled u JOIN account a ON a.id = u.account_id WHERE a.currency = :currency
    ) held GROUP BY kind
"""
)


class Prover:
    """Computes the proof at most once in KEPT_S for all who ask."""

    def __init__(self, database: Database, clock: Clock, currency: str) -> None:
        self._database = database
        self._clock = clock
        self._currency = currency
        self._lock = asyncio.Lock()
        self._made: tuple[float, Proof] | None = None

    async def proof(self) -> Proof:
        """The latest proof, KEPT_S old at the most."""
        async with self._lock:
            if self._made is None or time.monotonic() - self._made[0] > KEPT_S:
                self._made = (time.monotonic(), await self._prove())
            return self._made[1]

    async def watch(self, every_s: float = WATCHED_EVERY_S) -> None:
        """Keep the gauges true, for ever."""
        while True:
            metrics.note_proof(await self.proof())
            await asyncio.sleep(every_s)

    async def _prove(self) -> Proof:
        async with self._database.reading() as session:
            rows = (await session.execute(_PROOF, {"currency": self._currency})).all()
            newest = await session.scalar(select(Block).order_by(Block.number.desc()).limit(1))
        totals = {row.kind: row.total for row in rows}
        issued = -totals.get("issuance", 0)
        kinds = ("wallet", "escrow", "fees", "receivable", "waiting")
        wallets, escrow, fees, receivables, waiting = (Money(totals.get(kind, 0), self._currency) for kind in kinds)
        return Proof(
            issued=Money(issued, self._currency),
            wallets=wallets,
            escrow=escrow,
            fees=fees,
            receivables=receivables,
            waiting=waiting,
            difference=Money(issued, self._currency) - wallets - escrow - fees - receivables - waiting,
            transfers=rows[0].transfers if rows else 0,
            proven_at=self._clock.now(),
            newest_block=None
            if newest is None
            else NewestBlock(number=newest.number, hash=newest.hash.hex(), closed_at=newest.closed_at),
        )


async def roll_up(session: Session) -> int:
    """Count waiting entries into the balances of fees and issuance; returns how many."""
    return int(await session.scalar(text("SELECT roll_up(:most)"), {"most": ROLLED_UP_MAX}) or 0)
