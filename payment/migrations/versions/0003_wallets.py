"""What users do with their wallets, receivables and partial refunds."""

import sqlalchemy as sa
from alembic import op
from souk.database.provision import app_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ESCROW_COUNTS = ("settled", "fee", "refunded", "returned", "fee_returned")
APPEND_ONLY = ("wallet_change", "user_transfer", "refund")

# What the escrows of before have done, from their entries.
COUNT_ESCROWS = """
UPDATE escrow SET
    settled = CASE status WHEN 'settled' THEN amount ELSE 0 END,
    refunded = CASE status WHEN 'refunded' THEN amount ELSE 0 END,
    fee = CASE status WHEN 'settled' THEN coalesce((
        SELECT e.amount FROM transfer t JOIN entry e ON e.transfer_id = t.id JOIN account a ON a.id = e.account_id
        WHERE t.kind = 'settlement' AND t.reference = escrow.order_id::text AND a.kind = 'fees'), 0) ELSE 0 END
WHERE status <> 'held'
"""

NOTE_REFUNDS = """
INSERT INTO refund (id, order_id, source, amount, fee, from_seller, owed, currency, booked_at)
SELECT t.id, s.order_id, 'escrow', s.amount, 0, 0, 0, s.currency, t.created_at
FROM transfer t JOIN escrow s ON s.order_id::text = t.reference WHERE t.kind = 'refund' AND s.status = 'refunded'
"""

# Times follow versions, but for the moment that two transfers may have waited for each other; halving the steps from
# a fixed first one, the answer for a moment in the past stays the same whatever is booked later.
VERSION_AT = """
CREATE FUNCTION version_at(account uuid, moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    reached bigint := 0;
    step bigint := 1::bigint << 40;
BEGIN
    WHILE step > 0 LOOP
        IF EXISTS (
            SELECT FROM entry e JOIN transfer t ON t.id = e.transfer_id
            WHERE e.account_id = account AND e.account_version = reached + step AND t.created_at < moment
        ) THEN
            reached := reached + step;
        END IF;
        step := step / 2;
    END LOOP;
    RETURN reached;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "wallet_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'frozen', 'closed')", name="ck_wallet_change_status"),
        sa.PrimaryKeyConstraint("id", name="pk_wallet_change"),
    )
    op.create_index("ix_wallet_change_user_id_id", "wallet_change", ["user_id", "id"])
    op.create_table(
        "user_transfer",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_user_transfer_amount"),
        sa.CheckConstraint("sender_id <> recipient_id", name="ck_user_transfer_two_people"),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name="fk_user_transfer_transfer_id"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_user_transfer"),
    )
    op.create_index("ix_user_transfer_sender_id_sent_at", "user_transfer", ["sender_id", "sent_at"])
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("from_seller", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount > 0 AND fee >= 0 AND from_seller >= 0 AND owed >= 0 AND fee + from_seller + owed"
            " = CASE source WHEN 'seller' THEN amount WHEN 'escrow' THEN 0 END",
            name="ck_refund_sources",
        ),
        sa.ForeignKeyConstraint(["id"], ["transfer.id"], name="fk_refund_id"),
        sa.ForeignKeyConstraint(["order_id"], ["escrow.order_id"], name="fk_refund_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
    )
    op.create_index("ix_refund_order_id", "refund", ["order_id"])
    for name in ESCROW_COUNTS:
        op.add_column("escrow", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(COUNT_ESCROWS)
    op.execute(NOTE_REFUNDS)
    op.create_check_constraint(
        op.f("ck_escrow_counts"),
        "escrow",
        "fee BETWEEN 0 AND settled AND returned BETWEEN 0 AND settled AND fee_returned BETWEEN 0 AND fee"
        " AND refunded >= 0 AND settled + refunded <= amount",
    )
    op.create_check_constraint(
        op.f("ck_escrow_left"), "escrow", "(status = 'held') = (amount > settled + refunded)"
    )
    op.create_check_constraint(op.f("ck_account_owed"), "account", "kind <> 'receivable' OR balance <= 0")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app_role('payment')}")
    op.execute(sa.text(VERSION_AT.replace(":", "\\:")))


def downgrade() -> None:
    op.execute("DROP FUNCTION version_at")
    op.drop_constraint(op.f("ck_account_owed"), "account")
    op.drop_constraint(op.f("ck_escrow_left"), "escrow")
    op.drop_constraint(op.f("ck_escrow_counts"), "escrow")
    for name in ESCROW_COUNTS:
        op.drop_column("escrow", name)
    for table in APPEND_ONLY:
        op.drop_table(table)
