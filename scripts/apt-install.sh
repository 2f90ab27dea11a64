#!/bin/sh
# Installs Debian packages without letting them start or enable services of their own: a Redis on 6379 and an nginx on 80 that nobody
# asked for. Debian asks policy-rc.d before it starts anything; ours says no, and is taken away again however this ends.
# Usage (as root): apt-install.sh redis-server nginx
set -eu
policy=/usr/sbin/policy-rc.d
saved=$policy.postback-saved

restore() {
  rm -f "$policy"
  if [ -e "$saved" ]; then mv "$saved" "$policy"; fi
}

if [ -e "$policy" ]; then mv "$policy" "$saved"; fi
trap restore EXIT
trap 'exit 130' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 0755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null

# Nor at the next boot.
if command -v systemctl >/dev/null; then
  for package in "$@"; do systemctl disable --quiet "$package" 2>/dev/null || true; done
fi
