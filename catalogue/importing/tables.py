"""Files of listings that sellers brought, and what came of their rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base
from souk.contracts.catalogue.imports import ImportStatus


class ImportRow(Base):
    """One file. Its rows are done in portions, in the order of their lines."""

    __tablename__ = "listing_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seller_id: Mapped[UUID]
    dry_run: Mapped[bool]
    """Only checked: nothing is made or changed."""
    status: Mapped[ImportStatus]
    content_hash: Mapped[str]
    """SHA-256 of the file: with the line it names a new listing, so the same file again makes nothing twice."""
    rows: Mapped[int]
    done: Mapped[int]
    made: Mapped[int]
    changed: Mapped[int]
    failed: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    turn_at: Mapped[datetime]
    """When a portion of it was last done: whoever waited longest is next, however long other sellers' files are."""
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The file's headings, with the first values below each."""
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What the columns are for; NULL while the seller has to say so."""
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """What was assumed or left aside."""
    files: Mapped[list[str]] = mapped_column(JSONB)
    """The names of the pictures that came in a ZIP beside it; their content lies in the picture store meanwhile."""
    pictures: Mapped[int]
    """That its rows name."""
    pictures_done: Mapped[int]
    pictures_failed: Mapped[int]
    pictures_turn_at: Mapped[datetime | None]
    """When some of them were last fetched; NULL when none waits."""

    __table_args__ = (
        CheckConstraint("status IN ('mapping', 'waiting', 'done', 'cancelled')", name="status_known"),
        CheckConstraint("mapping IS NOT NULL OR status IN ('mapping', 'cancelled')", name="mapped_before_done"),
        CheckConstraint("pictures_done + pictures_failed <= pictures", name="pictures_counted_once"),
        CheckConstraint("done <= rows AND made + changed + failed <= done", name="rows_counted_once"),
        Index("ix_listing_import_seller_id", "seller_id", "id"),
        Index("ix_listing_import_waiting", "turn_at", "id", postgresql_where=text("status = 'waiting'")),
        Index(
            "ix_listing_import_pictures_turn_at",
            "pictures_turn_at",
            postgresql_where=text("pictures_turn_at IS NOT NULL"),
        ),
        Index("ix_listing_import_created_at", "created_at"),
    )


class ImportMappingRow(Base):
    """What a seller last said that columns with these headings are for."""

    __tablename__ = "listing_import_mapping"

    seller_id: Mapped[UUID] = mapped_column(primary_key=True)
    headings: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the headings, in whatever order."""
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    used_at: Mapped[datetime]


class ImportLineRow(Base):
    """One row of a file; its entries go once it is done without a fault, for nothing is left to tell of it."""

    __tablename__ = "listing_import_line"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("listing_import.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    """As a text editor counts: the heading is line 1."""
    entries: Mapped[dict[str, str]] = mapped_column(JSONB)
    """Its cells by their heading."""
    errors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    """What has to be mended; NULL while the row waits."""


class ImportPictureRow(Base):
    """The pictures of one row that are still to be fetched, or could not be; it goes once nothing is left to tell."""

    __tablename__ = "listing_import_picture"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("listing_import.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    sources: Mapped[list[str]] = mapped_column(JSONB)
    """Addresses, or names in the ZIP, of those that wait, in their order."""
    errors: Mapped[list[str]] = mapped_column(JSONB)
    """What was wrong with others."""
    tries: Mapped[int]
    due: Mapped[datetime | None]
    """When somebody may fetch them; NULL once nobody will."""

    __table_args__ = (
        Index("ix_listing_import_picture_due", "import_id", "due", postgresql_where=text("due IS NOT NULL")),
    )
