"""Search that forgives: words in other forms, in the index alone; and the searches that found nothing."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSQUERY
from souk.database.migrations import vacuum_afterwards

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNSPACED = (
    r"\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters of scripts that set no blanks between words, or join what others part: Thai, Lao, Tibetan, Burmese, Khmer,
Japanese, Chinese, Korean."""

COMPOUNDING = ("af", "da", "de", "et", "fi", "fo", "fy", "hu", "is", "lb", "nb", "nl", "nn", "no", "nds", "sv")
"""Languages that write several nouns as one word."""

ONSETS = (
    "[b-df-hj-np-tv-z]|[bcdfghklmnpst]j|[bcfgkps]l|[bcdfgkptvw]r|[dktz]v?w|[dkst]v|[cpst]h|[gks]n|[ks]m|qu|pfl?|ps|rh|"
    "s[cfkpt]|sch[lmnrw]?|sk[jrv]|s[kp]l|s[cpt]r"
)
"""What words of these languages begin with before their first vowel."""

UNSPACED_TEXT = f"""
CREATE FUNCTION unspaced_runs(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  SELECT found[1] FROM regexp_matches(normalize(lower(said COLLATE "pg_c_utf8"), NFKC), '[{UNSPACED}]+', 'g') AS found;
END
"""

WORD_FORMS = f"""
CREATE FUNCTION word_forms(said text, language text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT AS $$
DECLARE
  compounding boolean := language = ANY ('{{{",".join(COMPOUNDING)}}}');
  forms text[] := '{{}}';
  codes text[] := '{{}}';
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
        WHERE left(word, place) ~ '[aeiouy]' AND right(word, -place) ~ '^({ONSETS})?[aeiouy]');
    END IF;
    before := word;
  END LOOP;
  IF said ~ '[[:alnum:]][^[:alnum:]\\s][[:alnum:]]+[^[:alnum:]\\s][[:alnum:]]' THEN
    FOREACH word IN ARRAY ARRAY(
      SELECT left(replace(fold_text(chunk), ' ', ''), 40) FROM regexp_split_to_table(said, '\\s+') AS chunk
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
  IF said ~ '[{UNSPACED}\\uff66-\\uff9f]' THEN
    forms := forms || ARRAY(
      SELECT substr(run, place, 2) FROM unspaced_runs(said) AS run, generate_series(1, length(run)) AS place);
  END IF;
  RETURN forms;
END $$
"""
"""The words of a text, and what else people type for them: two that follow each other as one word, what stands with hyphens
as one word, the letters and the figures of a code each by themselves, the ends of codes, the ends of compounds (from three
letters, where a word may begin and a vowel stands before), and of scripts without blanks each two characters that stand side
by side. Its search path is set: the index calls it also while it is vacuumed or restored, when there is none."""

LISTING_FORMS = """
CREATE FUNCTION listing_forms(title text, attributes jsonb, language text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  forms text[] := word_forms(left(title || ' ' || attribute_text(attributes), 600), language);
BEGIN
  RETURN array_to_tsvector(forms || title_start(title))
    || strip(to_tsvector(search_config(language), array_to_string(forms, ' ')));
END $$
"""
"""The forms of title and attributes, each as it is and stemmed, and how the title begins."""

TITLE_START = """
CREATE FUNCTION title_start(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left('^' || trim(fold_text(title)) || ' ', 60)
"""
"""A title as one form: what begins with it begins as a search does. The blank at its end is where a word ends."""

ANY_STEM = """
CREATE FUNCTION any_stem(word text, languages text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT string_agg(DISTINCT one, ' | ')::tsquery FROM (
    SELECT '''' || word || '''' AS one
    UNION SELECT plainto_tsquery(search_config(code), word)::text FROM unnest(languages) AS code
  ) AS each WHERE one <> '')
"""
"""A word as it is, or as one of these languages stems it."""

ALL_STEMS = """
CREATE FUNCTION all_stems(words text[], languages text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT string_agg('(' || any_stem(word, languages)::text || ')', ' & ')::tsquery FROM unnest(words) AS word WHERE word <> '')
"""
"""All of these words, each so."""

FORMS_QUERY = f"""
CREATE FUNCTION forms_query(part text, beside text[], languages text[], beginning int) RETURNS tsquery
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
    other := regexp_replace(normalize(lower(part COLLATE "pg_c_utf8"), NFKC), '[{UNSPACED}]+', ' ', 'g');
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
END $$
"""
"""One part of a search as `listing_forms` may have it: as one word, as its words or its letters and figures, joined with the
part beside it (`beside` holds both together), as pairs of characters; and, if `beginning` is not 0, as the beginning of a
word if it has so many letters. A code of three characters will do too."""

BEFORE = ["words", "head", "tags", "bands"]
FORMS = "listing_forms(title, attributes, language)"


def upgrade() -> None:
    for function in (UNSPACED_TEXT, WORD_FORMS, TITLE_START, LISTING_FORMS, ANY_STEM, ALL_STEMS, FORMS_QUERY):
        op.execute(function)
    _found([*BEFORE, sa.text(FORMS)])
    vacuum_afterwards("listing")
    for column in ("forms", "unwanted"):
        op.add_column("saved_search", sa.Column(column, TSQUERY(), nullable=True))
    op.create_table(
        "search_miss",
        sa.Column("words", sa.Text(collation="C"), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("asked > 0", name="ck_search_miss_asked_positive"),
        sa.PrimaryKeyConstraint("words", name="pk_search_miss"),
    )


def downgrade() -> None:
    op.drop_table("search_miss")
    for column in ("forms", "unwanted"):
        op.drop_column("saved_search", column)
    _found(BEFORE)
    op.execute("DROP FUNCTION forms_query(text, text[], text[], int)")
    op.execute("DROP FUNCTION all_stems(text[], text[])")
    op.execute("DROP FUNCTION any_stem(text, text[])")
    op.execute("DROP FUNCTION listing_forms(text, jsonb, text)")
    op.execute("DROP FUNCTION title_start(text)")
    op.execute("DROP FUNCTION word_forms(text, text)")
    op.execute("DROP FUNCTION unspaced_runs(text)")


def _found(columns: Sequence[str | sa.TextClause]) -> None:
    """Only the index is built anew: no listing is written."""
    op.drop_index("ix_listing_found", "listing")
    op.create_index(
        "ix_listing_found", "listing", list(columns), postgresql_using="gin", postgresql_where=sa.text("on_sale")
    )
