"""Money sent to addresses that nobody has proved yet, and who has proved which."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("wallet", "escrow", "fees", "issuance", "receivable")
KINDS = (*KINDS_BEFORE, "waiting")


def upgrade() -> None:
    op.drop_constraint(op.f("ck_account_kind"), "account", type_="check")
    op.create_check_constraint(op.f("ck_account_kind"), "account", f"kind IN {KINDS}")
    op.create_table(
        "proved_address",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address_mark", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_proved_address")),
    )
    op.create_index("ix_proved_address_address_mark", "proved_address", ["address_mark"])
    op.create_table(
        "waiting_transfer",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid()),
        sa.Column("address_mark", sa.Text()),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("settled_by", sa.Uuid()),
        sa.CheckConstraint("amount > 0", name=op.f("ck_waiting_transfer_amount")),
        sa.CheckConstraint(
            "status IN ('waiting', 'delivered', 'returned')", name=op.f("ck_waiting_transfer_status_known")
        ),
        sa.CheckConstraint("(status = 'waiting') = (settled_by IS NULL)", name=op.f("ck_waiting_transfer_settled")),
        sa.CheckConstraint(
            "(recipient_id IS NULL) <> (address_mark IS NULL) OR status = 'delivered'",
            name=op.f("ck_waiting_transfer_for_one"),
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_waiting_transfer_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_waiting_transfer")),
    )
    op.create_index("ix_waiting_transfer_sender_id_sent_at", "waiting_transfer", ["sender_id", "sent_at"])
    for column in ("due_at", "address_mark", "recipient_id"):
        op.create_index(
            f"ix_waiting_transfer_{column}",
            "waiting_transfer",
            [column],
            postgresql_where=sa.text("status = 'waiting'"),
        )


def downgrade() -> None:
    op.drop_table("waiting_transfer")
    op.drop_table("proved_address")
    op.drop_constraint(op.f("ck_account_kind"), "account", type_="check")
    op.create_check_constraint(op.f("ck_account_kind"), "account", f"kind IN {KINDS_BEFORE}")
