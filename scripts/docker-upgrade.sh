# shellcheck shell=bash
# `upgrade`, for docker-stack.sh: new containers start beside the old ones, and only when they are healthy the old ones end. If one does
# not become healthy, the new ones are removed and the old ones go on serving. Readers (delivery) come before writers (ingest).

# $1: seconds, then ids. Fails as soon as one has ended or started again: it would not get better.
become_healthy() {
  local deadline=$((SECONDS + $1)) states
  shift
  while :; do
    states=$(docker inspect -f '{{.State.Status}} {{.RestartCount}} {{.State.Health.Status}}' "$@") || return 1
    if ! grep -qv '^running 0 healthy$' <<<"$states"; then return 0; fi
    if grep -qv '^running 0 ' <<<"$states" || [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 1
  done
}

# SIGTERM, time to finish (stop_grace_period), and away.
retire() { # $@: ids
  docker stop -t 20 "$@" >/dev/null
  docker rm "$@" >/dev/null
}

# $1: service, $2: how many. Leaves the ids of the new ones in `added`.
add_beside() {
  local old status=0
  old=$(ids_of "$1")
  compose up -d --no-deps --no-recreate --scale "$1=$(($(wc -w <<<"$old") + $2))" "$1" >"$output" 2>&1 || status=1
  mapfile -t added < <(ids_of "$1" | grep -vxF "$old")
  if [ "$status" = 0 ] && [ "${#added[@]}" = "$2" ] && become_healthy "$wait_seconds" "${added[@]}"; then return; fi
  if [ "${#added[@]}" -gt 0 ]; then
    docker logs --tail 5 "${added[0]}" >&2 2>&1 || true
    docker rm -f "${added[@]}" >/dev/null
  else
    tail -n 5 "$output" >&2
  fi
  echo "the upgrade stopped: a new $1 did not become healthy; it is removed, and the old ones go on" >&2
  exit 1
}

upgrade_delivery() {
  local old id
  old=$(ids_of delivery)
  for id in $old; do
    add_beside delivery 1
    retire "$id"
  done
}

upgrade_behind_nginx() { # $1: ingest or dashboard
  local old
  old=$(ids_of "$1")
  # shellcheck disable=SC2086 # one word per id
  {
    pin "$1" $old
    add_beside "$1" "$(wc -w <<<"$old")"
    pin "$1" "${added[@]}"
    retire $old
  }
  unpin
}

# Exchanging these would refuse requests for a moment: that is left to whoever runs this.
mention_unchanged() { # $1: service
  local id image
  id=$(ids_of "$1")
  image=$(docker inspect -f '{{.Config.Image}}' "$id")
  if [ "$(docker inspect -f '{{.Image}}' "$id")" != "$(docker image inspect -f '{{.Id}}' "$image")" ]; then
    echo "$1 has a new image and was left alone: \`make up\` exchanges it, and requests are refused for a moment"
  fi
}

upgrade() {
  local service
  for service in redis nginx delivery ingest dashboard; do
    if [ -z "$(ids_of "$service")" ]; then echo "$service is not running: make up" >&2; exit 1; fi
  done
  echo 'building the images ...'
  build
  echo 'replacing delivery, ingest and the dashboard ...'
  upgrade_delivery
  upgrade_behind_nginx ingest
  upgrade_behind_nginx dashboard
  mention_unchanged redis
  mention_unchanged nginx
  base_url
}
