"""Reviews of orders, what they add up to, and their moderation."""

import sqlalchemy as sa
from alembic import op
from souk.database.provision import app_role

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("review", "seller_rating", "review_report", "review_case", "review_record")

CHANGING = (
    "stars, words, changed_at, changes, answer, answered_at, answer_changed_at, answer_changes, answer_removed_at, "
    "removed_at, version"
)
"""What of a review may change: never whose it is."""


def upgrade() -> None:
    _reviews()
    _moderation()
    app = app_role("store")
    op.execute(f"REVOKE UPDATE, DELETE ON review, review_report, review_record FROM {app}")
    op.execute(f"REVOKE DELETE ON seller_rating, review_case FROM {app}")
    op.execute(f"REVOKE TRUNCATE ON {', '.join(TABLES)} FROM {app}")
    op.execute(f"GRANT UPDATE ({CHANGING}) ON review TO {app}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_changes", sa.Integer(), nullable=False),
        sa.Column("answer_removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_review_stars"),
        sa.CheckConstraint("buyer_id <> seller_id", name="ck_review_two_people"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="ck_review_answered"),
        sa.CheckConstraint(
            "answer IS NOT NULL OR (answer_changed_at IS NULL AND answer_removed_at IS NULL)",
            name="ck_review_answer_first",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_review_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint("order_id", name="uq_review_order_id"),
    )
    shown = sa.text("removed_at IS NULL")
    op.create_index("ix_review_seller", "review", ["seller_id", "id"], postgresql_where=shown)
    op.create_index("ix_review_seller_stars", "review", ["seller_id", "stars", "id"], postgresql_where=shown)
    op.create_table(
        "seller_rating",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("ones", sa.Integer(), nullable=False),
        sa.Column("twos", sa.Integer(), nullable=False),
        sa.Column("threes", sa.Integer(), nullable=False),
        sa.Column("fours", sa.Integer(), nullable=False),
        sa.Column("fives", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("least(ones, twos, threes, fours, fives) >= 0", name="ck_seller_rating_counts"),
        sa.CheckConstraint("reviews = ones + twos + threes + fours + fives", name="ck_seller_rating_reviews"),
        sa.CheckConstraint(
            "stars = ones + 2 * twos + 3 * threes + 4 * fours + 5 * fives", name="ck_seller_rating_stars"
        ),
        sa.PrimaryKeyConstraint("seller_id", name="pk_seller_rating"),
    )


def _moderation() -> None:
    op.create_table(
        "review_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_review_report_review_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_report"),
        sa.UniqueConstraint("review_id", "reporter_id", name="uq_review_report_review_id_reporter_id"),
    )
    op.create_index("ix_review_report_reporter_id", "review_report", ["reporter_id", "created_at"])
    op.create_table(
        "review_case",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("answer_words", sa.Text(), nullable=True),
        sa.CheckConstraint("(reason IS NULL) = (words IS NULL)", name="ck_review_case_removed_in_words"),
        sa.CheckConstraint(
            "(answer_reason IS NULL) = (answer_words IS NULL)", name="ck_review_case_answer_removed_in_words"
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_review_case_review_id"),
        sa.PrimaryKeyConstraint("review_id", name="pk_review_case"),
    )
    op.create_index(
        "ix_review_case_waiting",
        "review_case",
        ["waiting_since", "review_id"],
        postgresql_where=sa.text("waiting_since IS NOT NULL"),
    )
    op.create_table(
        "review_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action IN ('reported', 'removed', 'restored', 'dismissed', 'answer_removed', 'answer_restored')",
            name="ck_review_record_action",
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_review_record_review_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_record"),
    )
    op.create_index("ix_review_record_review_id", "review_record", ["review_id", "id"])
