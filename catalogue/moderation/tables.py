"""Reports of listings, what waits for a moderator, and everything that was ever decided."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base
from souk.contracts.catalogue.events import ReportReason
from souk.contracts.catalogue.moderation import ModerationAction


class ReportRow(Base):
    """What one user says is wrong with a listing."""

    __tablename__ = "report"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    reporter_id: Mapped[UUID]
    reason: Mapped[ReportReason]
    words: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("listing_id", "reporter_id"),
        Index("ix_report_reporter_id", "reporter_id", "created_at"),
    )


class CaseRow(Base):
    """How it stands with a listing that was reported or taken down; one for each such listing."""

    __tablename__ = "moderation_case"

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    waiting_since: Mapped[datetime | None]
    """Since when it waits for a moderator; NULL if nothing is left to decide."""
    reports: Mapped[int]
    """Since the last decision."""
    status_before: Mapped[Literal["published", "withdrawn"] | None]
    """What the listing was before it was hidden, and will be again if it is restored; NULL while it is not hidden."""
    reason: Mapped[ReportReason | None]
    words: Mapped[str | None]
    """Why it is hidden, as its seller is told."""
    decided_at: Mapped[datetime | None]
    appeal: Mapped[str | None]
    """What the seller answers; NULL once it is decided."""

    __table_args__ = (
        CheckConstraint("status_before IN ('published', 'withdrawn')", name="status_before_known"),
        CheckConstraint("status_before IS NULL OR reason IS NOT NULL", name="hidden_for_a_reason"),
        CheckConstraint("appeal IS NULL OR status_before IS NOT NULL", name="appeal_against_hiding"),
        Index(
            "ix_moderation_case_waiting",
            "waiting_since",
            "listing_id",
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
    )


class RecordRow(Base):
    """One thing that was done, by whom and why. Append-only: the database refuses changes."""

    __tablename__ = "moderation_record"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    actor_id: Mapped[UUID]
    action: Mapped[ModerationAction]
    reason: Mapped[ReportReason | None]
    words: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "action IN ('reported', 'hidden', 'restored', 'dismissed', 'upheld', 'appealed')", name="action_known"
        ),
        Index("ix_moderation_record_listing_id", "listing_id", "id"),
    )
