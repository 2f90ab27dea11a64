#!/bin/sh
# Starts nginx in the foreground with the configuration that render.sh makes. The settings are those of render.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export NGINX_DIR="${NGINX_DIR:-/tmp/nginx}"
mkdir -p "$NGINX_DIR"
cp "$here"/*.conf "$NGINX_DIR"
"$here/render.sh" >"$NGINX_DIR/nginx.conf"
# Only when names were looked up here instead of by nginx: see render.sh.
if "$here/watch.sh" needed; then "$here/watch.sh" & fi
exec nginx -e stderr -p "$NGINX_DIR" -c "$NGINX_DIR/nginx.conf" -g 'daemon off;'
