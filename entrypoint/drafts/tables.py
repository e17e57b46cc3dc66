"""What was typed into the selling form."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class TypedFormRow(Base):
    """One unfinished form. It may hold anything: nothing is checked before it is sent."""

    __tablename__ = "typed_form"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(primary_key=True)
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


Index("ix_typed_form_saved_at", TypedFormRow.saved_at)
