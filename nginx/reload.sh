#!/bin/sh
# Renders the configuration anew (settings as for render.sh) and lets the running nginx take it over; it does so only if it is valid.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/render.sh" >"$NGINX_DIR/nginx.conf"
kill -HUP "$(cat "$NGINX_DIR/nginx.pid")"
