#!/bin/sh
# Starts Redis in the foreground: redis.conf plus what depends on the environment.
#   REDIS_PASSWORD_FILE  the operator's password (write-password.sh put it there)         required
#   REDIS_USER_PASSWORD_FILES  those of the services, USER standing for ingest, delivery, dashboard   $REDIS_PASSWORD_FILE-USER
#   DURABILITY           always | everysec, becomes appendfsync                           always
#   REDIS_MAXMEMORY      beyond it writes are refused; × 1.6 must fit into the container  512mb
#   REDIS_BIND, REDIS_PORT, REDIS_DIR (data), REDIS_RUN_DIR (generated configuration)     all interfaces, 6380, /data, /tmp
# The passwords themselves are in no command line and no configuration file, only their SHA-256.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
umask 077

case ${DURABILITY:-always} in
  always | everysec) ;;
  *) echo "invalid setting DURABILITY: expected one of always, everysec, got \"$DURABILITY\"" >&2; exit 1 ;;
esac
password_file() { # $1: user
  case $1 in
    operator) echo "$REDIS_PASSWORD_FILE" ;;
    *) echo "${REDIS_USER_PASSWORD_FILES:-$REDIS_PASSWORD_FILE-USER}" | sed "s|USER|$1|g" ;;
  esac
}

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

# The lines of the file `users`, each with the hash of its password.
users() {
  grep -v -e '^#' -e '^$' "$here/users" | while read -r name rules; do
    file=$(password_file "$name")
    if ! [ -s "$file" ]; then echo "there is no password in $file" >&2; exit 1; fi
    echo "user $name reset on #$(tr -d '\n' <"$file" | sha256) $rules"
  done
}
users=$(users)

# Nobody can log in as the default user, but it must be allowed everything: when Redis reads its append-only file, it runs the transactions
# in it as that user, and without rights it would leave out what our scripts have written, without a word (seen with 7.0).
conf=${REDIS_RUN_DIR:-/tmp}/redis.conf
cat >"$conf" <<CONF
include $here/redis.conf
bind ${REDIS_BIND:-* -::*}
port ${REDIS_PORT:-6380}
dir "${REDIS_DIR:-/data}"
appendfsync ${DURABILITY:-always}
maxmemory $maxmemory
user default reset off ~* &* +@all
$users
CONF
exec redis-server "$conf"
