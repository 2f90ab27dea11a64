#!/bin/sh
# Puts the passwords of Redis's users into the files that Redis and the services read them from (mode PASSWORD_MODE): the operator's into
# PASSWORD_OUT, those of the services into USER_PASSWORDS_OUT (PASSWORD_OUT-USER), USER standing for the name. Each is REDIS_PASSWORD if given,
# else the content of GIVEN_PASSWORD_FILE if not empty, else what is there already, else a random one: without a given one they all differ.
set -eu
umask 077

given=${REDIS_PASSWORD:-}
if [ -z "$given" ] && [ -n "${GIVEN_PASSWORD_FILE:-}" ] && [ -s "$GIVEN_PASSWORD_FILE" ]; then
  given=$(cat "$GIVEN_PASSWORD_FILE") || {
    echo "REDIS_PASSWORD_FILE cannot be read by the container's user $(id -u): make it readable (chmod 0444)" >&2; exit 1; }
fi
case $given in *'
'*) echo 'the Redis password must be a single line' >&2; exit 1 ;; esac

write_password() { # $1: file
  if [ -z "$given" ] && [ -s "$1" ]; then return; fi
  printf '%s' "${given:-$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')}" >"$1.new"
  chmod "${PASSWORD_MODE:-0600}" "$1.new"
  mv "$1.new" "$1"
}

write_password "$PASSWORD_OUT"
for user in ingest delivery dashboard; do
  write_password "$(echo "${USER_PASSWORDS_OUT:-$PASSWORD_OUT-USER}" | sed "s|USER|$user|g")"
done
