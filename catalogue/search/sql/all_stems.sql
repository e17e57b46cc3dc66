-- All of these words, each as any_stem has it.
CREATE OR REPLACE FUNCTION all_stems(words text[], languages text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT string_agg('(' || any_stem(word, languages)::text || ')', ' & ')::tsquery
  FROM unnest(words) AS word WHERE word <> '');
