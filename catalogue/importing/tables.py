"""Files of listings that sellers brought, and what came of their rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class ImportRow(Base):
    """One file. Its rows are done in portions, in the order of their lines."""

    __tablename__ = "listing_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seller_id: Mapped[UUID]
    dry_run: Mapped[bool]
    """Only checked: nothing is made or changed."""
    status: Mapped[str]
    content_hash: Mapped[str]
    """SHA-256 of the file: with the line it names a new listing, so the same file again makes nothing twice."""
    rows: Mapped[int]
    done: Mapped[int]
    made: Mapped[int]
    changed: Mapped[int]
    failed: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'done', 'cancelled')", name="status_known"),
        CheckConstraint("done <= rows AND made + changed + failed <= done", name="rows_counted_once"),
        Index("ix_listing_import_seller_id", "seller_id", "id"),
        Index("ix_listing_import_waiting", "id", postgresql_where=text("status = 'waiting'")),
        Index("ix_listing_import_created_at", "created_at"),
    )


class ImportLineRow(Base):
    """One row of a file; its entries go once it is done without a fault, for nothing is left to tell of it."""

    __tablename__ = "listing_import_line"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("listing_import.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    """As a text editor counts: the heading is line 1."""
    entries: Mapped[dict[str, str]] = mapped_column(JSONB)
    errors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    """What has to be mended; NULL while the row waits."""
