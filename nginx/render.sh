#!/bin/sh
# Prints nginx's configuration, made from nginx.conf.template and the environment:
#   LISTEN             address:port                                         0.0.0.0:8080
#   INGEST_SERVERS     host:port ..., names or addresses                    ingest:8081
#   INGEST_BACKUP      host:port that is asked when all of these are away   (none)
#   DASHBOARD_SERVERS  as INGEST_SERVERS                                          dashboard:8083
#   SINK_SERVER        one host:port, need not exist                        sink:8090
#   MAX_BODY_BYTES     the largest request body                             1048576
#   TRUSTED_PROXIES    networks whose X-Forwarded-For and -Proto and X-Request-Id are believed  (none)
#   CLIENT_RATE, CLIENT_BURST  requests per second and client, and at once; 0: no limit        1000, 2000
#   CLIENT_CONNECTIONS requests of a client at the same time; 0: no limit   128
#   CLIENT_UNLIMITED   networks to which these two do not apply, or none    loopback and private ones
#   TLS_LISTEN         address:port for TLS; the next two are needed then   (none)
#   TLS_CERT_FILE, TLS_KEY_FILE  PEM: the certificate with its chain, and its key
#   HSTS_MAX_AGE       seconds of Strict-Transport-Security; 0: not sent     0
#   NGINX_DIR          the writable directory, absolute                     /tmp/nginx
#   ACCESS_LOG, ERROR_LOG                                                   /dev/stdout, /dev/stderr
# A name may stand for several addresses, and for others later. nginx >= 1.27.3 follows that itself (`resolve`); for an older one
# each address is written out, and watch.sh renders anew when they change. While replicas are exchanged, pin.sh says which addresses it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

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

pinned_lines() { # $1: upstream, then host:port ... The names stay behind the pinned ones, for the case that nobody takes the pin away.
  pins=$dir/$1.servers; shift
  while read -r pinned; do server_lines "$pinned"; done <"$pins" | sort
  if is_at_least 1.27.3; then for server in "$@"; do server_lines "$server"; done | sed 's/;$/ backup;/'; fi
}

upstream() { # $1: its name, then host:port ...
  name=$1; shift
  if [ -s "$dir/$name.servers" ]; then
    servers=$(pinned_lines "$name" "$@")
  else
    servers=$(for server in "$@"; do server_lines "$server"; done)
  fi
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

# Only addresses: nginx would look names up, and only at its start.
networks() { # $1: the setting's name, $2: its value, blanks or commas between the networks
  case $2 in *[!0-9a-fA-F.:/,\ ]*)
    echo "invalid setting $1: expected networks such as 10.0.0.0/8,2001:db8::/32, got \"$2\"" >&2; exit 1 ;;
  esac
  echo "$2" | tr ', ' '\n\n' | sed '/^$/d'
}

whole() { # $1: the setting's name, $2: its value, $3: the least that is allowed
  case $2 in '' | *[!0-9]* | ??????????*) ;; *) if [ "$2" -ge "$3" ]; then echo "$2"; return; fi ;; esac
  echo "invalid setting $1: expected a whole number from $3 to 999999999, got \"$2\"" >&2; exit 1
}

real_address() {
  [ -n "$proxies" ] || return 0
  echo "$proxies" | sed 's/.*/  set_real_ip_from &;/'
  echo '  real_ip_header X-Forwarded-For;'
  echo '  real_ip_recursive on; # the last address that is not a proxy of ours'
}

limit_zones() {
  echo "  limit_req_zone \$counted_client zone=client_rate:10m rate=$((rate > 0 ? rate : 1))r/s;"
  echo '  limit_conn_zone $counted_client zone=client_connections:10m;'
  echo '  map $exceeded_limit $rate_limit_policy {'
  echo "    rate '\"client\";q=$rate;w=1';"
  echo "    connections '\"client-connections\";q=$connections;qu=\"concurrent-requests\"';"
  echo '  }'
}

limits() { # A zone that no limit names is allowed, and counts nobody.
  # The one that is always taken is not part of nginx's burst, which must not be 0.
  if [ "$burst" -gt 1 ]; then more=" burst=$((burst - 1)) nodelay"; else more=; fi
  if [ "$rate" -gt 0 ]; then echo "    limit_req zone=client_rate$more;"; fi
  if [ "$connections" -gt 0 ]; then echo "    limit_conn client_connections $connections;"; fi
}

