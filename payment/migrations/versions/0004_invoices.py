"""Legal profiles, fee invoices and partial credit notes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ONE_OF_A_KIND = "uq_invoice_order_id_about_kind_refund_id"


def upgrade() -> None:
    op.create_table(
        "legal_profile",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "line1", "line2", "postcode", "city")),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_business", sa.Boolean(), nullable=False),
        sa.Column("vat_id", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.Column("tax_rate", sa.SmallInteger(), nullable=False),
        sa.Column("exemption_reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tax_category IN ('S', 'Z', 'E', 'O')", name=op.f("ck_legal_profile_category")),
        sa.CheckConstraint(
            "is_business = (tax_category <> 'O')", name=op.f("ck_legal_profile_private_is_outside_vat")
        ),
        sa.CheckConstraint(
            "is_business = (vat_id <> '' OR tax_number <> '')", name=op.f("ck_legal_profile_business_is_registered")
        ),
        sa.CheckConstraint("(tax_rate > 0) = (tax_category = 'S')", name=op.f("ck_legal_profile_rate")),
        sa.CheckConstraint("(exemption_reason <> '') = (tax_category = 'E')", name=op.f("ck_legal_profile_reason")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_legal_profile")),
    )
    op.add_column("invoice", sa.Column("about", sa.Text(), server_default=sa.text("'sale'"), nullable=False))
    op.add_column("invoice", sa.Column("refund_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f("ck_invoice_about"), "invoice", "about IN ('sale', 'fee')")
    op.create_check_constraint(
        op.f("ck_invoice_refund_is_credited"), "invoice", "refund_id IS NULL OR kind = 'credit_note'"
    )
    op.drop_constraint(op.f("uq_invoice_order_id_kind"), "invoice")
    op.create_unique_constraint(
        op.f(ONE_OF_A_KIND), "invoice", ["order_id", "about", "kind", "refund_id"], postgresql_nulls_not_distinct=True
    )
    op.create_index("ix_invoice_buyer_day", "invoice", ["buyer_id", "issued_on", "id"])
    op.create_index("ix_invoice_seller_day", "invoice", ["seller_id", "issued_on", "id"])


def downgrade() -> None:
    op.drop_index("ix_invoice_seller_day", table_name="invoice")
    op.drop_index("ix_invoice_buyer_day", table_name="invoice")
    op.drop_constraint(op.f(ONE_OF_A_KIND), "invoice")
    op.create_unique_constraint(op.f("uq_invoice_order_id_kind"), "invoice", ["order_id", "kind"])
    op.drop_constraint(op.f("ck_invoice_refund_is_credited"), "invoice")
    op.drop_constraint(op.f("ck_invoice_about"), "invoice")
    op.drop_column("invoice", "refund_id")
    op.drop_column("invoice", "about")
    op.drop_table("legal_profile")
