"""Everything the payment service keeps: the ledger with its laws, escrow, issuances, invoices, parties, events.

The laws are kept by the database itself, whoever writes: transfers and entries are append-only, every transfer sums
to zero, cached balances follow the entries, and the role that serves cannot write balances.
"""

import sqlalchemy as sa
from alembic import op
from souk.database.provision import app_role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LAWS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decline
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON issuance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whatever inserts entries: every transfer comes whole, sums to zero, continues its accounts' chains, and moves
-- their cached balances (whose CHECK refuses overdrawing). Runs as the owner, for nobody else may write balances.
CREATE FUNCTION book_entries() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT n.transfer_id INTO wrong FROM added n LEFT JOIN account a ON a.id = n.account_id
        GROUP BY n.transfer_id, a.currency HAVING sum(n.amount) <> 0 OR a.currency IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not sum to zero over known accounts', wrong USING ERRCODE = 'check_violation';
    END IF;

    SELECT n.transfer_id INTO wrong
        FROM (SELECT transfer_id, count(*) AS entries FROM added GROUP BY transfer_id) n
        CROSS JOIN LATERAL (SELECT count(*) AS entries FROM entry e WHERE e.transfer_id = n.transfer_id) e
        WHERE e.entries <> n.entries OR EXISTS (SELECT FROM decline d WHERE d.transfer_id = n.transfer_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is closed: entries come whole, or not at all', wrong
            USING ERRCODE = 'check_violation';
    END IF;

    SELECT c.account_id INTO wrong FROM (
        SELECT n.account_id, n.account_version, n.balance_after,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.version + row_number() OVER w END AS version,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.balance + sum(n.amount) OVER w END AS balance
        FROM added n JOIN account a ON a.id = n.account_id
        WINDOW w AS (PARTITION BY n.account_id ORDER BY n.account_version)
    ) c WHERE c.account_version IS DISTINCT FROM c.version OR c.balance_after IS DISTINCT FROM c.balance LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries do not continue account %', wrong USING ERRCODE = 'check_violation';
    END IF;

    UPDATE account SET balance = account.balance + moved.total, version = account.version + moved.entries
        FROM (SELECT account_id, sum(amount) AS total, count(*) AS entries FROM added GROUP BY account_id) moved
        WHERE account.id = moved.account_id AND account.kind NOT IN ('fees', 'issuance');
    INSERT INTO unrolled (transfer_id, account_id, amount)
        SELECT n.transfer_id, n.account_id, n.amount FROM added n JOIN account a ON a.id = n.account_id
        WHERE a.kind IN ('fees', 'issuance');
    RETURN NULL;
END $$;

CREATE TRIGGER book AFTER INSERT ON entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION book_entries();

-- Posts a batch in its order, one answer per transfer; transfer i is (ids[i], kinds[i], ...), entry j belongs to
-- the transfer at entry_positions[j]. Transfers whose id is known (also from earlier in the batch) are not booked
-- again: same_request says whether it was the same request. Locks: transfer ids in order, then accounts in order, so that two batches never wait for
-- each other.
CREATE FUNCTION post_transfers(
    ids uuid[], kinds text[], refs text[], hashes bytea[], booked_at timestamptz,
    entry_positions int[], entry_accounts uuid[], entry_amounts bigint[], entry_currencies text[]
) RETURNS TABLE ("position" int, known boolean, same_request boolean, reason text, account_id uuid, missing bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    fresh int[];
    live int[];
    failed record;
BEGIN
    WITH claimed AS (
        INSERT INTO transfer (id, kind, reference, request_hash, created_at)
        SELECT t.id, t.kind, t.ref, t.hash, booked_at
            FROM unnest(ids, kinds, refs, hashes) WITH ORDINALITY AS t (id, kind, ref, hash, nth)
            ORDER BY t.id, t.nth
        ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT coalesce(array_agg(array_position(ids, claimed.id)), '{}') INTO fresh FROM claimed;

    PERFORM FROM account a WHERE a.kind NOT IN ('fees', 'issuance') AND a.id IN (
        SELECT e.account_id FROM unnest(entry_positions, entry_accounts) AS e (pos, account_id)
            WHERE e.pos = ANY (fresh)
    ) ORDER BY a.id FOR NO KEY UPDATE;

    INSERT INTO decline (transfer_id, reason, account_id)
        SELECT DISTINCT ON (e.pos) ids[e.pos],
            CASE WHEN a.id IS NULL THEN 'account_unknown'
                 WHEN a.currency <> e.currency THEN 'currency_differs'
                 WHEN a.status = 'closed' THEN 'account_closed'
                 ELSE 'account_frozen' END,
            e.account_id
        FROM unnest(entry_positions, entry_accounts, entry_amounts, entry_currencies)
            WITH ORDINALITY AS e (pos, account_id, amount, currency, nth)
        LEFT JOIN account a ON a.id = e.account_id
        WHERE e.pos = ANY (fresh) AND (
            a.id IS NULL OR a.currency <> e.currency OR a.status = 'closed'
            OR (a.status = 'frozen' AND e.amount < 0))
        ORDER BY e.pos, e.nth;

    SELECT coalesce(array_agg(f), '{}') INTO live FROM unnest(fresh) AS f
        WHERE NOT EXISTS (SELECT FROM decline d WHERE d.transfer_id = ids[f]);

    -- The first transfer that overdraws an account, if all before it are booked, is declined; then look again.
    LOOP
        SELECT r.pos, r.account_id, r.balance INTO failed FROM (
            SELECT e.pos, e.nth, e.account_id, a.kind,
                a.balance + sum(e.amount) OVER (PARTITION BY e.account_id ORDER BY e.pos) AS balance
            FROM unnest(entry_positions, entry_accounts, entry_amounts)
                WITH ORDINALITY AS e (pos, account_id, amount, nth)
            JOIN account a ON a.id = e.account_id
            WHERE e.pos = ANY (live)
        ) r WHERE r.balance < 0 AND r.kind IN ('wallet', 'escrow') ORDER BY r.pos, r.nth LIMIT 1;
        EXIT WHEN NOT FOUND;
        INSERT INTO decline (transfer_id, reason, account_id, missing)
            VALUES (ids[failed.pos], 'insufficient_funds', failed.account_id, -failed.balance);
        live := array_remove(live, failed.pos);
    END LOOP;

    INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after)
        SELECT ids[e.pos], e.account_id, e.amount,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.version + row_number() OVER w END,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.balance + sum(e.amount) OVER w END
        FROM unnest(entry_positions, entry_accounts, entry_amounts) AS e (pos, account_id, amount)
        JOIN account a ON a.id = e.account_id
        WHERE e.pos = ANY (live)
        WINDOW w AS (PARTITION BY e.account_id ORDER BY e.pos);

    RETURN QUERY
        SELECT p.pos::int, NOT p.pos = ANY (fresh), t.request_hash = hashes[p.pos], d.reason, d.account_id, d.missing
        FROM generate_subscripts(ids, 1) AS p (pos)
        JOIN transfer t ON t.id = ids[p.pos]
        LEFT JOIN decline d ON d.transfer_id = t.id;
END $$;

-- Moves entries of rolled-up accounts into their cached balances; one writer at a time, the others have nothing to do.
CREATE FUNCTION roll_up(entries_max int) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('souk payment roll_up', 0)) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM unrolled WHERE (transfer_id, account_id) IN (
            SELECT u.transfer_id, u.account_id FROM unrolled u LIMIT entries_max
        ) RETURNING account_id, amount
    ), summed AS (
        SELECT account_id, sum(amount) AS total, count(*) AS entries FROM taken GROUP BY account_id
    ), written AS (
        UPDATE account SET balance = balance + summed.total, version = version + summed.entries
        FROM summed WHERE account.id = summed.account_id RETURNING summed.entries
    )
    SELECT coalesce(sum(entries), 0) INTO moved FROM written;
    RETURN moved;
