-- A word as it is, or as one of these languages stems it.
CREATE OR REPLACE FUNCTION any_stem(word text, languages text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT string_agg(DISTINCT one, ' | ')::tsquery FROM (
    SELECT '''' || word || '''' AS one
    UNION SELECT plainto_tsquery(search_config(code), word)::text FROM unnest(languages) AS code
  ) AS each WHERE one <> '');
