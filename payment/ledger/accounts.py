"""Which accounts there are: their ids derive from what they are for, and they are opened when first needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from payment.ledger.tables import Account, AccountKind
from souk.database import Session, Statement
from souk.ids import derived_id

_OPEN: Statement[None] = Statement("""
    INSERT INTO account (id, kind, owner, currency)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:owners AS uuid[]), CAST(:currencies AS text[])
    ) AS new (id, kind, owner, currency) ORDER BY id
    ON CONFLICT DO NOTHING
""")
_LOCK: Statement[Account] = Statement(
    select(Account)
    .where(Account.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(Account.id)
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account, whether it is open already or not."""

    id: UUID
    kind: AccountKind
    owner: UUID | None
    currency: str


def wallet(user_id: UUID, currency: str) -> AccountSpec:
    """What a user has."""
    return AccountSpec(derived_id("wallet", user_id, currency), "wallet", user_id, currency)


def escrow(order_id: UUID, currency: str) -> AccountSpec:
    """What is held for an order."""
    return AccountSpec(derived_id("escrow", order_id), "escrow", order_id, currency)


def receivable(seller_id: UUID, currency: str) -> AccountSpec:
    """What a seller owes after refunds, as a balance of zero or less."""
    return AccountSpec(derived_id("receivable", seller_id, currency), "receivable", seller_id, currency)


def waiting(transfer_id: UUID, currency: str) -> AccountSpec:
    """What lies between a sender and an address that nobody has proved yet."""
    return AccountSpec(derived_id("waiting", transfer_id), "waiting", transfer_id, currency)


def fees(currency: str) -> AccountSpec:
    """What the marketplace earned."""
    return AccountSpec(derived_id("fees", currency), "fees", None, currency)


def issuance(currency: str) -> AccountSpec:
    """Where virtual money comes from; its balance is minus all that was ever issued."""
    return AccountSpec(derived_id("issuance", currency), "issuance", None, currency)


async def open_accounts(session: Session, accounts: Iterable[AccountSpec]) -> None:
    """Open those that are not open yet, in the order of their ids, so that two openers never wait for each other."""
    unique = sorted({account.id: account for account in accounts}.values(), key=lambda account: account.id)
    if unique:
        await _OPEN.run(
            session,
            ids=[account.id for account in unique],
            kinds=[account.kind for account in unique],
            owners=[account.owner for account in unique],
            currencies=[account.currency for account in unique],
        )


async def lock_open(session: Session, accounts: Iterable[AccountSpec]) -> dict[UUID, Account]:
    """Lock open accounts in the order of their ids, as `post` does, and give them as they are now.

    For whoever must know a balance before they decide what to post; the accounts must be all that are then posted to
    and carry a balance, or two batches could wait for each other.
    """
    return {row.id: row for row in await _LOCK.all(session, ids=[account.id for account in accounts])}
