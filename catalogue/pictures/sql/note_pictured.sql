-- Keeps `listing.pictured` true to what is there, whoever adds and takes away pictures.
CREATE OR REPLACE FUNCTION note_pictured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE listing SET pictured = NOT pictured
  WHERE id IN (SELECT listing_id FROM touched)
    AND pictured <> EXISTS (SELECT FROM listing_picture WHERE listing_id = listing.id);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER pictured_insert AFTER INSERT ON listing_picture REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION note_pictured();
CREATE OR REPLACE TRIGGER pictured_delete AFTER DELETE ON listing_picture REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION note_pictured();
