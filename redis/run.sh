#!/bin/sh
# Starts Redis in the foreground: redis.conf plus what depends on the environment.
#   REDIS_PASSWORD_FILE  the password (write-password.sh put it there)                    required
#   DURABILITY           always | everysec, becomes appendfsync                           always
#   REDIS_MAXMEMORY      beyond it writes are refused; × 1.6 must fit into the container  512mb
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

bytes() { # 512mb -> bytes, in the units of Redis
  number=${1%%[!0-9]*}
  case $(printf %s "${1#"$number"}" | tr A-Z a-z) in
    '' | b) factor=1 ;;
    k) factor=1000 ;; kb) factor=1024 ;;
    m) factor=1000000 ;; mb) factor=1048576 ;;
    g) factor=1000000000 ;; gb) factor=1073741824 ;;
    *) number= ;;
  esac
  if [ "${number:-0}" -eq 0 ]; then
    echo "invalid setting REDIS_MAXMEMORY: expected a size such as 512mb or 2gb, got \"$1\"" >&2; exit 1
  fi
  echo $((number * factor))
}
maxmemory=$(bytes "${REDIS_MAXMEMORY:-512mb}")

# While the append-only file is rewritten, a forked child shares the data, and every page that changes meanwhile exists twice: 1.6 x was
# measured. A container that is too small for it would be ended in the middle, again and again.
limit=$(cat "${CGROUP_DIR:-/sys/fs/cgroup}/memory.max" 2>/dev/null || echo max)
if [ "$limit" != max ] && [ "$limit" -lt $((maxmemory / 10 * 16)) ]; then
  echo "invalid setting REDIS_MAXMEMORY: ${REDIS_MAXMEMORY:-512mb} does not leave room in a container of $((limit / 1048576)) MiB:" \
    "REDIS_MEMORY_LIMIT must be at least 1.6 times as much" >&2; exit 1
fi

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# What the services never need and an intruder would like is taken away: CONFIG SET, FLUSHALL, KEYS, DEBUG, REPLICAOF, MODULE ...
# What an engineer needs to look around, and backup.sh, is left.
allowed='+@all -@dangerous +bgsave +info +role +config|get +slowlog +latency +client|list +client|kill'

conf=${REDIS_RUN_DIR:-/tmp}/redis.conf
cat >"$conf" <<CONF
include $here/redis.conf
bind ${REDIS_BIND:-* -::*}
port ${REDIS_PORT:-6380}
dir "${REDIS_DIR:-/data}"
appendfsync ${DURABILITY:-always}
maxmemory $maxmemory
user default reset on #$(tr -d '\n' <"$REDIS_PASSWORD_FILE" | sha256) ~* &* $allowed
CONF
exec redis-server "$conf"
