"""Proven addresses, links that are good once, what operators did, and mails to whom an account no longer names."""

import unicodedata
from string import ascii_lowercase, ascii_uppercase

import idna
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY_BEFORE = "lower case; one account per address"
KEY_NOW = "domain as it travels, A to Z in one case; one account per address"
KINDS = ("notices", "confirmation", "password", "new_address", "address_changed", "told", "claim", "money")


def upgrade() -> None:
    _users()
    _keys()
    _mails()
    _links()
    _guesses()
    _tokens()


def downgrade() -> None:
    op.drop_column("token", "roles")
    for table in ("device", "guess", "kept_mail", "deed", "suspension", "former_address", "link"):
        op.drop_table(table)
    op.execute("DELETE FROM mail WHERE kind NOT IN ('notices', 'confirmation')")
    op.drop_constraint(op.f("ck_mail_kind_known"), "mail", type_="check")
    op.create_check_constraint(op.f("ck_mail_kind_known"), "mail", "kind IN ('notices', 'confirmation')")
    op.alter_column("mail", "user_id", nullable=False)
    for column in ("locale", "params", "address"):
        op.drop_column("mail", column)
    op.add_column("mailbox", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.execute('UPDATE mailbox SET confirmed_at = proved_at FROM "user" WHERE "user".id = mailbox.user_id')
    op.drop_index("ix_user_proof_untold", "user")
    op.drop_column("user", "proof_told")
    op.drop_column("user", "proved_at")
    op.alter_column("user", "email_key", comment=KEY_BEFORE, existing_comment=KEY_NOW)


def _users() -> None:
    proved_at: sa.Column[object] = sa.Column(
        "proved_at",
        sa.DateTime(timezone=True),
        comment="when its owner opened a link that was mailed to the address, or an operator vouched for it",
    )
    op.add_column("user", proved_at)
    op.execute('UPDATE "user" SET proved_at = confirmed_at FROM mailbox WHERE mailbox.user_id = "user".id')
    op.drop_column("mailbox", "confirmed_at")
    # Those that were proved before are told too, by whoever runs next.
    told: sa.Column[bool] = sa.Column(
        "proof_told",
        sa.Boolean(),
        server_default="false",
        nullable=False,
        comment="whether the other services know of it",
    )
    op.add_column("user", told)
    op.alter_column("user", "proof_told", server_default=None)
    op.create_index(
        "ix_user_proof_untold",
        "user",
        ["id"],
        postgresql_where=sa.text("proved_at IS NOT NULL AND NOT proof_told"),
    )


def _keys() -> None:
    """Addresses are compared by their domains as they travel. Of two accounts that turn out to have one address, the one
    keeps it that was proved first, or else opened first; the other's can still be found by operators."""
    users = op.get_bind().execute(
        sa.text('SELECT id, email, email_key FROM "user" ORDER BY proved_at NULLS LAST, created_at, id')
    )
    op.alter_column("user", "email_key", comment=KEY_NOW, existing_comment=KEY_BEFORE)
    taken: set[str] = set()
    changed = []
    for user in users:
        key = _key(user.email)
        if key in taken:
            key = f"{key} {user.id}"
        taken.add(key)
        if key != user.email_key:
            changed.append({"id": user.id, "key": key})
    for suffix in ("~", ""):  # by way of keys that nobody has, for one may get what another had
        for one in changed:
            op.get_bind().execute(
                sa.text('UPDATE "user" SET email_key = :key WHERE id = :id'), one | {"key": one["key"] + suffix}
            )


def _key(email: str) -> str:
    local, _, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    try:
        wire = idna.encode(domain, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        wire = domain.casefold()
    return f"{local.translate(_ASCII_LOWER)}@{wire}"


_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def _mails() -> None:
    op.alter_column("mail", "user_id", nullable=True)
    op.add_column(
        "mail",
        sa.Column(
            "address",
            sa.Text(),
            comment="whom it goes to instead of the user's present address; their address where no user is named",
        ),
    )
    op.add_column("mail", sa.Column("params", JSONB(), server_default="{}", nullable=False))
    op.alter_column("mail", "params", server_default=None)
    op.add_column("mail", sa.Column("locale", sa.Text(), comment="how its reader reads, where no mailbox says so"))
    op.drop_constraint(op.f("ck_mail_kind_known"), "mail", type_="check")
    op.create_check_constraint(op.f("ck_mail_kind_known"), "mail", f"kind IN {KINDS}")
    op.create_table(
        "kept_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the plain part"),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_mail")),
    )
    op.create_index("ix_kept_mail_kept_at", "kept_mail", ["kept_at"])


def _links() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), comment="where it was mailed to; NULL if an operator was given it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('password', 'address', 'undo', 'appeal', 'claim')", name=op.f("ck_link_purpose_known")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index("ix_link_user_id", "link", ["user_id"])
    op.create_index("ix_link_expires_at", "link", ["expires_at"])
    op.create_table(
        "former_address",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True)),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False, comment="nobody else may take it before"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_former_address_user_id")),
        sa.PrimaryKeyConstraint("user_id", "email_key", name=op.f("pk_former_address")),
    )
    op.create_index("ix_former_address_email_key", "former_address", ["email_key"])
    op.create_index("ix_former_address_kept_until", "former_address", ["kept_until"])
    op.create_table(
        "suspension",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal", sa.Text(), comment="what the user says to it"),
        sa.Column("appealed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_suspension_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_suspension")),
    )
    op.create_table(
        "deed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="an admin's id, or who used the command line"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_deed_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    op.create_index("ix_deed_user_id", "deed", ["user_id", "id"])


def _guesses() -> None:
    op.create_table(
        "guess",
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="SHA-256 of the address"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="before this nothing is tried"),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guess")),
    )
    op.create_index("ix_guess_forgotten_at", "guess", ["forgotten_at"])
    op.create_table(
        "device",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("browser", sa.Text(), nullable=False, comment="the User-Agent header, shortened"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_device_user_id")),
        sa.PrimaryKeyConstraint("user_id", "token_hash", name=op.f("pk_device")),
    )
    op.create_index("ix_device_seen_at", "device", ["seen_at"])


def _tokens() -> None:
    """Tokens of before keep the roles that their users have now."""
    roles: sa.Column[list[str]] = sa.Column(
        "roles", ARRAY(sa.Text()), server_default="{}", nullable=False, comment="the user's when it was made"
    )
    op.add_column("token", roles)
    op.execute(
        "UPDATE token SET roles = ARRAY(SELECT role FROM user_role WHERE user_role.user_id = token.user_id ORDER BY role)"
    )
    op.alter_column("token", "roles", server_default=None)
