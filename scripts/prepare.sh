#!/bin/sh
# Installs the npm packages when the lockfile has changed since the last time, and compiles what has changed.
# Messages go to stderr: the output of what is run afterwards may be read by a script.
set -eu
cd "$(dirname "$0")/.."

if ! command -v node >/dev/null || ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; then
  echo 'Node.js >= 20.19 with npm is needed to run without Docker: https://nodejs.org' >&2
  exit 1
fi

lock=$(cksum package-lock.json)
if ! [ -d node_modules ] || [ "$lock" != "$(cat .stamp/installed 2>/dev/null)" ]; then
  echo 'installing the npm packages ...' >&2
  npm ci --no-audit --no-fund --loglevel error >&2
  mkdir -p .stamp
  echo "$lock" >.stamp/installed
fi

echo 'building ...' >&2
node_modules/.bin/tsc --build >&2
node dashboard/page/build.mjs >&2
