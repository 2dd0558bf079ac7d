#!/bin/bash
# Makes the cluster at first start from POSTGRES_USER, POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE), POSTGRES_DB and
# POSTGRES_INITDB_ARGS, then becomes the command.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  chown -R postgres:postgres "$PGDATA" /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE"); fi
  user=${POSTGRES_USER:-postgres}
  : "${POSTGRES_PASSWORD:?must be set at first start}"
  # shellcheck disable=SC2086  # several arguments in one variable, as in the official image
  initdb --username="$user" --pwfile=<(echo "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  database=${POSTGRES_DB:-$user}
  if [ "$database" != postgres ]; then
    # By the socket only, so that nobody takes this server for the real one.
    pg_ctl --wait --options="-c listen_addresses=''" start
    createdb --username="$user" "$database"
    pg_ctl --wait --mode=fast stop
  fi
fi
exec "$@"
