#!/bin/sh
# With its web page on 8089, or `headless`: so many users for so long, then a table; fails if a request did.
set -eu
set -- locust -f /synthetics/locustfile.py --host "$SOUK_SHOP_URL"
if [ "${SOUK_SYNTHETICS:-web}" = headless ]; then
  set -- "$@" --headless --only-summary --users "$SOUK_SYNTHETICS_USERS" --spawn-rate 2 --run-time "$SOUK_SYNTHETICS_TIME" --stop-timeout 30
fi
exec "$@"
