#!/usr/bin/env bash
# Shows the product in a minute: the brief's sample goes in with curl, the sink shows what came out, a 10-second load test follows.
# Usage: demo.sh STACK, the script that runs the stack (docker-stack.sh or local-stack.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
stack=$1

"$stack" demo-up
base_url=$("$stack" base-url 2>/dev/null)
sink_url=$("$stack" sink-url 2>/dev/null)

# Something to recognise the request by: the sink may have caught others before.
run="demo-$$-$RANDOM"
body=$(cat <<JSON
{
  "endpoint": {"method": "GET", "url": "$sink_url/data?title={mascot}&image={location}&foo={bar}&run=$run"},
  "data": [{"mascot": "Gopher", "location": "https://blog.golang.org/gopher/gopher.png"}]
}
JSON
)

echo
echo "1. A request with one data object. The endpoint is the sink, where the world would be."
echo
printf "curl -sS %s/ingest.php -H 'Content-Type: application/json' -d '%s'\n\n" "$base_url" "$body"
curl -sS --fail-with-body "$base_url/ingest.php" -H 'Content-Type: application/json' -d "$body"
echo

echo
echo "2. What the sink received ($base_url/sink/ shows it in a browser):"
echo
deadline=$((SECONDS + 15))
until arrived=$(curl -sS "$base_url/sink/captured" | tr '\n' ' ' | grep -o "\"[^\"]*/data?[^\"]*run=$run[^\"]*\"" | head -n 1) && [ -n "$arrived" ]; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "nothing arrived within 15 s; see the delivery agent's log: make logs" >&2
    exit 1
  fi
  sleep 0.2
done
echo "GET $(tr -d '"' <<<"$arrived")"

echo
echo "3. Ten seconds of load through the same door:"
echo
"$stack" loadtest ${ARGS:---duration 10 --rate 200 --data 5}
