"""Reviews as people see them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import select

from souk.contracts.store import Review, ReviewAnswer, ReviewRemoval, ReviewRemovalReason
from store.database import among
from store.orders.tables import OrderLineRow
from store.orders.views import AnySession
from store.people.people import names
from store.reviews.tables import ReviewCaseRow, ReviewRow


async def shown(
    session: AnySession, rows: Sequence[ReviewRow], cases: Mapping[UUID, ReviewCaseRow] | None = None
) -> list[Review]:
    """The reviews with their authors' names and what was bought; `cases` tell why the removed ones were removed."""
    known = await names(session, [row.buyer_id for row in rows])
    bought = await _first_lines(session, [row.order_id for row in rows])
    return [_review(row, known[row.buyer_id], bought[row.order_id], (cases or {}).get(row.id)) for row in rows]


async def cases_of(session: AnySession, review_ids: Iterable[UUID]) -> dict[UUID, ReviewCaseRow]:
    """The cases of these reviews, as far as there are any."""
    found = await session.scalars(select(ReviewCaseRow).where(among(ReviewCaseRow.review_id, review_ids)))
    return {case.review_id: case for case in found}


async def _first_lines(session: AnySession, order_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """The listing and the title that stand for each order."""
    query = select(OrderLineRow.order_id, OrderLineRow.listing_id, OrderLineRow.title).where(
        among(OrderLineRow.order_id, order_ids), OrderLineRow.position == 0
    )
    return {row.order_id: (row.listing_id, row.title) for row in await session.execute(query)}


def _review(row: ReviewRow, author: str, bought: tuple[UUID, str], case: ReviewCaseRow | None) -> Review:
    answer = removal = None
    if row.answer is not None and row.answered_at is not None:
        answer = ReviewAnswer(text=row.answer, answered_at=row.answered_at, changed_at=row.answer_changed_at)
    if row.removed_at is not None and case is not None and case.reason is not None:
        reason = cast(ReviewRemovalReason, case.reason)
        removal = ReviewRemoval(reason=reason, text=case.words or "", removed_at=row.removed_at)
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
        answer=answer,
        removal=removal,
    )
