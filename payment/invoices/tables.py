"""Number series, issued documents and their PDFs."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from payment.database import Base
from souk.contracts.payment.events import InvoiceAbout, InvoiceKind


class Series(Base):
    """The counter of a seller's invoices or credit notes; whoever issues holds its row until the commit.

    The marketplace is the seller of its fees.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
        UniqueConstraint("kind", "code"),
    )

    seller_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[InvoiceKind] = mapped_column(primary_key=True)
    code: Mapped[str]
    last_position: Mapped[int] = mapped_column(server_default=text("0"))
    last_issued_at: Mapped[datetime | None]
    """When its last document was issued: the next is not earlier, whatever the clock says."""
    ordered_from: Mapped[int] = mapped_column(server_default=text("0"))
    """Documents up to this position are from before their dates were kept in order."""


class Invoice(Base):
    """An issued invoice or credit note; never changed, for the document is what both parties got."""

    __tablename__ = "invoice"
    __table_args__ = (
        ForeignKeyConstraint(["seller_id", "kind"], ["series.seller_id", "series.kind"]),
        # Of an order one invoice of the sale and one of the fee, and of each refund one credit note to either.
        UniqueConstraint("order_id", "about", "kind", "refund_id", postgresql_nulls_not_distinct=True),
        UniqueConstraint("seller_id", "kind", "position"),
        UniqueConstraint("number"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("(kind = 'credit_note') = (corrects IS NOT NULL)", name="corrects"),
        CheckConstraint("about IN ('sale', 'fee')", name="about"),
        CheckConstraint("refund_id IS NULL OR kind = 'credit_note'", name="refund_is_credited"),
        Index("ix_invoice_buyer", "buyer_id", "id"),
        Index("ix_invoice_seller", "seller_id", "id"),
        Index("ix_invoice_buyer_day", "buyer_id", "issued_on", "id"),
        Index("ix_invoice_seller_day", "seller_id", "issued_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[InvoiceKind]
    number: Mapped[str]
    position: Mapped[int]
    seller_id: Mapped[UUID]
    buyer_id: Mapped[UUID]
    order_id: Mapped[UUID]
    about: Mapped[InvoiceAbout] = mapped_column(server_default=text("'sale'"))
    """`sale`: the seller's to the buyer; `fee`: the marketplace's to the seller, who is then `buyer_id`."""
    refund_id: Mapped[UUID | None]
    """The refund that a credit note is for; NULL for a cancelled order."""
    corrects: Mapped[str | None]
    total: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[date]
    document: Mapped[str]
    document_hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]


class InvoicePdf(Base):
    """The drawn document, or the order to draw it. It is written once, and can always be drawn again from the document."""

    __tablename__ = "invoice_pdf"
    __table_args__ = (
        CheckConstraint("(content IS NULL) = (content_hash IS NULL)", name="hashed"),
        Index("ix_invoice_pdf_due", "due_at", postgresql_where="content IS NULL"),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    content: Mapped[bytes | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    drawn_by: Mapped[str | None]
    """The `edition` that drew it; NULL for one drawn before that was noted."""
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class SealedDocument(Base):
    """The hash of an issued document, and of its PDF, at its position in the chain of blocks; triggers write it.

    Positions are of the one sequence that transfers have theirs from, so a block closes over both.
    """

    __tablename__ = "sealed_document"
    __table_args__ = (
        CheckConstraint("part IN ('document', 'pdf')", name="part"),
        UniqueConstraint("invoice_id", "part"),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    part: Mapped[Literal["document", "pdf"]]
    hash: Mapped[str] = mapped_column(String(64))
