-- A title as one form: what begins with it begins as a search does. The blank at its end is where a word ends.
CREATE OR REPLACE FUNCTION title_start(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left('^' || trim(fold_text(title)) || ' ', 60);
