#!/bin/sh
# Writes a snapshot of the running Redis to stdout: the data of one moment, an RDB file. It serves others meanwhile.
set -eu
REDISCLI_AUTH=$(tr -d '\n' <"$REDIS_PASSWORD_FILE")
export REDISCLI_AUTH
redis() { redis-cli --user operator -p "${REDIS_PORT:-6380}" "$@"; }
persistence() { redis info persistence | tr -d '\r' | sed -n "s/^$1://p"; }

saved=$(redis bgsave schedule) || exit 1
case $saved in Background*) ;; *) echo "$saved" >&2; exit 1 ;; esac
sleep 0.2
while [ "$(persistence rdb_bgsave_in_progress)" = 1 ] || [ "$(persistence aof_rewrite_in_progress)" = 1 ]; do sleep 0.2; done
if [ "$(persistence rdb_last_bgsave_status)" != ok ]; then echo 'Redis could not write it: see its log' >&2; exit 1; fi
cat "${REDIS_DIR:-/data}/dump.rdb"
rm -f "${REDIS_DIR:-/data}/dump.rdb"
