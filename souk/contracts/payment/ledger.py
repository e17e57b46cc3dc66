"""The ledger's proof, and what of a purchase it holds."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from souk.money import Money

EscrowStatus = Literal["held", "settled", "refunded"]
"""`settled` if any of it was settled in the end."""

CaptureOutcome = Literal["captured", "insufficient_funds", "wallet_closed", "expired"]


class NewestBlock(msgspec.Struct, frozen=True, kw_only=True):
    """The newest closed block of transfers. Whoever notes its hash can tell later whether anything before it changed."""

    number: int
    """1..n."""
    hash: str
    """SHA-256 over its transfers and the hash of the block before, hex."""
    closed_at: datetime


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Proof of money: what was issued equals what everybody has; receivables count below zero, for they are owed."""

    issued: Money
    wallets: Money
    escrow: Money
    fees: Money
    receivables: Money
    waiting: Money | None = None
    """Sent to addresses that nobody has proved yet."""
    difference: Money
    """Always zero, or the alarm rings."""
    transfers: int
    proven_at: datetime
    newest_block: NewestBlock | None = None
    """None until the first transfers are closed in a block."""


class EscrowState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of one order is."""

    order_id: UUID
    status: EscrowStatus
    amount: Money
    """What came in."""
    held: Money
    """What is left of it."""
    settled: Money
    refunded: Money
    captured_at: datetime
    ended_at: datetime | None


class PurchaseMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on the payment of a purchase, and where the money is."""

    outcome: CaptureOutcome
    decided_at: datetime
    escrows: list[EscrowState]