END $$;
"""

RIGHTS = """
REVOKE UPDATE, DELETE, TRUNCATE ON transfer, entry, decline, invoice, issuance FROM {app};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON account, unrolled FROM {app};
GRANT INSERT (id, owner, kind, currency) ON account TO {app};
GRANT UPDATE (status) ON account TO {app};
REVOKE ALL ON FUNCTION roll_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_up TO {app};
"""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "balance >= 0 OR kind IN ('issuance', 'receivable')", name=op.f("ck_account_covered")
        ),
        sa.CheckConstraint(
            "kind IN ('wallet', 'escrow', 'fees', 'issuance', 'receivable')", name=op.f("ck_account_kind")
        ),
        sa.CheckConstraint("status IN ('open', 'frozen', 'closed')", name=op.f("ck_account_status")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_account_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "capture",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('captured', 'insufficient_funds', 'wallet_closed', 'expired')",
            name=op.f("ck_capture_outcome"),
        ),
        sa.PrimaryKeyConstraint("purchase_id", name=op.f("pk_capture")),
    )
    op.create_table(
        "party",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_party")),
    )
    op.create_table(
        "series",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_series_kind")),
        sa.PrimaryKeyConstraint("seller_id", "kind", name=op.f("pk_series")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_series_kind_code")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_table(
        "unrolled",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", "account_id", name=op.f("pk_unrolled")),
    )
    op.create_table(
        "decline",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(reason = 'insufficient_funds') = (missing IS NOT NULL)", name=op.f("ck_decline_missing")
        ),
        sa.CheckConstraint(
            "reason IN ('insufficient_funds', 'account_unknown', 'account_closed', 'account_frozen', 'currency_differs')",
            name=op.f("ck_decline_reason"),
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_decline_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_decline")),
    )
    op.create_table(
        "entry",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("account_version", sa.BigInteger(), nullable=True),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_entry_amount")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_entry_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", "account_id", name=op.f("pk_entry")),
        sa.UniqueConstraint(
            "account_id", "account_version", name=op.f("uq_entry_account_id_account_version")
        ),
    )
    op.create_table(
        "escrow",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'held'"), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'held') = (ended_at IS NULL)", name=op.f("ck_escrow_ended")),
        sa.CheckConstraint("status IN ('held', 'settled', 'refunded')", name=op.f("ck_escrow_status")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_escrow_amount")),
        sa.ForeignKeyConstraint(["purchase_id"], ["capture.purchase_id"], name=op.f("fk_escrow_purchase_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_escrow")),
    )
    op.create_index(
        "ix_escrow_held_buyer",
        "escrow",
        ["buyer_id", "captured_at"],
        unique=False,
        postgresql_where="status = 'held'",
    )
    op.create_index(
        "ix_escrow_held_seller", "escrow", ["seller_id"], unique=False, postgresql_where="status = 'held'"
    )
    op.create_index(op.f("ix_escrow_purchase_id"), "escrow", ["purchase_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects IS NOT NULL)", name=op.f("ck_invoice_corrects")
        ),
        sa.CheckConstraint("position > 0", name=op.f("ck_invoice_position")),
        sa.ForeignKeyConstraint(
            ["seller_id", "kind"], ["series.seller_id", "series.kind"], name=op.f("fk_invoice_seller_id_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("order_id", "kind", name=op.f("uq_invoice_order_id_kind")),
        sa.UniqueConstraint("seller_id", "kind", "position", name=op.f("uq_invoice_seller_id_kind_position")),
    )
    op.create_index("ix_invoice_buyer", "invoice", ["buyer_id", "id"], unique=False)
    op.create_index("ix_invoice_seller", "invoice", ["seller_id", "id"], unique=False)
    op.create_table(
        "issuance",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind = 'issuance' OR issued_by = user_id", name=op.f("ck_issuance_own_deposit")),
        sa.CheckConstraint("kind IN ('deposit', 'issuance')", name=op.f("ck_issuance_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_issuance_amount")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_issuance_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_issuance")),
    )
    op.create_index(
        "ix_issuance_deposits",
        "issuance",
        ["user_id", "issued_at"],
        unique=False,
        postgresql_where="kind = 'deposit'",
    )
    op.create_table(
        "invoice_pdf",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(content IS NULL) = (content_hash IS NULL)", name=op.f("ck_invoice_pdf_hashed")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_pdf_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_pdf")),
    )
    op.create_index(
        "ix_invoice_pdf_due", "invoice_pdf", ["due_at"], unique=False, postgresql_where="content IS NULL"
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("consumer", "event_id", name=op.f("uq_dead_letter_consumer_event_id")),
    )
    op.create_index(
        "ix_dead_letter_waiting",
        "dead_letter",
        ["died_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the CloudEvent as JSON"),
        sa.Column(
            "target",
            sa.Text(),
            nullable=True,
            comment="one consumer's name when a dead letter is replayed, else NULL: everybody",
        ),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column(
            "claimed_until", sa.DateTime(timezone=True), server_default=sa.text("'-infinity'"), nullable=False
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending", "outbox", ["id"], unique=False, postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(
        "ix_outbox_published_at",
        "outbox",
        ["published_at"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    for law in _statements(LAWS):
        op.execute(sa.text(law))
    for right in _statements(RIGHTS.format(app=app_role("payment"))):
        op.execute(sa.text(right))


def downgrade() -> None:
    op.drop_index(
        "ix_outbox_published_at", table_name="outbox", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_index("ix_outbox_pending", table_name="outbox", postgresql_where=sa.text("status = 'pending'"))
    op.drop_table("outbox")
    op.drop_index("ix_inbox_handled_at", table_name="inbox")
    op.drop_table("inbox")
    op.drop_index(
        "ix_dead_letter_waiting", table_name="dead_letter", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_table("dead_letter")
    op.drop_index("ix_invoice_pdf_due", table_name="invoice_pdf", postgresql_where="content IS NULL")
    op.drop_table("invoice_pdf")
    op.drop_index("ix_issuance_deposits", table_name="issuance", postgresql_where="kind = 'deposit'")
    op.drop_table("issuance")
    op.drop_index("ix_invoice_seller", table_name="invoice")
    op.drop_index("ix_invoice_buyer", table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_escrow_purchase_id"), table_name="escrow")
    op.drop_index("ix_escrow_held_seller", table_name="escrow", postgresql_where="status = 'held'")
    op.drop_index("ix_escrow_held_buyer", table_name="escrow", postgresql_where="status = 'held'")
    op.drop_table("escrow")
    op.drop_table("entry")
    op.drop_table("decline")
    op.drop_table("unrolled")
    op.drop_table("transfer")
    op.drop_table("series")
    op.drop_table("party")
    op.drop_table("capture")
    op.drop_table("account")
    for function in ("post_transfers", "roll_up", "book_entries", "refuse_change"):
        op.execute(f"DROP FUNCTION {function}")


def _statements(script: str) -> list[str]:
    """The script's statements: each ends with `;` at the end of a line, outside of `$$` bodies."""
    parts, inside = [""], False
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return [part.replace(":", "\\:") for part in parts if part.strip()]
