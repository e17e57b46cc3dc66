-- A transaction has its number before the transfers that it inserts have their positions: a snapshot then tells
-- which positions may still come (payment/ledger/blocks.py).
CREATE OR REPLACE FUNCTION number_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER numbered BEFORE INSERT ON transfer FOR EACH STATEMENT EXECUTE FUNCTION number_transaction();
