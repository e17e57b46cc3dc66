"""Transfers have a position and are closed in blocks; a batch is posted in few steps, whatever the tables' size."""

import sqlalchemy as sa
from alembic import context, op
from souk.database.provision import app_role

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LAWS = """
-- A transaction has its number before the transfers that it inserts have their positions: a snapshot then tells
-- which positions may still come (payment/ledger/blocks.py).
CREATE FUNCTION number_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    RETURN NULL;
END $$;

CREATE TRIGGER numbered BEFORE INSERT ON transfer FOR EACH STATEMENT EXECUTE FUNCTION number_transaction();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON block
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whatever inserts entries: every transfer is known, comes whole, sums to zero, continues its accounts' chains, and
-- moves their cached balances (whose CHECK refuses overdrawing). Runs as the owner, for nobody else may write balances.
-- Accounts and transfers are looked up by index: a plan made while the tables were small must serve when they are not.
CREATE OR REPLACE FUNCTION book_entries() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
DECLARE
    wrong record;
BEGIN
    WITH n AS MATERIALIZED (
        SELECT n.transfer_id, n.account_id, n.amount, n.account_version, n.balance_after, a.currency,
            a.kind IN ('fees', 'issuance') AS rolled_up,
            a.version + row_number() OVER w AS version,
            a.balance + sum(n.amount) OVER w AS balance
        FROM added n LEFT JOIN account a ON a.id = n.account_id
        WINDOW w AS (PARTITION BY n.account_id ORDER BY n.account_version)
    ), waiting AS (
        INSERT INTO unrolled (transfer_id, account_id, amount)
            SELECT n.transfer_id, n.account_id, n.amount FROM n WHERE n.rolled_up
    )
    SELECT (
        SELECT n.transfer_id FROM n GROUP BY n.transfer_id, n.currency
            HAVING sum(n.amount) <> 0 OR n.currency IS NULL LIMIT 1
    ) AS unbalanced, (
        SELECT n.account_id FROM n
            WHERE n.account_version IS DISTINCT FROM CASE WHEN NOT n.rolled_up THEN n.version END
                OR n.balance_after IS DISTINCT FROM CASE WHEN NOT n.rolled_up THEN n.balance END LIMIT 1
    ) AS astray, (
        SELECT n.transfer_id FROM (SELECT n.transfer_id, count(*) AS entries FROM n GROUP BY n.transfer_id) n
            WHERE n.entries <> (SELECT count(*) FROM entry e WHERE e.transfer_id = n.transfer_id)
                OR (SELECT count(*) FROM decline d WHERE d.transfer_id = n.transfer_id) > 0
                OR (SELECT count(*) FROM transfer t WHERE t.id = n.transfer_id) = 0 LIMIT 1
    ) AS closed INTO wrong;
    IF wrong.unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % does not sum to zero over known accounts', wrong.unbalanced
            USING ERRCODE = 'check_violation';
    ELSIF wrong.closed IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % is closed, or was never made: entries come whole, or not at all', wrong.closed
            USING ERRCODE = 'check_violation';
    ELSIF wrong.astray IS NOT NULL THEN
        RAISE EXCEPTION 'the entries do not continue account %', wrong.astray USING ERRCODE = 'check_violation';
    END IF;

    UPDATE account SET balance = account.balance + moved.total, version = account.version + moved.entries
        FROM (SELECT account_id, sum(amount) AS total, count(*) AS entries FROM added GROUP BY account_id) moved
        WHERE account.id = moved.account_id AND account.kind NOT IN ('fees', 'issuance');
    RETURN NULL;
END $$;

-- Nobody writes an account's balance, or what it is, by hand: not even the owner. Balances follow from entries, in triggers.
CREATE TRIGGER follows_entries BEFORE UPDATE OF id, owner, kind, currency, balance, version ON account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER begins_empty BEFORE INSERT ON account
    FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.version <> 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER follows_entries BEFORE INSERT OR UPDATE ON unrolled
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER counted BEFORE TRUNCATE ON unrolled FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What leaves `unrolled` is counted into the balance that it waited for.
CREATE FUNCTION count_in() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE account SET balance = account.balance + summed.total, version = account.version + summed.entries
        FROM (SELECT account_id, sum(amount) AS total, count(*) AS entries FROM gone GROUP BY account_id) summed
        WHERE account.id = summed.account_id;
    RETURN NULL;
END $$;

CREATE TRIGGER counted_in AFTER DELETE ON unrolled REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_in();

-- Counts waiting entries of rolled-up accounts in; one writer at a time, the others have nothing to do.
CREATE OR REPLACE FUNCTION roll_up(entries_max int) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('souk payment roll_up', 0)) THEN
        RETURN 0;
    END IF;
    DELETE FROM unrolled WHERE (transfer_id, account_id) IN (
        SELECT u.transfer_id, u.account_id FROM unrolled u LIMIT entries_max
    );
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;

-- Posts a batch in its order, one answer per transfer, or a single one at position 0 if all are new and booked; transfer
-- i is (ids[i], kinds[i], ...), entry j belongs to the transfer at entry_positions[j]. Transfers whose id is known (also
-- from earlier in the batch) are not booked again: same_request says whether it was the same request. Claims
-- transfer ids in their order, then locks accounts in theirs, so that two batches never wait for each other: and in this
-- order, because all batches into one wallet wait for its lock, which is then not held while transfers are written.
CREATE OR REPLACE FUNCTION post_transfers(
    ids uuid[], kinds text[], refs text[], hashes bytea[], booked_at timestamptz,
    entry_positions int[], entry_accounts uuid[], entry_amounts bigint[], entry_currencies text[]
) RETURNS TABLE ("position" int, known boolean, same_request boolean, reason text, account_id uuid, missing bigint)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    claimed uuid[];
    fresh boolean[] := array_fill(true, ARRAY[cardinality(ids)]);
    live boolean[];
    slots bigint[];
    balances bigint[];
    asked record;
    short int;
    entries bigint;
BEGIN
    WITH made AS (
        INSERT INTO transfer (id, kind, reference, request_hash, created_at)
        SELECT t.id, t.kind, t.ref, t.hash, booked_at
            FROM unnest(ids, kinds, refs, hashes) WITH ORDINALITY AS t (id, kind, ref, hash, nth)
            ORDER BY t.id, t.nth
        ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT coalesce(array_agg(made.id), '{}') INTO claimed FROM made;

    PERFORM FROM (SELECT DISTINCT u.id FROM unnest(entry_accounts) AS u (id) ORDER BY u.id) u CROSS JOIN LATERAL (
        SELECT FROM account a WHERE a.id = u.id AND a.kind NOT IN ('fees', 'issuance') FOR NO KEY UPDATE
    ) locked;

    -- The usual batch is new and nothing speaks against it: all its entries are booked at once, or none.
    IF cardinality(claimed) = cardinality(ids) THEN
        WITH e AS MATERIALIZED (
            SELECT u.pos, u.account_id, u.amount, a.kind NOT IN ('fees', 'issuance') AS at_once,
                a.kind IN ('wallet', 'escrow') AS must_cover,
                a.version + row_number() OVER w AS version, a.balance + sum(u.amount) OVER w AS balance,
                a.currency = u.currency AND (a.status = 'open' OR (a.status = 'frozen' AND u.amount > 0)) AS fit
            FROM unnest(entry_positions, entry_accounts, entry_amounts, entry_currencies)
                AS u (pos, account_id, amount, currency)
            LEFT JOIN account a ON a.id = u.account_id
            WINDOW w AS (PARTITION BY u.account_id ORDER BY u.pos)
        )
        INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after)
            SELECT ids[e.pos], e.account_id, e.amount,
                CASE WHEN e.at_once THEN e.version END, CASE WHEN e.at_once THEN e.balance END
            FROM e WHERE NOT EXISTS (SELECT FROM e WHERE e.fit IS NOT TRUE OR (e.must_cover AND e.balance < 0));
        GET DIAGNOSTICS entries = ROW_COUNT;
        IF entries > 0 THEN
            RETURN QUERY SELECT 0, false, true, NULL::text, NULL::uuid, NULL::bigint;
            RETURN;
        END IF;
    ELSE
        SELECT array_agg(p.nth = 1 AND p.id = ANY (claimed) ORDER BY p.pos) INTO fresh FROM (
            SELECT i.id, i.pos, row_number() OVER (PARTITION BY i.id ORDER BY i.pos) AS nth
            FROM unnest(ids) WITH ORDINALITY AS i (id, pos)
        ) p;
    END IF;

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
        WHERE fresh[e.pos] AND (
            a.id IS NULL OR a.currency <> e.currency OR a.status = 'closed'
            OR (a.status = 'frozen' AND e.amount < 0))
        ORDER BY e.pos, e.nth;

    SELECT array_agg(fresh[p.pos] AND (SELECT count(*) FROM decline d WHERE d.transfer_id = ids[p.pos]) = 0 ORDER BY p.pos)
        INTO live FROM generate_subscripts(ids, 1) AS p (pos);

    -- The rest is walked through in order: each transfer is booked on what those before it left, or is declined.
    -- slots[j] is where entry j's account stands in `balances`; accounts that need not cover have none.
    SELECT array_agg(e.slot ORDER BY e.nth) INTO slots FROM (
        SELECT u.nth, CASE WHEN a.kind IN ('wallet', 'escrow') THEN dense_rank() OVER (ORDER BY u.account_id) END AS slot
        FROM unnest(entry_accounts) WITH ORDINALITY AS u (account_id, nth) LEFT JOIN account a ON a.id = u.account_id
    ) e;
    SELECT array_agg(a.balance ORDER BY u.account_id) INTO balances
        FROM (SELECT DISTINCT account_id FROM unnest(entry_accounts) AS u (account_id)) u
        LEFT JOIN account a ON a.id = u.account_id;
    FOR asked IN
        SELECT e.pos, array_agg(e.nth::int ORDER BY e.nth) AS entries
        FROM unnest(entry_positions) WITH ORDINALITY AS e (pos, nth) WHERE live[e.pos] GROUP BY e.pos ORDER BY e.pos
    LOOP
        short := NULL;
        FOR i IN 1 .. cardinality(asked.entries) LOOP
            IF balances[slots[asked.entries[i]]] + entry_amounts[asked.entries[i]] < 0 THEN
                short := asked.entries[i];
                EXIT;
            END IF;
        END LOOP;
        IF short IS NOT NULL THEN
            live[asked.pos] := false;
            INSERT INTO decline (transfer_id, reason, account_id, missing) VALUES (
                ids[asked.pos], 'insufficient_funds', entry_accounts[short],
                -(balances[slots[short]] + entry_amounts[short]));
        ELSE
            FOR i IN 1 .. cardinality(asked.entries) LOOP
                IF slots[asked.entries[i]] IS NOT NULL THEN
                    balances[slots[asked.entries[i]]] :=
                        balances[slots[asked.entries[i]]] + entry_amounts[asked.entries[i]];
                END IF;
            END LOOP;
        END IF;
    END LOOP;

    INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after)
        SELECT ids[e.pos], e.account_id, e.amount,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.version + row_number() OVER w END,
            CASE WHEN a.kind NOT IN ('fees', 'issuance') THEN a.balance + sum(e.amount) OVER w END
        FROM unnest(entry_positions, entry_accounts, entry_amounts) AS e (pos, account_id, amount)
        JOIN account a ON a.id = e.account_id
        WHERE live[e.pos]
        WINDOW w AS (PARTITION BY e.account_id ORDER BY e.pos);

    RETURN QUERY
        SELECT p.pos::int, NOT fresh[p.pos], t.request_hash = hashes[p.pos], d.reason, d.account_id, d.missing
        FROM generate_subscripts(ids, 1) AS p (pos)
        JOIN transfer t ON t.id = ids[p.pos]
        LEFT JOIN decline d ON d.transfer_id = t.id;
END $$;
"""


