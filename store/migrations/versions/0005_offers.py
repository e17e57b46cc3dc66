"""Offers: prices that buyers name for listings, and order lines that were bought at one."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _offer()
    op.create_table(
        "offer_round",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "by = CASE number % 2 WHEN 1 THEN 'buyer' ELSE 'seller' END", name="ck_offer_round_in_turns"
        ),
        sa.CheckConstraint("price > 0", name="ck_offer_round_price"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_offer_round_offer_id"),
        sa.PrimaryKeyConstraint("offer_id", "number", name="pk_offer_round"),
    )
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON offer_round FROM {app_role('store')}")
    op.add_column("order_line", sa.Column("offer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_order_line_offer_id", "order_line", "offer", ["offer_id"], ["id"])
    op.create_index(
        "ix_order_line_offer", "order_line", ["offer_id"], postgresql_where=sa.text("offer_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_order_line_offer", "order_line")
    op.drop_constraint("fk_order_line_offer_id", "order_line")
    op.drop_column("order_line", "offer_id")
    op.drop_table("offer_round")
    op.drop_table("offer")


def _offer() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("asking_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined', 'withdrawn', 'expired', 'bought')", name="ck_offer_status"
        ),
        sa.CheckConstraint("turn IN ('buyer', 'seller')", name="ck_offer_turn"),
        sa.CheckConstraint("buyer_id <> seller_id", name="ck_offer_two_people"),
        sa.CheckConstraint("price > 0 AND price < asking_price", name="ck_offer_price"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name="ck_offer_quantity"),
        sa.CheckConstraint(
            "(status IN ('open', 'accepted', 'bought')) = (deadline IS NOT NULL)",
            name="ck_offer_waits_with_deadline",
        ),
        sa.CheckConstraint(
            "(status = 'bought') = (purchase_id IS NOT NULL)", name="ck_offer_bought_by_a_purchase"
        ),
        sa.CheckConstraint("paid_at IS NULL OR status = 'bought'", name="ck_offer_paid_is_bought"),
        sa.CheckConstraint(
            "CASE WHEN status IN ('accepted', 'bought') THEN accepted_at IS NOT NULL"
            " WHEN status IN ('open', 'declined') THEN accepted_at IS NULL ELSE true END",
            name="ck_offer_accepted_first",
        ),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name="fk_offer_purchase_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
    )
    op.create_index(
        "uq_offer_live",
        "offer",
        ["buyer_id", "listing_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'accepted') OR (status = 'bought' AND paid_at IS NULL)"),
    )
    op.create_index("ix_offer_buyer", "offer", ["buyer_id", "placed_at", "id"])
    op.create_index("ix_offer_seller", "offer", ["seller_id", "placed_at", "id"])
    op.create_index("ix_offer_due", "offer", ["deadline"], postgresql_where=sa.text("status IN ('open', 'accepted')"))
    op.create_index("ix_offer_purchase_id", "offer", ["purchase_id"])
