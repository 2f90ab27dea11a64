#!/usr/bin/env bash
# Shows the product in a minute: the brief's sample goes in with curl, the sink shows what came out, a 10-second load test follows.
# Usage: demo.sh STACK, the script that runs the stack (docker-stack.sh or local-stack.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
stack=$1

if ! command -v curl >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo 'curl missing: install it with your package manager' >&2; exit 1; fi
  echo 'installing curl with apt-get ...'
  scripts/apt-install.sh curl
fi
# A key or token as the stack itself reads it: from the environment or .env, or from the file that NAME_FILE names.
secret() { # $1: name
  local value=${!1:-} file_name=$1_FILE file
  [ -n "$value" ] || value=$(sed -n "s/^$1=//p" .env 2>/dev/null | tail -n 1)
  file=${!file_name:-$(sed -n "s/^$file_name=//p" .env 2>/dev/null | tail -n 1)}
  if [ -z "$value" ] && [ -n "$file" ]; then value=$(cat "$file"); fi
  echo "$value"
}
api_key=$(secret INGEST_API_KEY)
token=$(secret DASHBOARD_TOKEN)
authorization=() shown='' to_look=()
if [ -n "$api_key" ]; then
  authorization=(-H "Authorization: Bearer $api_key")
  # shellcheck disable=SC2016 # shown as it is typed
  shown=' -H "Authorization: Bearer $INGEST_API_KEY"'
fi
if [ -n "$token" ]; then to_look=(-H "Authorization: Bearer $token"); fi
"$stack" demo-up
base_url=$("$stack" base-url 2>/dev/null)
sink_url=$("$stack" sink-url 2>/dev/null)

body=$(cat <<JSON
{
  "endpoint": {"method": "GET", "url": "$sink_url/data?title={mascot}&image={location}&foo={bar}"},
  "data": [{"mascot": "Gopher", "location": "https://blog.golang.org/gopher/gopher.png"}]
}
JSON
)

echo
echo "1. A request with one data object. The endpoint is the sink, where the world would be."
echo
printf "curl -sS %s/ingest.php -H 'Content-Type: application/json'%s -d '%s'\n\n" "$base_url" "$shown" "$body"
answer=$(curl -sS --fail-with-body "$base_url/ingest.php" -H 'Content-Type: application/json' "${authorization[@]}" -d "$body") || { echo "$answer"; exit 1; }
echo "$answer"
id=$(sed -E 's/.*"ids": *\["([^"]+)".*/\1/' <<<"$answer")

echo
echo "2. What the sink received; in a browser: $base_url/sink/"
echo
deadline=$((SECONDS + 15))
# The sink finds it by its Postback-Id header.
until captured=$(curl -sS "${to_look[@]}" "$base_url/sink/captured?limit=1&contains=$id") && grep -q '"url"' <<<"$captured"; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo 'nothing arrived within 15 s; see what the delivery service says: make logs' >&2
    exit 1
  fi
  sleep 0.2
done
member() { sed -E "s/.*\"$1\": *\"([^\"]*)\".*/\1/" <<<"$captured"; }
echo "$(member method) $(member url)"
echo "Postback-Id: $id"

echo
echo '3. Ten seconds of load through the same door:'
echo
# shellcheck disable=SC2086 # several words
"$stack" loadtest ${ARGS:---duration 10s --rate 200 --data 5}
