-- All that is wanted, as one of the languages stems it, and nothing that is unwanted as any of them does; each part may
-- be a phrase of several words. Languages that agree on the stems are asked once. NULL, which finds nothing, if no word
-- is wanted.
CREATE OR REPLACE FUNCTION search_query(wanted text[], unwanted text[], languages text[]) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  config regconfig;
  part text;
  one tsquery;
  words tsquery;
  asked text[] := '{}';
  found tsquery;
  avoided tsquery;
BEGIN
  FOR config IN SELECT DISTINCT search_config(code) FROM unnest(languages) AS code LOOP
    words := NULL;
    FOREACH part IN ARRAY wanted LOOP
      one := phraseto_tsquery(config, fold_text(part));
      IF numnode(one) > 0 THEN
        words := coalesce(words && one, one);
      END IF;
    END LOOP;
    IF words IS NOT NULL AND words::text <> ALL (asked) THEN
      asked := asked || words::text;
      found := coalesce(found || words, words);
    END IF;
    FOREACH part IN ARRAY unwanted LOOP
      one := phraseto_tsquery(config, fold_text(part));
      IF numnode(one) > 0 AND one::text <> ALL (asked) THEN
        asked := asked || one::text;
        avoided := coalesce(avoided || one, one);
      END IF;
    END LOOP;
  END LOOP;
  RETURN coalesce(found && !!avoided, found);
END $$;
