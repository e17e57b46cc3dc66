-- The values of a listing's attributes, as words to search.
CREATE OR REPLACE FUNCTION attribute_text(attributes jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(string_agg(value, ' '), '') FROM jsonb_each_text(attributes));
