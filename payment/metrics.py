"""What the payment service counts beside what every service does."""

from collections import Counter as Tally
from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client import Counter, Gauge, Histogram

from souk.contracts.payment.ledger import Proof

ledger_imbalance = Gauge(
    "souk_ledger_imbalance_minor_units",
    "Issued money less all that wallets, escrow, fees and receivables hold; anything but zero is an alarm",
    multiprocess_mode="mostrecent",
)
issued = Gauge("souk_issued_minor_units", "Money issued", multiprocess_mode="mostrecent")
wallets = Gauge("souk_wallets_minor_units", "Money in wallets", multiprocess_mode="mostrecent")
escrow = Gauge("souk_escrow_minor_units", "Money held in escrow", multiprocess_mode="mostrecent")
fees = Gauge("souk_fees_minor_units", "Fees earned since the beginning", multiprocess_mode="mostrecent")
receivables = Gauge("souk_receivables_minor_units", "What sellers owe", multiprocess_mode="mostrecent")
proven_at = Gauge(
    "souk_ledger_proof_timestamp_seconds", "When the money was last proven (Unix time)", multiprocess_mode="mostrecent"
)
block_closed_at = Gauge(
    "souk_ledger_block_timestamp_seconds",
    "When the newest block was closed (Unix time)",
    multiprocess_mode="mostrecent",
)
unchained = Gauge(
    "souk_ledger_unchained_seconds",
    "For how long the oldest transfer that no block holds has been there; 0 if there is none",
    multiprocess_mode="mostrecent",
)
minor_units = Gauge(
    "souk_minor_units",
    "Minor units in one unit of the marketplace's currency: 100 for EUR",
    multiprocess_mode="mostrecent",
)
transfers = Counter("souk_ledger_transfers_total", "Transfers asked for", ["kind", "outcome"])
for _kind in (
    "deposit",
    "issuance",
    "capture",
    "settlement",
    "refund",
    "transfer",
    "transfer_waiting",
    "transfer_delivered",
    "transfer_returned",
):
    for _outcome in (
        *("accepted", "duplicate", "insufficient_funds", "conflict"),
        *("account_unknown", "account_closed", "account_frozen", "currency_differs"),
    ):
        transfers.labels(_kind, _outcome)  # from zero, so that the first one is seen as an increase
batch_size = Histogram(
    "souk_ledger_batch_size", "Transfers posted together", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
invoices_issued = Counter("souk_invoices_issued_total", "Invoices and credit notes issued")


def note_proof(proof: Proof) -> None:
    """Show what the latest proof says."""
    ledger_imbalance.set(proof.difference.amount)
    issued.set(proof.issued.amount)
    wallets.set(proof.wallets.amount)
    escrow.set(proof.escrow.amount)
    fees.set(proof.fees.amount)
    receivables.set(proof.receivables.amount)
    proven_at.set(proof.proven_at.timestamp())


def note_chain(closed_at: datetime, waiting: timedelta) -> None:
    """Show how fresh the chain of blocks is."""
    block_closed_at.set(closed_at.timestamp())
    unchained.set(max(waiting.total_seconds(), 0))


def note_posted(answered: Sequence[tuple[str, str]]) -> None:
    """Count a batch that was posted: the kind and the outcome of each transfer."""
    batch_size.observe(len(answered))
    for (kind, outcome), count in Tally(answered).items():
        transfers.labels(kind, outcome).inc(count)
