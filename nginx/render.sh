#!/bin/sh
# Prints nginx's configuration, made from nginx.conf.template and the environment:
#   LISTEN             address:port                                         0.0.0.0:8080
#   INGEST_SERVERS     host:port ..., names or addresses                    ingest:8081
#   INGEST_BACKUP      host:port that is asked when all of these are away   (none)
#   DASHBOARD_SERVERS  as INGEST_SERVERS                                          dashboard:8083
#   SINK_SERVER        one host:port, need not exist                        sink:8090
#   MAX_BODY_BYTES     the largest request body                             1048576
#   NGINX_DIR          the writable directory, absolute                     /tmp/nginx
#   ACCESS_LOG, ERROR_LOG                                                   /dev/stdout, /dev/stderr
# A name may stand for several addresses, and for others later. nginx >= 1.27.3 follows that itself (`resolve`); for an older one
# each address is written out, and watch.sh renders anew when they change.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nginx_dir=${NGINX_DIR:-/tmp/nginx}

is_address() { case $1 in \[*|*[!0-9.:]*) [ "${1#\[}" != "$1" ] ;; *) true ;; esac; }

version=$(nginx -v 2>&1 | sed 's|.*/||; s|[^0-9.].*||')
is_at_least() { [ "$(printf '%s\n' "$version" "$1" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$1" ]; }

server_lines() { # $1: one host:port
  # A server that refused is left alone for a second, not the default ten: it is most likely being restarted.
  options='max_fails=1 fail_timeout=1s'
  if is_address "$1"; then
    echo "    server $1 $options;"
  elif is_at_least 1.27.3; then
    echo "    server $1 resolve $options;"
  else
    getent ahostsv4 "${1%:*}" | awk -v port="${1##*:}" -v options="$options" \
      '!seen[$1]++ { print "    server " $1 ":" port " " options ";" }' | sort
  fi
}

upstream() { # $1: its name, then host:port ...
  name=$1; shift
  servers=$(for server in "$@"; do server_lines "$server"; done)
  echo "  upstream $name {"
  echo "    zone $name 128k;"
  # No address at the moment: a port where nobody listens gives the 503 that an unreachable service gets.
  echo "${servers:-    server 127.0.0.1:1;}"
  if [ "$name" = ingest ] && [ -n "${INGEST_BACKUP:-}" ]; then echo "    server $INGEST_BACKUP backup max_fails=0;"; fi
  # Shorter than the 5 s after which Node closes an idle connection: a POST on a connection that is just being closed is lost.
  echo "    keepalive 64;"
  echo "    keepalive_requests 100000;"
  echo "    keepalive_timeout 4s;"
  echo "  }"
}

resolver() {
  for server in ${INGEST_SERVERS:-ingest:8081} ${DASHBOARD_SERVERS:-dashboard:8083} ${SINK_SERVER:-sink:8090}; do
    is_address "$server" && continue
    address=$(awk '/^nameserver/ { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
    echo "  resolver $address valid=2s ipv6=off;"
    echo "  resolver_timeout 2s;"
    return
  done
}

user() { # As root (only ever in the local stack) the workers stay root too: another user could not enter the directory.
  if [ "$(id -u)" = 0 ]; then echo 'user root;'; else echo '# no user directive: not started by root'; fi
}

drain() { # On a reload idle connections stay open a little: a client that is just sending on one is not cut off.
  if is_at_least 1.27.4; then echo '  keepalive_min_timeout 1s;'; fi
}

# shellcheck disable=SC2086 # the lists are split at blanks on purpose
UPSTREAMS=$(upstream ingest ${INGEST_SERVERS:-ingest:8081}; upstream dashboard ${DASHBOARD_SERVERS:-dashboard:8083})
export UPSTREAMS
RESOLVER=$(resolver; drain) USER_LINE=$(user)
export RESOLVER USER_LINE

awk -v dir="$nginx_dir" '
  function put(word, value,   at) {
    while ((at = index($0, word)) > 0) $0 = substr($0, 1, at - 1) value substr($0, at + length(word))
  }
  {
    put("@NGINX_DIR@", dir)
    put("@USER@", ENVIRON["USER_LINE"]); put("@RESOLVER@", ENVIRON["RESOLVER"]); put("@UPSTREAMS@", ENVIRON["UPSTREAMS"])
    put("@LISTEN@", ENVIRON["LISTEN"] != "" ? ENVIRON["LISTEN"] : "0.0.0.0:8080")
    put("@SINK_SERVER@", ENVIRON["SINK_SERVER"] != "" ? ENVIRON["SINK_SERVER"] : "sink:8090")
    put("@MAX_BODY_BYTES@", ENVIRON["MAX_BODY_BYTES"] != "" ? ENVIRON["MAX_BODY_BYTES"] : "1048576")
    put("@ACCESS_LOG@", ENVIRON["ACCESS_LOG"] != "" ? ENVIRON["ACCESS_LOG"] : "/dev/stdout")
    put("@ERROR_LOG@", ENVIRON["ERROR_LOG"] != "" ? ENVIRON["ERROR_LOG"] : "/dev/stderr")
    print
  }
' "$here/nginx.conf.template"
