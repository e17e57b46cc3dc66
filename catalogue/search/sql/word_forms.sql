-- The words of a text, and what else people type for them: two that follow each other as one word, what stands with
-- hyphens as one word, the letters and the figures of a code each by themselves, the ends of codes, the ends of
-- compounds in languages that write several nouns as one word (from three letters, where a word may begin and a vowel
-- stands before), and of scripts without blanks each two characters that stand side by side. Its search path is set: the
-- index calls it also while it is vacuumed or restored, when there is none.
CREATE OR REPLACE FUNCTION word_forms(said text, language text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT AS $$
DECLARE
  compounding boolean := language = ANY ('{af,da,de,et,fi,fo,fy,hu,is,lb,nb,nl,nn,no,nds,sv}');
  forms text[] := '{}';
  codes text[] := '{}';
  word text;
  before text := '';
BEGIN
  FOREACH word IN ARRAY string_to_array(trim(fold_text(said)), ' ') LOOP
    CONTINUE WHEN word = '';
    word := left(word, 40);
    forms := forms || word;
    IF before <> '' THEN
      forms := forms || (before || word);
    END IF;
    IF word ~ '[0-9]' THEN
      codes := codes || word;
      IF word ~ '[^0-9]' THEN
        forms := forms || ARRAY(SELECT part[1] FROM regexp_matches(word, '[0-9]+|[^0-9]+', 'g') AS part);
      END IF;
    ELSIF compounding AND length(word) >= 7 THEN
      forms := forms || ARRAY(
        SELECT right(word, -place) FROM generate_series(3, length(word) - 3) AS place
        WHERE left(word, place) ~ '[aeiouy]' AND right(word, -place) ~ '^([b-df-hj-np-tv-z]|[bcdfghklmnpst]j|[bcfgkps]l|[bcdfgkptvw]r|[dktz]v?w|[dkst]v|[cpst]h|[gks]n|[ks]m|qu|pfl?|ps|rh|s[cfkpt]|sch[lmnrw]?|sk[jrv]|s[kp]l|s[cpt]r)?[aeiouy]');
    END IF;
    before := word;
  END LOOP;
  IF said ~ '[[:alnum:]][^[:alnum:]\s][[:alnum:]]+[^[:alnum:]\s][[:alnum:]]' THEN
    FOREACH word IN ARRAY ARRAY(
      SELECT left(replace(fold_text(chunk), ' ', ''), 40) FROM regexp_split_to_table(said, '\s+') AS chunk
      WHERE chunk ~ '[[:alnum:]][^[:alnum:]][[:alnum:]]+[^[:alnum:]][[:alnum:]]') LOOP
      CONTINUE WHEN word = '';
      forms := forms || word;
      IF word ~ '[0-9]' THEN
        codes := codes || word;
      END IF;
    END LOOP;
  END IF;
  FOREACH word IN ARRAY codes LOOP
    IF length(word) >= 5 THEN
      forms := forms || ARRAY(SELECT right(word, -place) FROM generate_series(1, length(word) - 3) AS place);
    END IF;
  END LOOP;
  IF said ~ '[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff\uff66-\uff9f]' THEN
    forms := forms || ARRAY(
      SELECT substr(run, place, 2) FROM unspaced_runs(said) AS run, generate_series(1, length(run)) AS place);
  END IF;
  RETURN forms;
END $$;
