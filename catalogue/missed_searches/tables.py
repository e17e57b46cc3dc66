"""Searches that found nothing."""

from datetime import date

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class SearchMissRow(Base):
    """Words that nothing on sale had all of, and how often they were looked for. Nobody knows by whom."""

    __tablename__ = "search_miss"

    words: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    """As they were typed, in small letters."""
    asked: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    """UTC days."""

    __table_args__ = (CheckConstraint("asked > 0", name="asked_positive"),)
