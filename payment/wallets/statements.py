"""Statements: what moved in a wallet, page by page or over a period, and its balance at any past time.

A wallet's entries are numbered 1..n, and each carries the balance after it. A time is turned into the number of the
last entry before it by halving (some forty look-ups, however many entries there are); everything else goes by number,
so that a page costs the same at the millionth entry as at the first.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, func, literal, or_, select

from payment.escrow.tables import Escrow, RefundRow
from payment.invoices.tables import Invoice
from payment.ledger import accounts
from payment.ledger.tables import Account, Entry, Transfer
from payment.parties import user_replica
from payment.wallets.pending import KINDS
from payment.wallets.tables import UserTransfer, WaitingTransferRow
from souk import paging
from souk.contracts.payment.statements import DocumentLink, KindTotals, StatementLine, StatementPage, StatementSummary
from souk.contracts.payment.wallets import BalanceAt
from souk.database import Database, ReadSession
from souk.errors import InvalidInput
from souk.money import Money
from souk.paging import KeyPlace

READ_MAX = 1000
"""Movements read at once for a download."""

TOTALS_MAX = 200_000
"""Movements of a period whose totals are added up; beyond, only its balances are told."""

OF_ORDERS = frozenset({"capture", "settlement", "refund"})
"""Kinds whose reference is a purchase (`capture`) or an order."""

YEARS = (2000, 2999)
"""Times that are looked for at all."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`; None is the beginning, or now."""

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            check_moment(name, getattr(self, name))
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidInput("until", "must be later than since", code="until-before-since")


@dataclass(frozen=True, slots=True)
class Span:
    """A period as entries of one wallet: those after `before`, up to `last`."""

    user_id: UUID
    currency: str
    before: int
    last: int

    @property
    def wallet_id(self) -> UUID:
        """The wallet's account."""
        return accounts.wallet(self.user_id, self.currency).id

    @property
    def count(self) -> int:
        """How many entries it has."""
        return max(self.last - self.before, 0)


def check_moment(name: str, moment: datetime | None) -> None:
    """Raise InvalidInput unless the time has a zone and a year that can be looked for."""
    if moment is None:
        return
    if moment.tzinfo is None:
        raise InvalidInput(name, "needs its offset, such as 2026-11-01T00:00:00Z", code="offset-needed")
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise InvalidInput(
            name, "must be in the years {first} to {last}", code="year-out-of-range", first=YEARS[0], last=YEARS[1]
        )


async def span_of(reader: ReadSession, user_id: UUID, currency: str, period: Period) -> Span:
    """The entries of a user's wallet in a period."""
    wallet_id = accounts.wallet(user_id, currency).id
    newest = select(func.coalesce(func.max(Account.version), 0)).where(Account.id == wallet_id).scalar_subquery()

    def version_at(moment: datetime | None, otherwise: Any) -> Any:
        return otherwise if moment is None else func.version_at(wallet_id, moment.astimezone(UTC))

    row = (await reader.execute(select(version_at(period.since, literal(0)), version_at(period.until, newest)))).one()
    return Span(user_id, currency, int(row[0]), int(row[1]))


async def page(reader: ReadSession, span: Span, *, cursor: str | None, limit: int) -> StatementPage:
    """The movements of a span, newest first. Raises BadCursor."""
    listed = paging.checksum("statement", span.wallet_id)
    place = paging.place_of(cursor, KeyPlace, listed)
    last = span.last if place is None else min(span.last, place.value - 1)
    rows = await _rows(reader, replace(span, last=last), limit + 1, newest_first=True)
    return StatementPage(
        items=await _lines(reader, span, rows[:limit]),
        next_cursor=paging.next_cursor(
            rows, limit, lambda row: KeyPlace.of(listed, span.wallet_id, row.account_version)
        ),
    )


async def summary(reader: ReadSession, span: Span, period: Period) -> StatementSummary:
    """A span's balances before and after, and what each kind of movement brought and took."""
    return StatementSummary(
        since=period.since,
        until=period.until,
        opening=await _balance_after(reader, span, span.before),
        closing=await _balance_after(reader, span, max(span.last, span.before)),
        entries=span.count,
        totals=await _totals(reader, span) if span.count <= TOTALS_MAX else None,
    )


async def _totals(reader: ReadSession, span: Span) -> list[KindTotals]:
    version, currency = Entry.account_version, span.currency
    came = func.coalesce(func.sum(Entry.amount).filter(Entry.amount > 0), 0)
    went = func.coalesce(-func.sum(Entry.amount).filter(Entry.amount < 0), 0)
    query = (
        select(Transfer.kind, func.count(), came, went)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Entry.account_id == span.wallet_id, version > span.before, version <= span.last)
        .group_by(Transfer.kind)
        .order_by(Transfer.kind)
    )
    return [
        KindTotals(kind=kind, count=count, money_in=Money(int(a), currency), money_out=Money(int(b), currency))
        for kind, count, a, b in await reader.execute(query)
    ]


async def balance_at(reader: ReadSession, user_id: UUID, currency: str, at: datetime) -> BalanceAt:
    """The balance after the last movement before `at`."""
    check_moment("at", at)
    span = await span_of(reader, user_id, currency, Period(until=at))
    return BalanceAt(at=at, balance=await _balance_after(reader, span, span.last))


async def lines(database: Database, span: Span) -> AsyncIterator[list[StatementLine]]:
    """All movements of a span, oldest first, READ_MAX at a time; no connection is held while they are used."""
    before = span.before
    while before < span.last:
        async with database.reading() as reader:
            rows = await _rows(reader, replace(span, before=before), READ_MAX, newest_first=False)
            portion = await _lines(reader, span, rows)
        if not rows:
            return
        yield portion
        before = rows[-1].account_version


