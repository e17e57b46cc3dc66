"""What must hold in the payment service's database, recomputed from the entries (misc/design.md, “Invariants”).

The checks stand with what they are about.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from payment.escrow.checks import ESCROW_CHECKS, ESCROW_FACTS
from payment.invoices import redrawing
from payment.invoices.checks import INVOICE_CHECKS, INVOICE_FACTS
from payment.ledger import blocks, witness
from payment.ledger.checks import LEDGER_CHECKS
from payment.settings import PaymentSettings
from payment.wallets.checks import WAITING_CHECKS, WALLET_CHECKS
from souk.audit import Check, Fact, Report
from souk.database import Database, ReadSession

CHECKS: Sequence[Check] = (*LEDGER_CHECKS, *ESCROW_CHECKS, *WALLET_CHECKS, *WAITING_CHECKS, *INVOICE_CHECKS)

FACTS: Sequence[Fact] = (*ESCROW_FACTS, *INVOICE_FACTS)
"""Compared with what the store knows of the same orders."""


async def verify_chain(reader: ReadSession, known: Mapping[int, str]) -> Report:
    """Whether all closed transfers are as they were closed, and in them nothing is missing or added."""
    verdict = await blocks.verify(reader, known)
    if isinstance(verdict, blocks.Broken):
        return Report(f"block {verdict.number} {verdict.why}", sound=False)
    return Report(
        f"{verdict.blocks} blocks over {verdict.transfers} transfers, {verdict.waiting} wait for the next; "
        f"newest {verdict.blocks}:{verdict.newest_hash}",
        sound=True,
    )


def noted_outside(settings: PaymentSettings) -> tuple[Path, Mapping[int, str]]:
    """The file outside the database that blocks are noted in, and the hashes (hex) in it by block number."""
    return settings.witness_path, witness.read(settings.witness_path)


async def verify_documents(database: Database, *, everything: bool) -> Report:
    """Draw documents anew, and compare them with what is stored."""
    comparison = await redrawing.redraw(database, everything=everything)
    if comparison.different:
        return Report(f"{', '.join(comparison.different)}: the stored PDF is not what the document draws", sound=False)
    return Report(
        f"{comparison.drawn} of {comparison.stored} drawn anew, each as it is stored; {comparison.others} were drawn by "
        f"another version, and are known by their hashes",
        sound=True,
    )
