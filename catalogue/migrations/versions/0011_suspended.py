"""Sellers who are suspended have nothing on sale."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = "status = 'published' AND available > 0"
NOW = f"{BEFORE} AND NOT seller_suspended"


def upgrade() -> None:
    suspended: sa.Column[bool] = sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    standing: sa.Column[int] = sa.Column(
        "standing_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False
    )
    copied: sa.Column[bool] = sa.Column(
        "seller_suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("seller", suspended)
    op.add_column("seller", standing)
    op.add_column("listing", copied)
    op.execute(f"ALTER TABLE listing ALTER COLUMN on_sale SET EXPRESSION AS ({NOW})")


def downgrade() -> None:
    op.execute(f"ALTER TABLE listing ALTER COLUMN on_sale SET EXPRESSION AS ({BEFORE})")
    op.drop_column("listing", "seller_suspended")
    op.drop_column("seller", "standing_version")
    op.drop_column("seller", "suspended")