async def _rows(reader: ReadSession, span: Span, limit: int, *, newest_first: bool) -> Sequence[Row[Any]]:
    version = Entry.account_version
    query = (
        select(
            version,
            Entry.amount,
            Entry.balance_after,
            Transfer.id,
            Transfer.kind,
            Transfer.reference,
            Transfer.created_at,
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == span.wallet_id, version > span.before, version <= span.last)
        .order_by(version.desc() if newest_first else version)
        .limit(limit)
    )
    return cast(Sequence[Row[Any]], (await reader.execute(query)).all())


async def _balance_after(reader: ReadSession, span: Span, version: int) -> Money:
    query = select(Entry.balance_after).where(Entry.account_id == span.wallet_id, Entry.account_version == version)
    return Money(await reader.scalar(query) or 0 if version else 0, span.currency)


async def _lines(reader: ReadSession, span: Span, rows: Sequence[Row[Any]]) -> list[StatementLine]:
    others = await _others(reader, span.user_id, [row.id for row in rows if row.kind == "transfer"])
    others |= await _waited(reader, span.user_id, [row for row in rows if row.kind in KINDS])
    documents = await _documents(reader, span.user_id, [row for row in rows if row.kind in OF_ORDERS])
    others |= await _shares(reader, rows, span.currency)
    return [
        StatementLine(
            transfer_id=row.id,
            kind=row.kind,
            amount=Money(row.amount, span.currency),
            balance_after=Money(row.balance_after or 0, span.currency),  # a wallet's entry always has it
            reference=row.reference,
            at=row.created_at,
            documents=documents.get(row.reference, []),
            **others.get(row.id, {}),
        )
        for row in rows
    ]


async def _others(reader: ReadSession, user_id: UUID, transfer_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Who sent or received these transfers, and what was said with them."""
    if not transfer_ids:
        return {}
    query = select(UserTransfer).where(UserTransfer.transfer_id.in_(transfer_ids))
    sent = {
        row.transfer_id: (row.recipient_id if row.sender_id == user_id else row.sender_id, row.note)
        for row in await reader.scalars(query)
    }
    display_names = await user_replica.names(reader, (other for other, _ in sent.values()))
    return {
        transfer_id: {"other_id": other, "other_name": display_names.get(other, ""), "note": note}
        for transfer_id, (other, note) in sent.items()
    }


async def _shares(reader: ReadSession, rows: Sequence[Row[Any]], currency: str) -> dict[UUID, dict[str, Any]]:
    """Of a seller's sales and of the refunds they gave: what the buyers paid or got, and the fee within it."""
    sales = {UUID(row.reference): row.id for row in rows if row.kind == "settlement"}
    refund_ids = [row.id for row in rows if row.kind == "refund" and row.amount < 0]
    if not sales and not refund_ids:
        return {}
    settled = select(Escrow.order_id.label("of"), Escrow.settled.label("gross"), Escrow.fee)
    refunded = select(RefundRow.id, RefundRow.amount, RefundRow.fee).where(RefundRow.id.in_(refund_ids))
    shares = await reader.execute(settled.where(Escrow.order_id.in_(sales)).union_all(refunded))
    return {
        sales.get(row.of, row.of): {"gross": Money(row.gross, currency), "fee": Money(row.fee, currency)}
        for row in shares
    }


async def _waited(reader: ReadSession, user_id: UUID, rows: Sequence[Row[Any]]) -> dict[UUID, dict[str, Any]]:
    """The same of money that waited for an address to be proved; where nobody has it, the address stands for them."""
    first = {row.id: UUID(row.reference) if row.reference else row.id for row in rows}
    if not first:
        return {}
    query = select(WaitingTransferRow).where(WaitingTransferRow.transfer_id.in_(set(first.values())))
    transfers = {row.transfer_id: row for row in await reader.scalars(query)}
    others = {
        row.transfer_id: row.recipient_id if row.sender_id == user_id else row.sender_id for row in transfers.values()
    }
    display_names = await user_replica.names(reader, (other for other in others.values() if other is not None))
    parties: dict[UUID, dict[str, Any]] = {}
    for transfer_id, original in first.items():
        if (row := transfers.get(original)) is not None:
            other = others[original]
            name = (
                row.email if row.sender_id == user_id and row.email else display_names.get(other, "") if other else ""
            )
            parties[transfer_id] = {"other_id": other, "other_name": name, "note": row.note}
    return parties


async def _documents(reader: ReadSession, user_id: UUID, rows: Iterable[Row[Any]]) -> dict[str, list[DocumentLink]]:
    """The user's own documents of the orders that movements were for, by the movements' references."""
    references: dict[UUID, str] = {UUID(row.reference): row.reference for row in rows if row.kind != "capture"}
    purchases = [UUID(row.reference) for row in rows if row.kind == "capture"]
    if purchases:
        bought = select(Escrow.order_id, Escrow.purchase_id).where(Escrow.purchase_id.in_(purchases))
        references |= {row.order_id: str(row.purchase_id) for row in await reader.execute(bought)}
    if not references:
        return {}
    documents: dict[str, list[DocumentLink]] = defaultdict(list)
    query = (
        select(Invoice.id, Invoice.number, Invoice.kind, Invoice.order_id)
        .where(Invoice.order_id.in_(references), or_(Invoice.buyer_id == user_id, Invoice.seller_id == user_id))
        .order_by(Invoice.id)
    )
    for row in await reader.execute(query):
        link = DocumentLink(id=row.id, number=row.number, kind=row.kind)
        documents[references[row.order_id]].append(link)
    return documents
