"""Problems of orders, which stop their clocks."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = "status IN ('opened', 'proposed', 'escalated', 'decided', 'appealed')"


def upgrade() -> None:
    op.add_column("orders", sa.Column("problem_id", sa.Uuid(), nullable=True))
    op.add_column("orders", sa.Column("under_problem", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    _check("orders", "waits_with_deadline", "(status IN ('placed', 'paid', 'shipped') AND NOT under_problem) = (deadline IS NOT NULL)")
    op.create_check_constraint(
        op.f("ck_orders_rests"), "orders", "NOT under_problem OR (status = 'shipped' AND problem_id IS NOT NULL)"
    )
    _check("refund", "by", "by IN ('seller', 'admin', 'problem')")
    op.create_table(
        "problem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("left_s", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('opened', 'proposed', 'escalated', 'decided', 'appealed', 'ended', 'withdrawn')",
            name="ck_problem_status",
        ),
        sa.CheckConstraint(
            "kind IN ('not_arrived', 'not_as_described', 'broken', 'wrong_item', 'part_missing')",
            name="ck_problem_kind",
        ),
        sa.CheckConstraint(
            "(status IN ('opened', 'proposed')) = (turn IS NOT NULL)", name="ck_problem_somebodys_turn"
        ),
        sa.CheckConstraint("turn IN ('buyer', 'seller')", name="ck_problem_turn"),
        sa.CheckConstraint("buyer_id <> seller_id", name="ck_problem_two_people"),
        sa.CheckConstraint(f"({OPEN}) = (deadline IS NOT NULL)", name="ck_problem_waits_with_deadline"),
        sa.CheckConstraint("amount BETWEEN 0 AND held", name="ck_problem_amount"),
        sa.CheckConstraint(
            "amount IS NOT NULL OR status NOT IN ('proposed', 'decided', 'appealed', 'ended')",
            name="ck_problem_ends_with_amount",
        ),
        sa.CheckConstraint("decided_by NOT IN (buyer_id, seller_id)", name="ck_problem_decided_by_another"),
        sa.CheckConstraint(
            "status NOT IN ('decided', 'appealed') OR decided_by IS NOT NULL", name="ck_problem_decided_by_somebody"
        ),
        sa.CheckConstraint("left_s >= 0", name="ck_problem_left"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_problem_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_problem"),
    )
    op.create_index("uq_problem_open", "problem", ["order_id"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index("ix_problem_order", "problem", ["order_id", "opened_at"])
    op.create_index("ix_problem_due", "problem", ["deadline"], postgresql_where=sa.text(OPEN))
    waiting = sa.text("status IN ('escalated', 'appealed')")
    op.create_index("ix_problem_waiting", "problem", ["changed_at", "id"], postgresql_where=waiting)
    op.create_table(
        "problem_step",
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("by IN ('buyer', 'seller', 'moderator', 'deadline')", name="ck_problem_step_by"),
        sa.CheckConstraint("(by = 'deadline') = (actor_id IS NULL)", name="ck_problem_step_somebody_did_it"),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name="fk_problem_step_problem_id"),
        sa.PrimaryKeyConstraint("problem_id", "version", name="pk_problem_step"),
    )
    app = app_role("store")
    op.execute(f"REVOKE UPDATE, DELETE ON problem_step FROM {app}")
    op.execute(f"REVOKE DELETE ON problem FROM {app}")
    op.execute(f"REVOKE TRUNCATE ON problem, problem_step FROM {app}")


def downgrade() -> None:
    op.drop_table("problem_step")
    op.drop_table("problem")
    _check("refund", "by", "by IN ('seller', 'admin')")
    op.drop_constraint(op.f("ck_orders_rests"), "orders")
    _check("orders", "waits_with_deadline", "(status IN ('placed', 'paid', 'shipped')) = (deadline IS NOT NULL)")
    op.drop_column("orders", "under_problem")
    op.drop_column("orders", "problem_id")


def _check(table: str, name: str, law: str) -> None:
    """Put another law in the place of one."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)
