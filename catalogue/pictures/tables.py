"""Picture files, and which listing shows them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class PictureFileRow(Base):
    """One uploaded picture in its three sizes. What buyers could see is kept for ever: orders show what was bought."""

    __tablename__ = "picture_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of what was uploaded, so that the same picture is kept once."""
    small: Mapped[str]
    medium: Mapped[str]
    large: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    """Pixels of the large size."""
    colour: Mapped[str]
    created_at: Mapped[datetime]
    stored: Mapped[bool]
    """Whether its files are in the store; FALSE while they are on their way."""
    kept: Mapped[bool]
    """Whether it stays though no listing shows it any more: buyers may have seen it."""
    used_at: Mapped[datetime]
    """When it was last uploaded; long after that it goes, if nothing shows it."""
    avif: Mapped[bool]
    """Whether each of its files is in the store as AVIF too."""
    avif_tries: Mapped[int]
    """How often somebody began to make them."""
    avif_due: Mapped[datetime | None]
    """When somebody may begin; NULL once they are made or given up."""

    __table_args__ = (
        Index("ix_picture_file_small", "small"),
        Index("ix_picture_file_medium", "medium"),
        Index("ix_picture_file_large", "large"),
        Index("ix_picture_file_used_at", "used_at", postgresql_where=text("NOT kept")),
        Index("ix_picture_file_avif_due", "avif_due", postgresql_where=text("avif_due IS NOT NULL")),
    )


class PictureGarbageRow(Base):
    """A file in the store that no picture has, as far as is known. Whoever needs or deletes it locks this row."""

    __tablename__ = "picture_garbage"

    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    """Until then somebody is deleting the file, and nobody may store it."""

    __table_args__ = (Index("ix_picture_garbage_since", "since"),)


class ListingPictureRow(Base):
    """A picture at its place in a listing; the one at place 0 stands for the listing in grids."""

    __tablename__ = "listing_picture"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    position: Mapped[int]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("picture_file.id"))
    alt: Mapped[str]

    __table_args__ = (
        # Deferrable makes it hold at a statement's end: one statement may move all pictures of a listing.
        UniqueConstraint("listing_id", "position", deferrable=True, initially="IMMEDIATE"),
        UniqueConstraint("listing_id", "file_id"),
        CheckConstraint("position >= 0", name="position_not_negative"),
        Index("ix_listing_picture_file_id", "file_id"),
    )
