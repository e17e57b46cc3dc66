"""How users read: the language of documents that the marketplace gives them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("party", "legal_profile"):
        op.add_column(table, sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    for table in ("party", "legal_profile"):
        op.drop_column(table, "language")
