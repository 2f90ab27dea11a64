#!/bin/sh
# Starts Redis in the foreground: redis.conf plus what depends on the environment.
#   REDIS_PASSWORD_FILE  the password (write-password.sh put it there)                    required
#   DURABILITY           always | everysec, becomes appendfsync                           always
#   REDIS_MAXMEMORY      beyond it writes are refused                                     512mb
#   REDIS_BIND, REDIS_PORT, REDIS_DIR (data), REDIS_RUN_DIR (generated configuration)     all interfaces, 6380, /data, /tmp
# The password itself is in no command line and no configuration file, only its SHA-256.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
umask 077

case ${DURABILITY:-always} in
  always | everysec) ;;
  *) echo "invalid setting DURABILITY: expected one of always, everysec, got \"$DURABILITY\"" >&2; exit 1 ;;
esac
if ! [ -s "$REDIS_PASSWORD_FILE" ]; then
  echo "there is no password in $REDIS_PASSWORD_FILE" >&2; exit 1
fi

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# What the services never need and an intruder would like is taken away: CONFIG SET, FLUSHALL, KEYS, DEBUG, REPLICAOF, MODULE ...
# What an engineer needs to look around is left.
allowed='+@all -@dangerous +info +role +config|get +slowlog +latency +client|list +client|kill'

conf=${REDIS_RUN_DIR:-/tmp}/redis.conf
cat >"$conf" <<CONF
include $here/redis.conf
bind ${REDIS_BIND:-* -::*}
port ${REDIS_PORT:-6380}
dir "${REDIS_DIR:-/data}"
appendfsync ${DURABILITY:-always}
maxmemory ${REDIS_MAXMEMORY:-512mb}
user default reset on #$(tr -d '\n' <"$REDIS_PASSWORD_FILE" | sha256) ~* &* $allowed
CONF
exec redis-server "$conf"