readable() { # $1: the setting's name, $2: its value
  if [ -f "$2" ] && [ -r "$2" ]; then return; fi
  echo "invalid setting $1: expected a file that user $(id -u) may read, got \"$2\"" >&2; exit 1
}

tls() { # The suites of Mozilla's "intermediate" list that have forward secrecy and AEAD; TLS 1.3 brings its own.
  [ -n "${TLS_LISTEN:-}" ] || return 0
  readable TLS_CERT_FILE "${TLS_CERT_FILE:-}"
  readable TLS_KEY_FILE "${TLS_KEY_FILE:-}"
  echo "    listen $TLS_LISTEN ssl;"
  echo "    ssl_certificate $TLS_CERT_FILE;"
  echo "    ssl_certificate_key $TLS_KEY_FILE;"
  echo '    ssl_protocols TLSv1.2 TLSv1.3;'
  aead='ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384'
  echo "    ssl_ciphers $aead:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;"
  echo '    ssl_session_cache shared:tls:2m;'
  echo '    ssl_session_tickets off;'
}

hsts() {
  if [ "$hsts_age" -gt 0 ]; then value="\"max-age=$hsts_age\""; else value='""'; fi
  printf '  map $https $strict_transport {\n    default "";\n    on %s;\n  }\n' "$value"
}

# Assignments on lines of their own: only so a fault within $( ) ends this script.
dir=${NGINX_DIR:-/tmp/nginx}
proxies=$(networks TRUSTED_PROXIES "${TRUSTED_PROXIES:-}")
unlimited=${CLIENT_UNLIMITED:-127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7}
if [ "$unlimited" = none ]; then unlimited=; fi
unlimited=$(networks CLIENT_UNLIMITED "$unlimited")
rate=$(whole CLIENT_RATE "${CLIENT_RATE:-1000}" 0)
burst=$(whole CLIENT_BURST "${CLIENT_BURST:-2000}" 1)
connections=$(whole CLIENT_CONNECTIONS "${CLIENT_CONNECTIONS:-128}" 0)
hsts_age=$(whole HSTS_MAX_AGE "${HSTS_MAX_AGE:-0}" 0)
TLS=$(tls)
HSTS=$(hsts)
MAX_BODY_BYTES=$(whole MAX_BODY_BYTES "${MAX_BODY_BYTES:-1048576}" 1)

# Every word between at-signs in the template is the variable of that name.
as_geo() { echo "$1" | sed '/^$/d; s/.*/    & 1;/'; }
# shellcheck disable=SC2086 # the lists are split at blanks on purpose
UPSTREAMS=$(upstream ingest ${INGEST_SERVERS:-ingest:8081}; upstream dashboard ${DASHBOARD_SERVERS:-dashboard:8083})
RESOLVER=$(resolver; drain) PROCESS_USER=$(user)
REAL_ADDRESS=$(real_address) PROXY_NETWORKS=$(as_geo "$proxies") UNLIMITED_NETWORKS=$(as_geo "$unlimited")
LIMIT_ZONES=$(limit_zones) LIMITS=$(limits)
LISTEN=${LISTEN:-0.0.0.0:8080} SINK_SERVER=${SINK_SERVER:-sink:8090} NGINX_DIR=$dir
ACCESS_LOG=${ACCESS_LOG:-/dev/stdout} ERROR_LOG=${ERROR_LOG:-/dev/stderr}
export UPSTREAMS RESOLVER PROCESS_USER REAL_ADDRESS PROXY_NETWORKS UNLIMITED_NETWORKS LIMIT_ZONES LIMITS
export TLS HSTS LISTEN SINK_SERVER NGINX_DIR ACCESS_LOG ERROR_LOG MAX_BODY_BYTES

awk '
  {
    rest = $0; line = ""
    while (match(rest, /@[A-Z_]+@/)) {
      line = line substr(rest, 1, RSTART - 1) ENVIRON[substr(rest, RSTART + 1, RLENGTH - 2)]
      rest = substr(rest, RSTART + RLENGTH)
    }
    if (line rest != "" || $0 == "") print line rest
  }
' "$here/nginx.conf.template"
