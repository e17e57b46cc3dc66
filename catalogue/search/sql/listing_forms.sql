-- The forms of title and attributes, each as it is and stemmed, and how the title begins.
CREATE OR REPLACE FUNCTION listing_forms(title text, attributes jsonb, language text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  forms text[] := word_forms(left(title || ' ' || attribute_text(attributes), 600), language);
BEGIN
  RETURN array_to_tsvector(forms || title_start(title))
    || strip(to_tsvector(search_config(language), array_to_string(forms, ' ')));
END $$;
