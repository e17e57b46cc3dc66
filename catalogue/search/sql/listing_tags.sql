-- Everything that filters compare for equality, in one array: one index finds any combination of them, and counting them
-- all is one pass.
CREATE OR REPLACE FUNCTION listing_tags(category_path text, condition text, language text, country text, pictured boolean,
  attributes jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY['category=' || split_part(category_path, '/', -1), 'condition=' || condition, 'language=' || language]
  || ARRAY(SELECT 'under=' || slug FROM unnest(string_to_array(category_path, '/')) AS slug)
  || CASE WHEN country = '' THEN '{}'::text[] ELSE ARRAY['country=' || country] END
  || CASE WHEN pictured THEN ARRAY['pictured=yes'] ELSE '{}'::text[] END
  || ARRAY(SELECT 'attribute.' || key || '=' || (value #>> '{}') FROM jsonb_each(attributes)
           WHERE jsonb_typeof(value) = 'string');

-- Those, and the tags of offers and ratings: `rating=` is each that the seller reaches, as `under=` is each category
-- above.
CREATE OR REPLACE FUNCTION listing_tags(category_path text, condition text, language text, country text, pictured boolean,
  attributes jsonb, accepts_offers boolean, seller_rating smallint) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN listing_tags(category_path, condition, language, country, pictured, attributes)
  || CASE WHEN accepts_offers THEN ARRAY['offers=yes'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 6 THEN ARRAY['rating=3'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 8 THEN ARRAY['rating=4'] ELSE '{}'::text[] END
  || CASE WHEN seller_rating >= 9 THEN ARRAY['rating=4.5'] ELSE '{}'::text[] END;
