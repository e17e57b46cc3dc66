"""Times never fall: of an account's entries, and of the documents of a series."""

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LAWS = """
-- When each transfer of a batch is booked, if the clock has fallen behind some account's last entry: the clock's time, or
-- the latest that any of its accounts has by then. Accounts are locked; those that are rolled up have no last time.
CREATE FUNCTION times_after(booked_at timestamptz, entry_positions int[], entry_accounts uuid[])
RETURNS timestamptz[] LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[];
    lasts timestamptz[];
    times timestamptz[] := '{}';
    asked record;
BEGIN
    SELECT array_agg(a.id ORDER BY a.id), array_agg(coalesce(a.last_at, '-infinity') ORDER BY a.id) INTO touched, lasts
        FROM account a WHERE a.id = ANY (entry_accounts) AND a.kind NOT IN ('fees', 'issuance');
    FOR asked IN
        SELECT e.pos, array_agg(k.slot) FILTER (WHERE k.slot IS NOT NULL) AS slots
        FROM unnest(entry_positions, entry_accounts) AS e (pos, account_id)
        CROSS JOIN LATERAL (SELECT array_position(touched, e.account_id) AS slot) k
        GROUP BY e.pos ORDER BY e.pos
    LOOP
        times[asked.pos] := greatest(booked_at, (SELECT max(lasts[s]) FROM unnest(asked.slots) AS s));
        FOR i IN 1 .. coalesce(cardinality(asked.slots), 0) LOOP
            lasts[asked.slots[i]] := times[asked.pos];
        END LOOP;
    END LOOP;
    RETURN times;
END $$;

-- Whatever inserts entries: every transfer is known, comes whole, sums to zero, continues its accounts' chains, and
-- is not earlier than its accounts' last entries,
-- and moves their cached balances (whose CHECK refuses overdrawing). Runs as the owner, for nobody else may write balances.
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
            a.balance + sum(n.amount) OVER w AS balance,
            t.created_at, lag(t.created_at, 1, a.last_at) OVER w AS last_at
        FROM added n LEFT JOIN account a ON a.id = n.account_id LEFT JOIN transfer t ON t.id = n.transfer_id
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
    ) AS closed, (
        SELECT n.account_id FROM n WHERE n.created_at < n.last_at AND NOT n.rolled_up LIMIT 1
    ) AS early INTO wrong;
    IF wrong.unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % does not sum to zero over known accounts', wrong.unbalanced
            USING ERRCODE = 'check_violation';
    ELSIF wrong.closed IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % is closed, or was never made: entries come whole, or not at all', wrong.closed
            USING ERRCODE = 'check_violation';
    ELSIF wrong.astray IS NOT NULL THEN
        RAISE EXCEPTION 'the entries do not continue account %', wrong.astray USING ERRCODE = 'check_violation';
    ELSIF wrong.early IS NOT NULL THEN
        RAISE EXCEPTION 'the entries are earlier than the last one of account %', wrong.early
            USING ERRCODE = 'check_violation';
    END IF;

    UPDATE account SET balance = account.balance + moved.total, version = account.version + moved.entries,
            last_at = moved.last_at
        FROM (
            SELECT n.account_id, sum(n.amount) AS total, count(*) AS entries, max(t.created_at) AS last_at
            FROM added n JOIN transfer t ON t.id = n.transfer_id GROUP BY n.account_id
        ) moved
        WHERE account.id = moved.account_id AND account.kind NOT IN ('fees', 'issuance');
    RETURN NULL;
END $$;

-- Posts a batch in its order, one answer per transfer, or a single one at position 0 if all are new and booked; transfer
-- i is (ids[i], kinds[i], ...), entry j belongs to the transfer at entry_positions[j]. Transfers whose id is known (also
-- from earlier in the batch) are not booked again: same_request says whether it was the same request. Locks accounts in
-- the order of their ids, then claims transfers in the order of theirs, so that two batches never wait for each other;
-- and in this order, because only who holds the accounts knows the last times on them.
CREATE OR REPLACE FUNCTION post_transfers(
    ids uuid[], kinds text[], refs text[], hashes bytea[], booked_at timestamptz,
    entry_positions int[], entry_accounts uuid[], entry_amounts bigint[], entry_currencies text[]
) RETURNS TABLE ("position" int, known boolean, same_request boolean, reason text, account_id uuid, missing bigint)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    latest timestamptz;
    times timestamptz[];
    claimed uuid[];
    fresh boolean[] := array_fill(true, ARRAY[cardinality(ids)]);
    live boolean[];
    slots bigint[];
    balances bigint[];
    asked record;
    short int;
    entries bigint;
BEGIN
    SELECT max(locked.last_at) INTO latest
        FROM (SELECT DISTINCT u.id FROM unnest(entry_accounts) AS u (id) ORDER BY u.id) u CROSS JOIN LATERAL (
            SELECT a.last_at FROM account a WHERE a.id = u.id AND a.kind NOT IN ('fees', 'issuance') FOR NO KEY UPDATE
        ) locked;
    times := CASE WHEN latest > booked_at THEN times_after(booked_at, entry_positions, entry_accounts)
        ELSE array_fill(booked_at, ARRAY[cardinality(ids)]) END;

    WITH made AS (
        INSERT INTO transfer (id, kind, reference, request_hash, created_at)
        SELECT t.id, t.kind, t.ref, t.hash, t.at
            FROM unnest(ids, kinds, refs, hashes, times) WITH ORDINALITY AS t (id, kind, ref, hash, at, nth)
            ORDER BY t.id, t.nth
        ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT coalesce(array_agg(made.id), '{}') INTO claimed FROM made;

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

DROP TRIGGER follows_entries ON account;
CREATE TRIGGER follows_entries BEFORE UPDATE OF id, owner, kind, currency, balance, version, last_at, ordered_from ON account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
DROP TRIGGER begins_empty ON account;
CREATE TRIGGER begins_empty BEFORE INSERT ON account FOR EACH ROW
    WHEN (NEW.balance <> 0 OR NEW.version <> 0 OR NEW.last_at IS NOT NULL OR NEW.ordered_from <> 0)
    EXECUTE FUNCTION refuse_change();

-- A document is not dated before the one with the number before it.
CREATE FUNCTION dates_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM invoice i WHERE i.seller_id = NEW.seller_id AND i.kind = NEW.kind AND (
            (i.position = NEW.position - 1 AND i.issued_on > NEW.issued_on)
            OR (i.position = NEW.position + 1 AND i.issued_on < NEW.issued_on))
    ) THEN
        RAISE EXCEPTION 'document % would be dated out of the order of its series', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dates_follow AFTER INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION dates_follow();
"""

