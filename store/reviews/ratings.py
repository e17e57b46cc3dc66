"""What the reviews of a seller add up to: one row, changed in the transaction of the review."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from souk.contracts.store.events import SellerRated
from souk.contracts.store.reviews import ReviewSummary
from souk.database import AnySession, Session
from souk.events import Sequenced
from store.reviews.tables import COUNTS, RatingRow


async def count(
    session: Session, seller_id: UUID, *, before: int | None = None, after: int | None = None
) -> list[Sequenced]:
    """Take a review of `before` stars out of the sums and put one of `after` stars in; to tell is what they are now.

    The seller's row stays locked until the transaction ends, so concurrent reviews are counted one after the other.
    """
    if before == after:
        return []
    change = dict.fromkeys(COUNTS, 0)
    if before is not None:
        change[COUNTS[before - 1]] -= 1
    if after is not None:
        change[COUNTS[after - 1]] += 1
    change |= {"reviews": sum(change.values()), "stars": (after or 0) - (before or 0)}
    none = dict.fromkeys(change, 0) | {"seller_id": seller_id, "version": 0}
    await session.execute(insert(RatingRow).values(none).on_conflict_do_nothing())
    values = {name: getattr(RatingRow, name) + by for name, by in change.items() if by}
    counting = update(RatingRow).where(RatingRow.seller_id == seller_id).values(**values, version=RatingRow.version + 1)
    counted = counting.returning(RatingRow.reviews, RatingRow.stars, RatingRow.version)
    now = (await session.execute(counted.execution_options(synchronize_session=False))).one()
    rated = SellerRated(seller_id=seller_id, reviews=now.reviews, stars=now.stars)
    return [Sequenced(rated, now.version)]


async def summary(session: AnySession, seller_id: UUID) -> ReviewSummary:
    """What a seller's reviews add up to; zeros for somebody who has none."""
    row = await session.get(RatingRow, seller_id)
    if row is None:
        return ReviewSummary(reviews=0, stars=0, counts=[0] * len(COUNTS))
    return ReviewSummary(reviews=row.reviews, stars=row.stars, counts=[getattr(row, name) for name in COUNTS])
