#!/usr/bin/env bash
# The stack as containers, with `docker compose` v2 or docker-compose 1.29; nothing else is needed on this machine.
# Verbs: up down reset logs scale upgrade backup restore loadtest operate base-url sink-url. `up` and `scale` end when everything is
# healthy, with the base URL on the last line; if something is not, they show what, and its last log lines, and exit 1.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi

# BuildKit skips the stages that a target does not need; docker-compose 1.29 has to be asked for it. A client of version 23 or later
# without the buildx plugin cannot do it, but still builds the old way.
has_buildkit() {
  docker buildx version >/dev/null 2>&1 || [ "$(docker version --format '{{.Client.Version}}' | cut -d . -f 1)" -lt 23 ]
}
if has_buildkit; then export DOCKER_BUILDKIT="${DOCKER_BUILDKIT:-1}" COMPOSE_DOCKER_CLI_BUILD="${COMPOSE_DOCKER_CLI_BUILD:-1}"; fi

every_profile=(--profile demo --profile loadtest --profile observability)
wait_seconds=${WAIT_SECONDS:-180}

setting() { # $1: name, $2: default. The environment wins over .env, as for Compose.
  local value=${!1:-}
  if [ -z "$value" ] && [ -f .env ]; then
    value=$(sed -n "s/^[[:space:]]*$1=//p" .env | tail -n 1 | sed -E "s/[[:space:]]+#.*//; s/^[\"']//; s/[\"']$//")
  fi
  echo "${value:-$2}"
}

# The services would refuse too, one by one and in their logs (core/src/access/openDoors.ts).
refuse_open_doors() {
  local bind name open=() example=()
  bind=$(setting HTTP_BIND 127.0.0.1)
  case $bind in localhost | 127.* | ::1 | '[::1]') return ;; esac
  for name in INGEST_API_KEYS DASHBOARD_TOKEN; do
    if [ -n "$(setting "$name" '')$(setting "${name}_FILE" '')" ]; then continue; fi
    open+=("$name") example+=("$name=\$(openssl rand -hex 32)")
  done
  if [ "${#open[@]}" = 0 ]; then return; fi
  echo "HTTP_BIND=$bind lets others in: set $(sed 's/ / and /' <<<"${open[*]}") first, for example ${example[*]} (docs/access.md)" >&2
  exit 1
}

# TLS is another port and the directory of the certificate, which the file for it adds. Both lines name what is wrong before anything starts.
use_tls() {
  local cert key
  cert=$(setting TLS_CERT_FILE '') key=$(setting TLS_KEY_FILE '')
  if ! [ -f "$cert" ]; then echo "invalid setting TLS_CERT_FILE: HTTPS_PORT needs a certificate, got \"$cert\"" >&2; exit 1; fi
  if ! [ -f "$key" ] || [ "$(dirname "$key")" != "$(dirname "$cert")" ]; then
    echo "invalid setting TLS_KEY_FILE: expected a file beside TLS_CERT_FILE, got \"$key\"" >&2; exit 1
  fi
  TLS_DIR=$(cd "$(dirname "$cert")" && pwd) TLS_CERT_NAME=$(basename "$cert") TLS_KEY_NAME=$(basename "$key")
  export TLS_DIR TLS_CERT_NAME TLS_KEY_NAME COMPOSE_FILE=docker-compose.yml:docker-compose.tls.yml
}
if [ -n "$(setting HTTPS_PORT '')" ]; then use_tls; fi

warn_of_plain_http() {
  case $(setting HTTP_BIND 127.0.0.1) in 127.* | ::1 | localhost) return ;; esac
  echo "warning: port $(setting HTTP_PORT 8080) is plain HTTP beyond this machine; keys can be read on their way (docs/security.md)" >&2
}

# One line for each container that is not as it should be: running and healthy, or ended with 0 and not meant to stay.
not_ready() {
  local ids
  ids=$(compose "${every_profile[@]}" ps -a -q)
  # shellcheck disable=SC2086 # one word per id
  docker inspect -f '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.ExitCode}}{{end}}' $ids |
    grep -v -e ' running healthy$' -e ' exited 0$' | sed 's|^/||' || true
}

explain() { # what is wrong, then the last words of whoever it is
  local name
  compose "${every_profile[@]}" ps >&2
  not_ready | while read -r name _; do
    echo "--- the last log lines of $name" >&2
    docker logs --tail 20 "$name" >&2 2>&1 || true
  done
}

await_healthy() {
  local deadline=$((SECONDS + wait_seconds))
  while [ -n "$(not_ready)" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "not healthy after $wait_seconds s: $(not_ready | tr '\n' ';')" >&2
      explain
      exit 1
    fi
    sleep 1
  done
}

output=$(mktemp)
trap 'rm -f "$output"' EXIT

build() {
  if compose "${every_profile[@]}" build >"$output" 2>&1; then return; fi
  tail -n 40 "$output" >&2
  exit 1
}

start() { # $@: profiles
  local replicas=(--scale "ingest=$(setting INGEST_REPLICAS 1)" --scale "delivery=$(setting DELIVERY_REPLICAS 1)")
  if compose "$@" up -d "${replicas[@]}" >"$output" 2>&1; then return; fi
  if grep -qi -e 'port is already allocated' -e 'address already in use' "$output"; then
    echo "port $(setting HTTP_PORT 8080) is in use: set HTTP_PORT to another one" >&2
  else
    tail -n 20 "$output" >&2
    explain
  fi
  exit 1
}

base_url() {
  echo "http://$(compose port nginx 8080 | sed 's/^0\.0\.0\.0:/127.0.0.1:/; s/^\[::\]:/127.0.0.1:/')"
}

up() { # $@: profiles
  refuse_open_doors
  echo 'building the images (the first time takes a minute or two) ...'
  build
  echo 'starting the containers ...'
  start "$@"
  echo 'waiting until all of them are healthy ...'
  await_healthy
  warn_of_plain_http
  base_url
}

# A report (--json FILE) is written by whoever runs this, into this directory.
loadtest() {
  local options=(--rm -v "$PWD:/reports" -w /reports -u "$(id -u):$(id -g)")
  [ -t 1 ] || options+=(-T)
  compose --profile loadtest run "${options[@]}" loadtest "$@"
}

# The dashboard's operator command, within its container.
operate() {
  local options=()
  [ -t 1 ] || options+=(-T)
  compose exec "${options[@]}" dashboard node dashboard/dist/cli.js "$@"
}

verb=${1:-}
shift || true
case $verb in
  up) up "$@" ;;
  demo-up) up --profile demo ;;
  scale) start && await_healthy && base_url ;;
  down) compose "${every_profile[@]}" down --remove-orphans ;;
  reset) compose "${every_profile[@]}" down --remove-orphans --volumes --rmi local ;;
  logs) compose "${every_profile[@]}" logs -f --tail 50 ;;
  loadtest) loadtest "$@" ;;
  operate) operate "$@" ;;
  upgrade) . scripts/docker-pin.sh && . scripts/docker-upgrade.sh && upgrade ;;
  backup | restore) . scripts/docker-backup.sh && "$verb" "$@" ;;
  base-url) base_url ;;
  sink-url) echo http://sink:8090 ;;
  *) echo 'usage: docker-stack.sh up|demo-up|scale|upgrade|backup|restore|down|reset|logs|loadtest|operate|base-url|sink-url' >&2; exit 2 ;;
esac
