-- A PDF is drawn once: what is there stays as it is, and what is written is what its hash says.
CREATE OR REPLACE FUNCTION write_pdf_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.content_hash IS NOT NULL AND (NEW.invoice_id, NEW.content, NEW.content_hash, NEW.drawn_by)
            IS DISTINCT FROM (OLD.invoice_id, OLD.content, OLD.content_hash, OLD.drawn_by) THEN
        RAISE EXCEPTION 'the PDF of document % was drawn already, and is kept as it is', OLD.invoice_id
            USING ERRCODE = 'restrict_violation';
    ELSIF NEW.content_hash IS DISTINCT FROM encode(sha256(NEW.content), 'hex') THEN
        RAISE EXCEPTION 'the PDF of document % is not what its hash says', NEW.invoice_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER written_once
    BEFORE INSERT OR UPDATE OF invoice_id, content, content_hash, drawn_by ON invoice_pdf
    FOR EACH ROW EXECUTE FUNCTION write_pdf_once();
