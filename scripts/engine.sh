#!/bin/sh
# Prints which way the stack runs here: `local` while a local stack is up, `docker` where an engine answers and Compose is there,
# otherwise `local`.
cd "$(dirname "$0")/.."

if [ -f .local/supervisor.pid ] && kill -0 "$(cat .local/supervisor.pid)" 2>/dev/null; then
  echo local
elif docker info >/dev/null 2>&1 && { docker compose version || docker-compose version; } >/dev/null 2>&1; then
  echo docker
else
  echo local
fi
