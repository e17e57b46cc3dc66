"""What the catalogue knows of users: a projection of the entrypoint's events."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


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
