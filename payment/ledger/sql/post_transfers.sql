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
