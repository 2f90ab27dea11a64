#!/bin/sh
# Exits 0 when Redis answers, and not while it is still loading its file.
set -eu
REDISCLI_AUTH=$(tr -d '\n' <"$REDIS_PASSWORD_FILE")
export REDISCLI_AUTH
[ "$(redis-cli --user operator -p "${REDIS_PORT:-6380}" ping)" = PONG ]
