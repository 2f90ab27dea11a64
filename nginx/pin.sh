#!/bin/sh
# pin.sh NAME [address:port ...]: from now on the upstream NAME (ingest or dashboard) is these servers and no others; without any, it is
# what render.sh finds again. Ends when no nginx worker is left that knows anything else: whoever is not named may stop then, without a
# request on its way to it. So an exchange of replicas meets neither those that do not listen yet nor those that have gone: a request
# that is being tried at another server is given up when the list of addresses changes meanwhile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export NGINX_DIR="${NGINX_DIR:-/tmp/nginx}"
current=$NGINX_DIR/nginx.conf
next=$NGINX_DIR/pinned.conf
pins=$NGINX_DIR/$1.servers
master=$(cat "$NGINX_DIR/nginx.pid")
shift
# More than worker_shutdown_timeout, after which nginx ends a worker whatever it is doing.
wait_seconds=20

workers() {
  for pid in $(cat "/proc/$master/task/$master/children"); do
    if grep -q '^nginx: worker' "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
  done
}

is_any_left() { # $@: process ids
  for pid; do if [ -d "/proc/$pid" ]; then return 0; fi; done
  return 1
}

if [ $# -gt 0 ]; then printf '%s\n' "$@" >"$pins"; else rm -f "$pins"; fi
"$here/render.sh" >"$next"
if cmp -s "$current" "$next"; then exit 0; fi
if ! nginx -t -q -e stderr -p "$NGINX_DIR" -c "$next"; then rm -f "$pins"; exit 1; fi
old=$(workers)
mv "$next" "$current"
kill -HUP "$master"
deadline=$(($(date +%s) + wait_seconds))
# shellcheck disable=SC2086 # one word per id
while is_any_left $old; do
  if [ "$(date +%s)" -ge "$deadline" ]; then echo "nginx did not take over its new configuration within $wait_seconds s" >&2; exit 1; fi
  sleep 0.2
done
