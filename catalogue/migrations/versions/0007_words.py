"""Words are ordered by character, so that their key finds those that begin with what is typed."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('ALTER TABLE search_word ALTER COLUMN word TYPE text COLLATE "C"')


def downgrade() -> None:
    op.execute('ALTER TABLE search_word ALTER COLUMN word TYPE text COLLATE "default"')
