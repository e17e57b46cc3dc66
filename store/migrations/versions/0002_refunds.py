"""Partial refunds of orders."""

import sqlalchemy as sa
from alembic import op
from souk.database.provision import app_role

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("refunded", "returned"):
        op.add_column("orders", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_constraint("ck_orders_settled_in_full", "orders")
    op.create_check_constraint(
        op.f("ck_orders_settled_in_full"),
        "orders",
        "(status = 'completed') = (coalesce(to_seller + fee, -1) = amount - refunded + returned)",
    )
    op.create_check_constraint(
        op.f("ck_orders_refunded_at_most"),
        "orders",
        "returned BETWEEN 0 AND refunded AND refunded <= amount",
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount > 0", name="ck_refund_amount"),
        sa.CheckConstraint("(fee IS NULL) = (booked_at IS NULL)", name="ck_refund_booked"),
        sa.CheckConstraint("source IN ('escrow', 'seller')", name="ck_refund_source"),
        sa.CheckConstraint("by IN ('seller', 'admin')", name="ck_refund_by"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_refund_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
    )
    op.create_index("ix_refund_order_id", "refund", ["order_id"])
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0 AND amount > 0", name="ck_refund_line_something"),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name="fk_refund_line_line_id"),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name="fk_refund_line_refund_id"),
        sa.PrimaryKeyConstraint("refund_id", "line_id", name="pk_refund_line"),
    )
    op.create_index("ix_refund_line_line_id", "refund_line", ["line_id"])
    app = app_role("store")
    op.execute(f"REVOKE UPDATE, DELETE ON refund, refund_line FROM {app}")
    op.execute(f"GRANT UPDATE (booked_at, fee) ON refund TO {app}")


def downgrade() -> None:
    op.drop_table("refund_line")
    op.drop_table("refund")
    op.drop_constraint(op.f("ck_orders_refunded_at_most"), "orders")
    op.drop_constraint(op.f("ck_orders_settled_in_full"), "orders")
    for name in ("returned", "refunded"):
        op.drop_column("orders", name)
    op.create_check_constraint(
        op.f("ck_orders_settled_in_full"),
        "orders",
        "(status = 'completed') = (coalesce(to_seller + fee, -1) = amount)",
    )
