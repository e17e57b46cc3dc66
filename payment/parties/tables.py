"""The users as documents name them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base
from souk.contracts.payment.invoices import TaxCategory


class PartyRow(Base):
    """A user's name and country, as last told."""

    __tablename__ = "party"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(server_default=text("''"))
    """How they read, as last told (BCP 47); empty if that is unknown."""


class LegalProfileRow(Base):
    """Who a user says to be on documents. Documents keep what it said when they were issued."""

    __tablename__ = "legal_profile"
    __table_args__ = (
        CheckConstraint("tax_category IN ('S', 'Z', 'E', 'O')", name="category"),
        CheckConstraint("is_business = (tax_category <> 'O')", name="private_is_outside_vat"),
        CheckConstraint("is_business = (vat_id <> '' OR tax_number <> '')", name="business_is_registered"),
        CheckConstraint("(tax_rate > 0) = (tax_category = 'S')", name="rate"),
        CheckConstraint("(exemption_reason <> '') = (tax_category = 'E')", name="reason"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    line1: Mapped[str]
    line2: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    is_business: Mapped[bool]
    vat_id: Mapped[str]
    tax_number: Mapped[str]
    tax_category: Mapped[TaxCategory]
    tax_rate: Mapped[int] = mapped_column(SmallInteger)
    """Basis points."""
    exemption_reason: Mapped[str]
    language: Mapped[str] = mapped_column(server_default=text("''"))
    """How whoever wrote it reads (BCP 47); empty if that is unknown."""
    changed_at: Mapped[datetime]
