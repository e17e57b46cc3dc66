-- Keeps `listing.category_path` true, whoever writes the category; a category's own path never changes.
CREATE OR REPLACE FUNCTION note_category_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.category_path := coalesce((SELECT path FROM category WHERE slug = NEW.category), NEW.category);
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER category_path BEFORE INSERT OR UPDATE OF category ON listing
  FOR EACH ROW EXECUTE FUNCTION note_category_path();
