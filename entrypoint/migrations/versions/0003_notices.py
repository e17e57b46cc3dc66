"""Forms that save themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "typed_form",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_typed_form_user_id")),
        sa.PrimaryKeyConstraint("user_id", "listing_id", name=op.f("pk_typed_form")),
    )
    op.create_index("ix_typed_form_saved_at", "typed_form", ["saved_at"])


def downgrade() -> None:
    op.drop_table("typed_form")
