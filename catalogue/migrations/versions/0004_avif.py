"""Pictures are there as AVIF too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("picture_file", sa.Column("avif", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("picture_file", sa.Column("avif_tries", sa.Integer(), nullable=False, server_default="0"))
    # The pictures that are there get theirs as well.
    op.add_column("picture_file", sa.Column("avif_due", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE picture_file SET avif_due = created_at")
    for column in ("avif", "avif_tries"):
        op.alter_column("picture_file", column, server_default=None)
    op.create_index(
        "ix_picture_file_avif_due", "picture_file", ["avif_due"], postgresql_where=sa.text("avif_due IS NOT NULL")
    )


def downgrade() -> None:
    for column in ("avif", "avif_tries", "avif_due"):
        op.drop_column("picture_file", column)