def upgrade() -> None:
    # The trigger that books entries refuses those of unknown transfers, once for all rows of a statement; a foreign
    # key looks up, and locks, a row for each.
    op.drop_constraint(op.f("fk_entry_transfer_id"), "entry", type_="foreignkey")
    op.add_column("transfer", sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.create_unique_constraint(op.f("uq_transfer_position"), "transfer", ["position"])
    op.create_table(
        "block",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(hash) = 32 AND length(previous_hash) = 32", name=op.f("ck_block_hashes")),
        sa.CheckConstraint("number > 0 AND transfers > 0", name=op.f("ck_block_counted")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_block")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_block_previous_hash")),
    )
    for law in _statements(LAWS):
        op.execute(sa.text(law))
    op.execute(sa.text(f"REVOKE UPDATE, DELETE, TRUNCATE ON block FROM {app_role('payment')}"))


def downgrade() -> None:
    op.drop_table("block")
    for table, triggers in {
        "transfer": ("numbered",),
        "account": ("follows_entries", "begins_empty"),
        "unrolled": ("follows_entries", "counted", "counted_in"),
    }.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in ("number_transaction", "count_in"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_constraint(op.f("uq_transfer_position"), "transfer", type_="unique")
    op.drop_column("transfer", "position")
    op.create_foreign_key(op.f("fk_entry_transfer_id"), "entry", "transfer", ["transfer_id"], ["id"])
    before = context.script.get_revision(down_revision).module
    for law in _statements(before.LAWS):
        if "CREATE FUNCTION" in law:
            op.execute(sa.text(law.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")))


def _statements(script: str) -> list[str]:
    """The script's statements: each ends with `;` at the end of a line, outside of `$$` bodies."""
    parts, inside = [""], False
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return [part.replace(":", "\\:") for part in parts if part.strip()]
