-- One part of a search as listing_forms may have it: as one word, as its words or its letters and figures, joined with
-- the part beside it (`beside` holds both together), as pairs of characters; and, if `beginning` is not 0, as the
-- beginning of a word if it has so many letters. A code of three characters will do too.
CREATE OR REPLACE FUNCTION forms_query(part text, beside text[], languages text[], beginning int) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  words text[] := string_to_array(trim(fold_text(part)), ' ');
  joined text := left(array_to_string(words, ''), 40);
  found tsquery;
  other text;
  pairs text;
BEGIN
  IF joined = '' THEN
    RETURN NULL;
  END IF;
  SELECT string_agg(
    CASE WHEN length(run) = 1 THEN '''' || run || ''':*' ELSE '''' || substr(run, place, 2) || '''' END, ' & ')
  INTO pairs FROM unspaced_runs(part) AS run, generate_series(1, greatest(length(run) - 1, 1)) AS place;
  IF pairs IS NOT NULL THEN
    other := regexp_replace(normalize(lower(part COLLATE "pg_c_utf8"), NFKC), '[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+', ' ', 'g');
    RETURN any_stem(joined, languages) || coalesce(
      pairs::tsquery && all_stems(string_to_array(trim(fold_text(other)), ' '), languages), pairs::tsquery);
  END IF;
  found := all_stems(words, languages);
  IF joined ~ '[0-9]' AND joined ~ '[^0-9]' THEN
    found := found || all_stems(ARRAY(
      SELECT run[1] FROM unnest(words) AS word, regexp_matches(word, '[0-9]+|[^0-9]+', 'g') AS run), languages);
  END IF;
  FOREACH other IN ARRAY array_append(beside, joined) LOOP
    other := left(replace(fold_text(other), ' ', ''), 40);
    CONTINUE WHEN other = '';
    found := found || any_stem(other, languages);
    IF beginning > 0 AND (length(other) >= beginning OR length(other) = 3 AND other ~ '[0-9]' AND other ~ '[^0-9]') THEN
      found := found || ('''' || other || ''':*')::tsquery;
    END IF;
  END LOOP;
  RETURN found;
END $$;
