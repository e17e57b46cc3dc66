"""Which accounts there are: their ids derive from what they are for, and they are opened when first needed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from payment.ledger.tables import Account, AccountKind
from souk.database import Session, Statement
from souk.ids import derived_id

# A key share keeps a wallet open without keeping anybody from booking to it: closing it takes the whole row.
_OPEN: Statement[Account] = Statement("""
    WITH opened AS (
        INSERT INTO account (id, kind, owner, currency)
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:owners AS uuid[]), CAST(:currencies AS text[])
        ) AS new (id, kind, owner, currency) ORDER BY id
        ON CONFLICT DO NOTHING
    )
    SELECT id, status FROM account WHERE id = ANY(CAST(:kept_open AS uuid[])) ORDER BY id FOR KEY SHARE
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


async def open_accounts(
    session: Session, accounts: Iterable[AccountSpec], *, kept_open: Collection[UUID] = ()
) -> set[UUID]:
    """Open those that are not open yet, in the order of their ids, so that two openers never wait for each other.

    Of the accounts `kept_open`, nobody closes one until the transaction ends; gives those that are closed already.
    """
    unique = sorted({account.id: account for account in accounts}.values(), key=lambda account: account.id)
    if not unique:
        return set()
    rows = await _OPEN.all(
        session,
        ids=[account.id for account in unique],
        kinds=[account.kind for account in unique],
        owners=[account.owner for account in unique],
        currencies=[account.currency for account in unique],
        kept_open=list(kept_open),
    )
    return {row.id for row in rows if row.status == "closed"}


async def lock_open(session: Session, accounts: Iterable[AccountSpec]) -> dict[UUID, Account]:
    """Lock open accounts in the order of their ids, as `post` does, and give them as they are now.

    For whoever must know a balance before they decide what to post; the accounts must be all that are then posted to
    and carry a balance, or two batches could wait for each other.
    """
    return {row.id: row for row in await _LOCK.all(session, ids=[account.id for account in accounts])}
