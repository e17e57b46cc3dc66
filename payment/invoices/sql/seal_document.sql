-- What is in a document, and the PDF that was drawn of it, take a position in the chain of blocks as they are written. Runs
-- as the owner, for nobody else may write here; the transaction has its number already, as blocks need it.
CREATE OR REPLACE FUNCTION seal_document() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_current_xact_id();
    IF TG_TABLE_NAME = 'invoice' THEN
        INSERT INTO sealed_document (position, invoice_id, part, hash)
            VALUES (nextval('transfer_position_seq'), NEW.id, 'document', NEW.document_hash);
    ELSIF NEW.content_hash IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.content_hash IS NULL) THEN
        INSERT INTO sealed_document (position, invoice_id, part, hash)
            VALUES (nextval('transfer_position_seq'), NEW.invoice_id, 'pdf', NEW.content_hash);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER sealed AFTER INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION seal_document();
CREATE OR REPLACE TRIGGER sealed AFTER INSERT OR UPDATE ON invoice_pdf FOR EACH ROW EXECUTE FUNCTION seal_document();
