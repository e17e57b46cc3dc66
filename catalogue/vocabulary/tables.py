"""The words that listings on sale are made of."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class SearchWordRow(Base):
    """A word, or two that follow each other, of titles and attributes; or a seller's name."""

    __tablename__ = "search_word"

    kind: Mapped[Literal["words", "seller"]] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    """As search compares it: small letters, no accents; ordered by character, so that the key finds what begins so."""
    value: Mapped[str] = mapped_column(primary_key=True)
    """A seller's id; empty for words."""
    shown: Mapped[str]
    """As people write it."""
    uses: Mapped[int]
    """How often the listings looked at have it."""

    __table_args__ = (CheckConstraint("kind IN ('words', 'seller')", name="kind_known"),)


class SearchVocabularyRow(Base):
    """When the words were last counted: the one row of its table, which whoever counts locks."""

    __tablename__ = "search_vocabulary"

    id: Mapped[int] = mapped_column(primary_key=True)
    built_at: Mapped[datetime]
