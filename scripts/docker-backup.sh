# shellcheck shell=bash
# `backup FILE` and `restore FILE`, for docker-stack.sh: a snapshot of the queue, taken while it runs, and put in place of the queue. A
# restored stack starts paused: what was delivered after the backup was made would be sent again.

only_our_redis() {
  if [ -z "$(setting REDIS_URL '')" ]; then return; fi
  echo "REDIS_URL names a Redis of your own: $1 it there" >&2
  exit 1
}

backup() { # $1: file
  only_our_redis 'back up'
  if [ -z "${1:-}" ]; then echo 'usage: make backup FILE=queue.rdb' >&2; exit 1; fi
  if ! (umask 077 && compose exec -T redis sh /opt/postback/redis/backup.sh >"$1.part" 2>"$output"); then
    rm -f "$1.part"
    echo "no backup was made: $(tail -n 1 "$output")" >&2
    exit 1
  fi
  mv "$1.part" "$1"
  echo "written: $1"
}

restore() { # $1: file
  only_our_redis restore
  # Looked at before anything is stopped.
  if [ "$(head -c 5 "${1:-/dev/null}" 2>/dev/null)" != REDIS ]; then echo 'usage: make restore FILE=queue.rdb, a backup' >&2; exit 1; fi
  build
  echo 'stopping the stack ...'
  compose "${every_profile[@]}" down --remove-orphans >"$output" 2>&1
  if ! compose run --rm -T --no-deps --entrypoint sh redis /opt/postback/redis/restore.sh <"$1" >"$output" 2>&1; then
    echo "nothing was restored: $(tail -n 3 "$output")" >&2
    exit 1
  fi
  start
  await_healthy
  base_url
  operate restored
}
