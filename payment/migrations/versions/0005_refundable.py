"""Until when an order may still be refunded: a wallet that money can come to is not closed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("escrow", sa.Column("refundable_until", sa.DateTime(timezone=True), nullable=True))
    # Orders that were settled before it was told may be refunded for as long as stores do unless told otherwise.
    op.execute("UPDATE escrow SET refundable_until = ended_at + interval '90 days' WHERE status = 'settled'")
    for side in ("buyer", "seller"):
        op.create_index(f"ix_escrow_settled_{side}", "escrow", [f"{side}_id"], postgresql_where="status = 'settled'")


def downgrade() -> None:
    for side in ("seller", "buyer"):
        op.drop_index(f"ix_escrow_settled_{side}", table_name="escrow")
    op.drop_column("escrow", "refundable_until")
