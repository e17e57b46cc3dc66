"""All tables of the store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from souk.database.provision import app_role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNCHANGEABLE = ("order_line", "order_step")
"""What was bought and how it went: the service's role may add rows, never change or take any away."""


def upgrade() -> None:
    _store()
    _events()
    op.execute(sa.schema.CreateSequence(sa.Sequence("order_number")))
    for table in UNCHANGEABLE:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app_role('store')}")


def downgrade() -> None:
    op.execute(sa.schema.DropSequence(sa.Sequence("order_number")))
    for table in ("order_step", "order_line", "orders", "cart_line", "cart", "purchase", "person"):
        op.drop_table(table)
    for table in ("outbox", "inbox", "dead_letter"):
        op.drop_table(table)


def _store() -> None:
    op.create_table(
        "cart",
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("buyer_id", name="pk_cart"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("problems", JSONB(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('placed', 'awaiting_payment')) = (finished_at IS NULL)",
            name="ck_purchase_open_or_finished",
        ),
        sa.CheckConstraint(
            "status IN ('placed', 'awaiting_payment', 'paid', 'rejected', 'declined', 'cancelled')",
            name="ck_purchase_status",
        ),
        sa.CheckConstraint("amount > 0", name="ck_purchase_amount"),
        sa.PrimaryKeyConstraint("id", name="pk_purchase"),
    )
    op.create_index("ix_purchase_buyer", "purchase", ["buyer_id", "placed_at", "id"])
    op.create_index(
        "ix_purchase_due",
        "purchase",
        ["expires_at"],
        postgresql_where=sa.text("status IN ('placed', 'awaiting_payment')"),
    )
    op.create_index(
        "uq_purchase_open",
        "purchase",
        ["buyer_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('placed', 'awaiting_payment')"),
    )
    op.create_table(
        "cart_line",
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("seller_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_seen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_seen > 0", name="ck_cart_line_price_seen"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name="ck_cart_line_quantity"),
        sa.ForeignKeyConstraint(["buyer_id"], ["cart.buyer_id"], name="fk_cart_line_buyer_id"),
        sa.PrimaryKeyConstraint("buyer_id", "listing_id", name="pk_cart_line"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("address", JSONB(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("to_seller", sa.BigInteger(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'completed') = (coalesce(to_seller + fee, -1) = amount)",
            name="ck_orders_settled_in_full",
        ),
        sa.CheckConstraint(
            "(status IN ('placed', 'paid', 'shipped')) = (deadline IS NOT NULL)",
            name="ck_orders_waits_with_deadline",
        ),
        sa.CheckConstraint(
            "captured_at IS NOT NULL OR status <> 'refunded'", name="ck_orders_refunded_was_captured"
        ),
        sa.CheckConstraint(
            "paid_at IS NOT NULL OR status IN ('placed', 'cancelled', 'refunded')",
            name="ck_orders_nothing_goes_on_unpaid",
        ),
        sa.CheckConstraint(
            "status IN ('placed', 'paid', 'shipped', 'delivered', 'completed', 'cancelled', 'refunded')",
            name="ck_orders_status",
        ),
        sa.CheckConstraint("amount > 0", name="ck_orders_amount"),
        sa.CheckConstraint("buyer_id <> seller_id", name="ck_orders_two_people"),
        sa.CheckConstraint("paid_at IS NULL OR captured_at IS NOT NULL", name="ck_orders_paid_is_captured"),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name="fk_orders_purchase_id"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
    )
    op.create_index("ix_orders_buyer", "orders", ["buyer_id", "placed_at", "id"])
    op.create_index(
        "ix_orders_due", "orders", ["deadline"], postgresql_where=sa.text("status IN ('paid', 'shipped')")
    )
    op.create_index("ix_orders_purchase_id", "orders", ["purchase_id"])
    op.create_index("ix_orders_seller", "orders", ["seller_id", "placed_at", "id"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND unit_price > 0 AND total = quantity * unit_price", name="ck_order_line_total"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_line_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_order_line"),
    )
    op.create_index("ix_order_line_order_id", "order_line", ["order_id"])
    op.create_table(
        "order_step",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("by IN ('buyer', 'seller', 'deadline', 'system')", name="ck_order_step_by"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_step_order_id"),
        sa.PrimaryKeyConstraint("order_id", "version", name="pk_order_step"),
    )


def _events() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter"),
        sa.UniqueConstraint("consumer", "event_id", name="uq_dead_letter_consumer_event_id"),
    )
    op.create_index(
        "ix_dead_letter_waiting", "dead_letter", ["died_at"], postgresql_where=sa.text("status = 'waiting'")
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the CloudEvent as JSON"),
        sa.Column(
            "target",
            sa.Text(),
            nullable=True,
            comment="one consumer's name when a dead letter is replayed, else NULL: everybody",
        ),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column(
            "claimed_until", sa.DateTime(timezone=True), server_default=sa.text("'-infinity'"), nullable=False
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_pending", "outbox", ["id"], postgresql_where=sa.text("status = 'pending'"))
    op.create_index(
        "ix_outbox_published_at", "outbox", ["published_at"], postgresql_where=sa.text("status = 'published'")
    )
