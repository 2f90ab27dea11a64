#!/bin/sh
# Starts nginx in the foreground with the configuration that render.sh makes. The settings are those of render.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export NGINX_DIR="${NGINX_DIR:-/tmp/nginx}"
mkdir -p "$NGINX_DIR"
rm -f "$NGINX_DIR"/*.servers # see pin.sh
cp "$here"/*.conf "$NGINX_DIR"
"$here/render.sh" >"$NGINX_DIR/nginx.conf"
# What only reading the certificate shows; in one line, since it is most likely somebody's first try.
if [ -n "${TLS_LISTEN:-}" ] && ! said=$(nginx -t -e stderr -p "$NGINX_DIR" -c "$NGINX_DIR/nginx.conf" 2>&1); then
  case $said in
    *'key values mismatch'*) echo 'invalid setting TLS_KEY_FILE: it is not the key of the certificate in TLS_CERT_FILE' >&2; exit 1 ;;
    *'cannot load certificate key'*) echo "invalid setting TLS_KEY_FILE: $TLS_KEY_FILE holds no key in PEM form" >&2; exit 1 ;;
    *'cannot load certificate'*) echo "invalid setting TLS_CERT_FILE: $TLS_CERT_FILE holds no certificate in PEM form" >&2; exit 1 ;;
  esac # anything else nginx says itself, below
fi
# Only when names were looked up here instead of by nginx, or a certificate may be renewed: see watch.sh.
if "$here/watch.sh" needed; then "$here/watch.sh" & fi
exec nginx -e stderr -p "$NGINX_DIR" -c "$NGINX_DIR/nginx.conf" -g 'daemon off;'
