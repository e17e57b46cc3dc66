-- Where a listing stands in the orders of price and time (catalogue/search/bands.py): so a range is few bands.
CREATE OR REPLACE FUNCTION listing_bands(price bigint, published_at timestamptz) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN bands_of('price', 90, 90 * (length(price::text) - 1) + left(price::text || '0', 2)::int - 10)
  || CASE WHEN published_at IS NULL THEN '{}'::text[]
     ELSE bands_of('day', 100, (published_at AT TIME ZONE 'UTC')::date - date '1970-01-01') END;
