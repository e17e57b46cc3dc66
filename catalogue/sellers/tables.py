"""What the catalogue knows of users: a projection of the entrypoint's events."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Computed, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that nobody told."""


class SellerRow(Base):
    """What a visitor may see of a user."""

    __tablename__ = "seller"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    country: Mapped[str]
    since: Mapped[datetime | None]
    """When the account was opened; unknown while only a later change has been heard of."""
    changed_at: Mapped[datetime]
    """When this was so at the entrypoint; older news is ignored."""
    reviews: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    stars: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The sum over all their reviews."""
    rating: Mapped[int] = mapped_column(
        SmallInteger,
        Computed(
            "CASE WHEN reviews = 0 THEN 0 WHEN 2 * stars >= 9 * reviews THEN 9 WHEN stars >= 4 * reviews THEN 8 "
            "WHEN stars >= 3 * reviews THEN 6 ELSE 0 END",
            persisted=True,
        ),
    )
    """The highest rating that filters ask for (3, 4 or 4.5 stars) and that they reach on average, in half stars; 0 if
    they reach none, or have no reviews."""
    suspended: Mapped[bool] = mapped_column(server_default=text("false"))
    standing_version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The account's version when it was last suspended or restored; older news of that is ignored."""
    rated_version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The store's count of changes to `reviews` and `stars`; older news is ignored."""
