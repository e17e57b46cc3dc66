-- How words of a language are stemmed: by its own configuration, which leaves no stop words out, if PostgreSQL has a
-- stemmer for it; else as they are.
CREATE OR REPLACE FUNCTION search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE language
  WHEN 'ar' THEN 'souk_arabic'::regconfig
  WHEN 'ca' THEN 'souk_catalan'::regconfig
  WHEN 'da' THEN 'souk_danish'::regconfig
  WHEN 'de' THEN 'souk_german'::regconfig
  WHEN 'el' THEN 'souk_greek'::regconfig
  WHEN 'en' THEN 'souk_english'::regconfig
  WHEN 'es' THEN 'souk_spanish'::regconfig
  WHEN 'et' THEN 'souk_estonian'::regconfig
  WHEN 'eu' THEN 'souk_basque'::regconfig
  WHEN 'fi' THEN 'souk_finnish'::regconfig
  WHEN 'fr' THEN 'souk_french'::regconfig
  WHEN 'ga' THEN 'souk_irish'::regconfig
  WHEN 'hi' THEN 'souk_hindi'::regconfig
  WHEN 'hu' THEN 'souk_hungarian'::regconfig
  WHEN 'hy' THEN 'souk_armenian'::regconfig
  WHEN 'id' THEN 'souk_indonesian'::regconfig
  WHEN 'it' THEN 'souk_italian'::regconfig
  WHEN 'lt' THEN 'souk_lithuanian'::regconfig
  WHEN 'nb' THEN 'souk_norwegian'::regconfig
  WHEN 'ne' THEN 'souk_nepali'::regconfig
  WHEN 'nl' THEN 'souk_dutch'::regconfig
  WHEN 'pt' THEN 'souk_portuguese'::regconfig
  WHEN 'ro' THEN 'souk_romanian'::regconfig
  WHEN 'ru' THEN 'souk_russian'::regconfig
  WHEN 'sr' THEN 'souk_serbian'::regconfig
  WHEN 'sv' THEN 'souk_swedish'::regconfig
  WHEN 'ta' THEN 'souk_tamil'::regconfig
  WHEN 'tr' THEN 'souk_turkish'::regconfig
  WHEN 'yi' THEN 'souk_yiddish'::regconfig
  ELSE 'pg_catalog.simple'::regconfig END;