# What was booked before may be out of order by the moment that two batches waited for each other, or by a clock that was
# put right; nothing of it is ever changed, so it is known where the order begins.
FILL = """
ALTER TABLE account DISABLE TRIGGER follows_entries;
UPDATE account SET last_at = seen.last_at, ordered_from = account.version FROM (
    SELECT e.account_id, max(t.created_at) AS last_at FROM entry e JOIN transfer t ON t.id = e.transfer_id
    WHERE e.account_version IS NOT NULL GROUP BY e.account_id
) seen WHERE seen.account_id = account.id;
ALTER TABLE account ENABLE TRIGGER follows_entries;
UPDATE series SET ordered_from = last_position, last_issued_at = (
    SELECT max(i.issued_at) FROM invoice i WHERE i.seller_id = series.seller_id AND i.kind = series.kind);
"""


def upgrade() -> None:
    op.add_column("account", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("ordered_from", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("series", sa.Column("last_issued_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("series", sa.Column("ordered_from", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for law in (*_statements(FILL), *_statements(LAWS)):
        op.execute(sa.text(law))


def downgrade() -> None:
    op.execute("DROP TRIGGER dates_follow ON invoice")
    op.execute("DROP FUNCTION dates_follow")
    for trigger in ("follows_entries", "begins_empty"):
        op.execute(f"DROP TRIGGER {trigger} ON account")
    for law in _statements(context.script.get_revision("0002").module.LAWS):
        replaced = "OR REPLACE FUNCTION post_transfers" in law or "OR REPLACE FUNCTION book_entries" in law
        if replaced or (" ON account" in law and "CREATE TRIGGER" in law):
            op.execute(sa.text(law))
    op.execute("DROP FUNCTION times_after")
    for table, column in (("series", "last_issued_at"), ("account", "last_at")):
        op.drop_column(table, "ordered_from")
        op.drop_column(table, column)


def _statements(script: str) -> list[str]:
    """The script's statements: each ends with `;` at the end of a line, outside of `$$` bodies."""
    parts, inside = [""], False
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return [part.replace(":", "\\:") for part in parts if part.strip()]
