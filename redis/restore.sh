#!/bin/sh
# Puts a snapshot from stdin (see backup.sh) in place of the data in REDIS_DIR; Redis must not run. What was there is kept beside it,
# in appendonlydir.before. Delivery is paused in the restored data itself, so that there is no moment at which it could begin: what was
# delivered after the backup would be sent again. The key is that of core/src/queue/scripts/pause.ts; a test ties the two.
set -eu
umask 077
cd "${REDIS_DIR:-/data}"
next=appendonlydir.next
rm -rf "$next" && mkdir "$next"
trap 'rm -rf "$next"' EXIT

cat >"$next/appendonly.aof.1.base.rdb"
if [ "$(head -c 5 "$next/appendonly.aof.1.base.rdb")" != REDIS ]; then echo 'this is no backup of Redis' >&2; exit 1; fi

command() { # $@: a Redis command, as the append-only file holds it
  printf '*%d\r\n' $#
  for word; do printf '$%d\r\n%s\r\n' "${#word}" "$word"; done
}
{
  command SELECT 0
  command DEL '{pb}:pause'
  command HSET '{pb}:pause' since "$(date +%s)000" by restore reason 'restored from a backup' version ''
} >"$next/appendonly.aof.1.incr.aof"
cat >"$next/appendonly.aof.manifest" <<'MANIFEST'
file appendonly.aof.1.base.rdb seq 1 type b
file appendonly.aof.1.incr.aof seq 1 type i
MANIFEST

rm -rf appendonlydir.before
if [ -d appendonlydir ]; then mv appendonlydir appendonlydir.before; fi
mv "$next" appendonlydir
