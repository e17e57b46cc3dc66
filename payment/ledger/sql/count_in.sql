-- What leaves `unrolled` is counted into the balance that it waited for.
CREATE OR REPLACE FUNCTION count_in() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE account SET balance = account.balance + summed.total, version = account.version + summed.entries
        FROM (SELECT account_id, sum(amount) AS total, count(*) AS entries FROM gone GROUP BY account_id) summed
        WHERE account.id = summed.account_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER counted_in AFTER DELETE ON unrolled REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_in();
