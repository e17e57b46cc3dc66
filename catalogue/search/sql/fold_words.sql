-- Nothing calls it any more: what search compares is made by fold_text, and stemmed by language. Only taking back the
-- migration of search needs it.
CREATE OR REPLACE FUNCTION fold_words(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN
  regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(translate(
      regexp_replace(normalize(lower(input COLLATE "pg_c_utf8"), NFKD), '[\u0300-\u036f]', '', 'g'),
      'øłđðħıŧ', 'olddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    '[^[:alnum:]]+', ' ', 'g'),
    '(\w(ss|x|ch|sh))es\M', '\1', 'g'),
    '(\w{2})ies?\M', '\1y', 'g'),
    '(\w{2}[a-rt-z0-9])s\M', '\1', 'g');
