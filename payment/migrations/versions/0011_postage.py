"""The part of an order's money that is postage."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("escrow", sa.Column("postage", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_check_constraint(op.f("ck_escrow_postage"), "escrow", "postage >= 0 AND postage < amount")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_escrow_postage"), "escrow", type_="check")
    op.drop_column("escrow", "postage")
