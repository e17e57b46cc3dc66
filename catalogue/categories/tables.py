"""The category tree as it is stored."""

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base
from souk.contracts.catalogue.categories import AttributeKind


class CategoryRow(Base):
    """A node of the tree."""

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("category.slug"))
    icon: Mapped[str]
    position: Mapped[int]
    """Its place in the tree, read from top to bottom; parents come before their children."""
    path: Mapped[str]
    """Slugs from the root down to this one, joined by `/`."""


class CategoryAttributeRow(Base):
    """Something that is asked of every listing in a category and below it."""

    __tablename__ = "category_attribute"

    category: Mapped[str] = mapped_column(ForeignKey("category.slug", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[AttributeKind]
    """`choice` (one of `options`), `text`, or `number` (in `unit`)."""
    unit: Mapped[str]
    options: Mapped[list[str]] = mapped_column(ARRAY(Text))
    position: Mapped[int]

    __table_args__ = (CheckConstraint("kind IN ('choice', 'text', 'number')", name="kind_known"),)
