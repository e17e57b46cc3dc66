-- The version of an account's last entry before a moment; 0 if there is none. Times follow versions, but for the oldest
-- entries (up to account.ordered_from); halving the steps from a fixed first one, the answer for a moment in the past
-- stays the same whatever is booked later.
CREATE OR REPLACE FUNCTION version_at(account uuid, moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    reached bigint := 0;
    step bigint := 1::bigint << 40;
BEGIN
    WHILE step > 0 LOOP
        IF EXISTS (
            SELECT FROM entry e JOIN transfer t ON t.id = e.transfer_id
            WHERE e.account_id = account AND e.account_version = reached + step AND t.created_at < moment
        ) THEN
            reached := reached + step;
        END IF;
        step := step / 2;
    END LOOP;
    RETURN reached;
END $$;
