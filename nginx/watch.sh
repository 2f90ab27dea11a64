#!/bin/sh
# Looks the service names up every 2 s and reloads nginx when an address came or went. Only for nginx before 1.27.3, which looks names
# up once; run.sh starts it. `watch.sh needed` says by its exit code whether it is. It ends with nginx: both live in one container.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
current=$NGINX_DIR/nginx.conf
next=$NGINX_DIR/next.conf

if [ "${1:-}" = needed ]; then
  case "${INGEST_SERVERS:-ingest:8081} ${DASHBOARD_SERVERS:-dashboard:8083}" in *[a-z]*) ;; *) exit 1 ;; esac
  if grep -q ' resolve ' "$current"; then exit 1; fi
  exit 0
fi

while sleep 2; do
  "$here/render.sh" >"$next"
  if cmp -s "$current" "$next"; then continue; fi
  mv "$next" "$current"
  kill -HUP "$(cat "$NGINX_DIR/nginx.pid")" || true
done
