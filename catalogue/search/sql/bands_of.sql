-- The bands of three widths that a place in an order lies in.
CREATE OR REPLACE FUNCTION bands_of(name text, widest int, place int) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY[name || ':' || widest || '=' || place / widest, name || ':10=' || place / 10, name || ':1=' || place];
