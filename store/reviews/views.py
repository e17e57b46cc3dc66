"""Reviews as people see them: what was removed, only its author and moderators."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from souk.contracts.store.events import ReviewRemovalReason
from souk.contracts.store.reviews import Review, ReviewAnswer, ReviewRemoval
from souk.database import AnySession
from souk.http import Identity
from store.database import among
from store.orders.tables import OrderLineRow
from store.reviews.tables import ReviewCaseRow, ReviewRow
from store.user_replica.user_replica import names

SEE_REMOVED = frozenset({"admin", "moderator"})


def sees(row: ReviewRow, identity: Identity) -> bool:
    """Whether the review is there for whoever asks."""
    return row.removed_at is None or _may(row.buyer_id, identity)


async def shown(session: AnySession, rows: Sequence[ReviewRow], identity: Identity) -> list[Review]:
    """The reviews with their authors' names and what was bought, as whoever asks may see them."""
    display_names = await names(session, [row.buyer_id for row in rows])
    bought = await _first_lines(session, [row.order_id for row in rows])
    cases = await _cases_of(session, [row.id for row in rows if row.removed_at or row.answer_removed_at])
    return [
        _review(row, display_names[row.buyer_id], bought[row.order_id], cases.get(row.id), identity) for row in rows
    ]


async def _cases_of(session: AnySession, review_ids: Sequence[UUID]) -> dict[UUID, ReviewCaseRow]:
    if not review_ids:
        return {}
    cases = await session.scalars(select(ReviewCaseRow).where(among(ReviewCaseRow.review_id, review_ids)))
    return {case.review_id: case for case in cases}


async def _first_lines(session: AnySession, order_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """The listing and the title that stand for each order."""
    query = select(OrderLineRow.order_id, OrderLineRow.listing_id, OrderLineRow.title).where(
        among(OrderLineRow.order_id, order_ids), OrderLineRow.position == 0
    )
    return {row.order_id: (row.listing_id, row.title) for row in await session.execute(query)}


def _may(author_id: UUID, identity: Identity) -> bool:
    return identity.user_id == author_id or bool(identity.roles & SEE_REMOVED)


def _review(
    row: ReviewRow, author: str, bought: tuple[UUID, str], case: ReviewCaseRow | None, identity: Identity
) -> Review:
    removal = None
    if case is not None and _may(row.buyer_id, identity):
        removal = _removal(row.removed_at, case.reason, case.words)
    return Review(
        id=row.id,
        seller_id=row.seller_id,
        author_name=author,
        listing_id=bought[0],
        title=bought[1],
        stars=row.stars,
        text=row.words,
        written_at=row.written_at,
        changed_at=row.changed_at,
        answer=_answer(row, case, identity),
        removal=removal,
    )


def _answer(row: ReviewRow, case: ReviewCaseRow | None, identity: Identity) -> ReviewAnswer | None:
    if row.answer is None or row.answered_at is None:
        return None
    removal = None
    if row.answer_removed_at is not None:
        if case is None or not _may(row.seller_id, identity):
            return None
        removal = _removal(row.answer_removed_at, case.answer_reason, case.answer_words)
    return ReviewAnswer(text=row.answer, answered_at=row.answered_at, changed_at=row.answer_changed_at, removal=removal)


def _removal(at: datetime | None, reason: ReviewRemovalReason | None, words: str | None) -> ReviewRemoval | None:
    if at is None or reason is None:
        return None
    return ReviewRemoval(reason=reason, text=words or "", removed_at=at)
