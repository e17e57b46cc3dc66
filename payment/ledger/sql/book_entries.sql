-- Whatever inserts entries: every transfer is known, comes whole, sums to zero, continues its accounts' chains, is not
-- earlier than its accounts' last entries, and moves their cached balances (whose CHECK refuses overdrawing). Runs as the
-- owner, for nobody else may write balances.
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

CREATE OR REPLACE TRIGGER book AFTER INSERT ON entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION book_entries();
