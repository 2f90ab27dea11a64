# shellcheck shell=bash
# Tells nginx which replicas it has while they are exchanged, for docker-stack.sh. Names alone are not enough: they also stand for a container
# that does not listen yet, and for a while for one that has gone. However this ends, nginx goes by the names again afterwards.

# An nginx that runs since before it could be told: it asks for the names every 2 s, and this long after a change it knows them all.
nginx_notices_seconds=5

ids_of() { compose ps -a -q "$1"; } # $1: service; v2 leaves out what is restarting unless asked for all

networks_of() { docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' "$1"; } # $1: id

# $1: a port, then ids. The addresses at which nginx reaches them.
addresses_of() {
  local port=$1 network
  shift
  for network in $(networks_of "$(ids_of nginx)"); do
    docker inspect -f "{{with index .NetworkSettings.Networks \"$network\"}}{{.IPAddress}}{{end}}" "$@" | sed "/^\$/d; s/\$/:$port/"
  done
}

pin_nginx() { compose exec -T nginx /opt/postback/nginx/pin.sh "$@"; }
can_be_pinned() { compose exec -T nginx test -x /opt/postback/nginx/pin.sh >/dev/null 2>&1; }

pinned=
# $1: ingest or dashboard, then ids: nginx sends requests to these and no others, and none to others is under way any more.
pin() {
  local service=$1 addresses
  shift
  if ! can_be_pinned; then sleep "$nginx_notices_seconds"; return; fi
  case $service in ingest) addresses=$(addresses_of 8081 "$@") ;; *) addresses=$(addresses_of 8083 "$@") ;; esac
  pinned=$service
  # shellcheck disable=SC2086 # one word per address
  pin_nginx "$service" $addresses
}

unpin() {
  if [ -z "$pinned" ]; then return; fi
  pin_nginx "$pinned" || echo "nginx still sends requests only to the $pinned replicas of now: make down && make up" >&2
  pinned=
}
trap 'unpin; rm -f "$output"' EXIT
