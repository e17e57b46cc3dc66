#!/bin/sh
# Writes what depends on the place (certificates, limits, the resolver) into /tmp, then becomes nginx.
set -eu
certificates=/etc/souk/certificates
requests=${SOUK_EDGE_REQUESTS_PER_SECOND:-50}
connections=${SOUK_EDGE_CONNECTIONS:-100}
mkdir -p /tmp/nginx

# The container's own resolver, so that instances that come and go are found anew.
resolver=$(awk '/^nameserver/ {print $2; exit}' /etc/resolv.conf)
case $resolver in *:*) resolver="[$resolver]" ;; esac

cat >/tmp/nginx/limits.conf <<EOF
resolver $resolver valid=2s ipv6=off;
limit_req_zone \$binary_remote_addr zone=requests:10m rate=${requests}r/s;
limit_req_zone \$binary_remote_addr zone=sign_in:10m rate=2r/s;
limit_conn_zone \$binary_remote_addr zone=connections:10m;
limit_conn connections $connections;
EOF
echo "limit_req zone=requests burst=$((requests * 4)) nodelay;" >/tmp/nginx/requests.conf

if [ -s "$certificates/fullchain.pem" ] && [ -s "$certificates/privkey.pem" ]; then
  cat >/tmp/nginx/listen.conf <<EOF
listen 8443 ssl;
http2 on;
ssl_certificate $certificates/fullchain.pem;
ssl_certificate_key $certificates/privkey.pem;
EOF
  # Plain HTTP then only leads to HTTPS, which people reach on its usual port.
  cat >/tmp/nginx/plain.conf <<'EOF'
server {
  listen 8080;
  location = /edge/health { access_log off; return 204; }
  # A program that was redirected would go on sending its token in the open, and nobody would notice.
  location ~ ^/api(/|$) {
    default_type application/problem+json;
    return 403 '{"type":"https://souk.example/problems/https-only","title":"Use https","status":403,"detail":"The API is reached by https only. A token that was sent here has been in the open: replace it."}';
  }
  location / { return 308 https://$host$request_uri; }
}
EOF
else
  echo 'listen 8080;' >/tmp/nginx/listen.conf
  : >/tmp/nginx/plain.conf
fi

# By HTTPS here or at a balancer in front, then for ever (browsers heed it over HTTPS only).
secure=
case ${SOUK_PUBLIC_URL:-} in https://*) secure=yes ;; esac
[ ! -s "$certificates/fullchain.pem" ] || secure=yes
hsts=${secure:+max-age=63072000; includeSubDomains}
cat >/tmp/nginx/hsts.conf <<EOF
map \$upstream_http_strict_transport_security \$souk_strict_transport_security {
  "" "$hsts";
  default "";
}
EOF
exec nginx -c /etc/souk/nginx.conf -g 'daemon off;'
