-- A document is not dated before the one with the number before it.
CREATE OR REPLACE FUNCTION dates_follow() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE TRIGGER dates_follow AFTER INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION dates_follow();
