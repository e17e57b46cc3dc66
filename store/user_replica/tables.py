"""Who people are to each other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base


class PersonRow(Base):
    """A user's display name, as the entrypoint last told it."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    display_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the user chose it, if the event said so: an older change never overwrites a newer one."""


class WalletStateRow(Base):
    """Whether nothing can be paid into a user's wallet, as the payment service last told; without a row it can."""

    __tablename__ = "wallet_state"

    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    is_closed: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
