#!/bin/sh
# Puts Redis's password into the file that Redis and the services read it from, PASSWORD_OUT (mode PASSWORD_MODE):
# REDIS_PASSWORD if given, else the content of GIVEN_PASSWORD_FILE if not empty, else what is there already, else a random one.
set -eu
umask 077

if [ -n "${REDIS_PASSWORD:-}" ]; then
  password=$REDIS_PASSWORD
elif [ -n "${GIVEN_PASSWORD_FILE:-}" ] && [ -s "$GIVEN_PASSWORD_FILE" ]; then
  password=$(cat "$GIVEN_PASSWORD_FILE") || {
    echo "REDIS_PASSWORD_FILE cannot be read by the container's user $(id -u): make it readable (chmod 0444)" >&2; exit 1; }
elif [ -s "$PASSWORD_OUT" ]; then
  exit 0
else
  password=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
fi

case $password in *'
'*) echo 'the Redis password must be a single line' >&2; exit 1 ;; esac
printf '%s' "$password" >"$PASSWORD_OUT.new"
chmod "${PASSWORD_MODE:-0600}" "$PASSWORD_OUT.new"
mv "$PASSWORD_OUT.new" "$PASSWORD_OUT"
