#!/bin/sh
# The stack as processes on loopback: makes sure that it is built, then hands over to scripts/src/localStack.ts. Verbs as in
# docker-stack.sh.
set -eu
cd "$(dirname "$0")/.."
scripts/prepare.sh
exec node scripts/dist/localStack.js "$@"
