#!/bin/sh
# Every 2 s: reloads nginx when a service's address came or went (only before nginx 1.27.3, which looks names up once), and when the
# certificate or its key has changed. A pair that does not fit, halfway through a renewal, is refused by nginx: it keeps the old one until
# the files change again. run.sh starts it. `watch.sh needed` says by its exit code whether it is. It ends with nginx: both live in one container.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
current=$NGINX_DIR/nginx.conf
next=$NGINX_DIR/next.conf

if [ "${1:-}" = needed ]; then
  if [ -n "${TLS_LISTEN:-}" ]; then exit 0; fi
  case "${INGEST_SERVERS:-ingest:8081} ${DASHBOARD_SERVERS:-dashboard:8083}" in *[a-z]*) ;; *) exit 1 ;; esac
  if grep -q ' resolve ' "$current"; then exit 1; fi
  exit 0
fi

certificate() { if [ -n "${TLS_LISTEN:-}" ]; then cat "$TLS_CERT_FILE" "$TLS_KEY_FILE" 2>/dev/null | cksum; fi; }

known=$(certificate)
while sleep 2; do
  # While replicas are exchanged pin.sh reloads. A pin that nobody took away after so long never will be.
  find "$NGINX_DIR" -name '*.servers' -mmin +10 -delete
  if ls "$NGINX_DIR"/*.servers >/dev/null 2>&1; then continue; fi
  found=$(certificate)
  "$here/render.sh" >"$next" || continue # a certificate file is away for a moment
  if cmp -s "$current" "$next" && [ "$found" = "$known" ]; then continue; fi
  known=$found
  mv "$next" "$current"
  kill -HUP "$(cat "$NGINX_DIR/nginx.pid")" || true
done
