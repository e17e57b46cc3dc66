-- When each transfer of a batch is booked, if the clock has fallen behind some account's last entry: the clock's time, or
-- the latest that any of its accounts has by then. Accounts are locked; those that are rolled up have no last time.
CREATE OR REPLACE FUNCTION times_after(booked_at timestamptz, entry_positions int[], entry_accounts uuid[])
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
