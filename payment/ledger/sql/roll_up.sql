-- Counts waiting entries of rolled-up accounts in; one writer at a time, the others have nothing to do. Runs as the owner;
-- none but the role that serves may call it.
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
