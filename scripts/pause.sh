#!/usr/bin/env bash
# Pauses delivery in the whole installation, or lets it go on, through the dashboard's API. Usage: pause.sh STACK pause|resume
set -euo pipefail
cd "$(dirname "$0")/.."
base_url=$("$1" base-url 2>/dev/null) || { echo 'the stack is not running: make up' >&2; exit 1; }
headers=(-H 'Content-Type: application/json')
if [ -n "${DASHBOARD_TOKEN:-}" ]; then headers+=(-H "Authorization: Bearer $DASHBOARD_TOKEN"); fi
curl -sS --fail-with-body -X POST "$base_url/api/$2" "${headers[@]}" -d '{}'
echo
