-- The parts of a text in scripts that set no blanks between words, or join what others part: Thai, Lao, Tibetan,
-- Burmese, Khmer, Japanese, Chinese, Korean.
CREATE OR REPLACE FUNCTION unspaced_runs(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  SELECT found[1] FROM regexp_matches(normalize(lower(said COLLATE "pg_c_utf8"), NFKC), '[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+', 'g') AS found;
END;
