-- Words as search compares them before stemming: small letters without accents, punctuation gone. `COLLATE pg_c_utf8`
-- makes it the same on every machine, whatever its locale.
CREATE OR REPLACE FUNCTION fold_text(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  replace(replace(replace(translate(
    regexp_replace(normalize(lower(input COLLATE "pg_c_utf8"), NFKD), '[\u0300-\u036f]', '', 'g'),
    'øłđðħıŧ', 'olddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
  '[^[:alnum:]]+', ' ', 'g');
