"""Reviews, what they add up to, and what moderators did about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.events import ReviewRemovalReason
from souk.contracts.store.reviews import ReviewRecordAction
from store.database import Base

COUNTS = ("ones", "twos", "threes", "fours", "fives")
"""The columns that count reviews, by their stars."""


class ReviewRow(Base):
    """What a buyer says of one order. Never deleted: a removed one does not count and is not shown."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("buyer_id <> seller_id", name="two_people"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint(
            "answer IS NOT NULL OR (answer_changed_at IS NULL AND answer_removed_at IS NULL)", name="answer_first"
        ),
        Index("ix_review_seller", "seller_id", "id", postgresql_where=text("removed_at IS NULL")),
        Index("ix_review_seller_stars", "seller_id", "stars", "id", postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """UUIDv7: the order of ids is the order in which reviews were written."""
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    stars: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changes: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer_changes: Mapped[int] = mapped_column(Integer)
    answer_removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """NULL: it is shown with the review."""
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """NULL: it counts and is shown."""
    version: Mapped[int] = mapped_column(Integer)


class RatingRow(Base):
    """What the reviews of one seller add up to, without those that were removed."""

    __tablename__ = "seller_rating"
    __table_args__ = (
        CheckConstraint("least(ones, twos, threes, fours, fives) >= 0", name="counts"),
        CheckConstraint("reviews = ones + twos + threes + fours + fives", name="reviews"),
        CheckConstraint("stars = ones + 2 * twos + 3 * threes + 4 * fours + 5 * fives", name="stars"),
    )

    seller_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    reviews: Mapped[int] = mapped_column(Integer)
    stars: Mapped[int] = mapped_column(Integer)
    ones: Mapped[int] = mapped_column(Integer)
    twos: Mapped[int] = mapped_column(Integer)
    threes: Mapped[int] = mapped_column(Integer)
    fours: Mapped[int] = mapped_column(Integer)
    fives: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    """Counts the changes, 1..n; the sequence of `SellerRated`."""


class ReviewReportRow(Base):
    """What one user says is wrong with a review."""

    __tablename__ = "review_report"
    __table_args__ = (
        UniqueConstraint("review_id", "reporter_id"),
        Index("ix_review_report_reporter_id", "reporter_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    reporter_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[ReviewRemovalReason] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReviewCaseRow(Base):
    """How it stands with a review that was reported or removed; one for each such review."""

    __tablename__ = "review_case"
    __table_args__ = (
        CheckConstraint("(reason IS NULL) = (words IS NULL)", name="removed_in_words"),
        CheckConstraint("(answer_reason IS NULL) = (answer_words IS NULL)", name="answer_removed_in_words"),
        Index(
            "ix_review_case_waiting",
            "waiting_since",
            "review_id",
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
    )

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    waiting_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits for a moderator; NULL if nothing is left to decide."""
    reports: Mapped[int] = mapped_column(Integer)
    """Since the last decision."""
    reason: Mapped[ReviewRemovalReason | None] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(Text)
    """Why it is removed, as its author is told; NULL while it is not."""
    answer_reason: Mapped[ReviewRemovalReason | None] = mapped_column(Text)
    answer_words: Mapped[str | None] = mapped_column(Text)
    """Why the answer is removed, as the seller is told; NULL while it is not."""


class ReviewRecordRow(Base):
    """One thing that was done, by whom and why; the service may add rows, never change them."""

    __tablename__ = "review_record"
    __table_args__ = (
        CheckConstraint(
            "action IN ('reported', 'removed', 'restored', 'dismissed', 'answer_removed', 'answer_restored')",
            name="action",
        ),
        Index("ix_review_record_review_id", "review_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    actor_id: Mapped[UUID] = mapped_column(Uuid)
    action: Mapped[ReviewRecordAction] = mapped_column(Text)
    reason: Mapped[ReviewRemovalReason | None] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
