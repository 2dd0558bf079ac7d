#!/bin/bash
# The part of the official image's contract that docker-compose.yml uses: PGADMIN_DEFAULT_EMAIL, PGADMIN_DEFAULT_PASSWORD
# (or PGADMIN_DEFAULT_PASSWORD_FILE), PGADMIN_CONFIG_*, PGADMIN_SERVER_JSON_FILE, PGPASS_FILE, PGADMIN_LISTEN_ADDRESS, PGADMIN_LISTEN_PORT.
set -euo pipefail
home=/var/lib/pgadmin
cd /pgadmin4
{
  echo "LOG_FILE = '/dev/null'"
  env | sed -n 's/^PGADMIN_CONFIG_\([A-Z_]*\)=/\1 = /p'
} > config_distro.py

if [ ! -f "$home/pgadmin4.db" ]; then
  if [ -n "${PGADMIN_DEFAULT_PASSWORD_FILE:-}" ]; then PGADMIN_DEFAULT_PASSWORD=$(<"$PGADMIN_DEFAULT_PASSWORD_FILE"); fi
  PGADMIN_SETUP_EMAIL=$PGADMIN_DEFAULT_EMAIL PGADMIN_SETUP_PASSWORD=$PGADMIN_DEFAULT_PASSWORD /venv/bin/python3 setup.py setup-db
  servers=${PGADMIN_SERVER_JSON_FILE:-/pgadmin4/servers.json}
  if [ -f "$servers" ]; then /venv/bin/python3 setup.py load-servers "$servers" --user "$PGADMIN_DEFAULT_EMAIL"; fi
  if [ -f "${PGPASS_FILE:-}" ]; then # libpq ignores one that others may read
    install -D -m 600 "$PGPASS_FILE" "$home/storage/${PGADMIN_DEFAULT_EMAIL/@/_}/.pgpass"
  fi
fi
# One worker: pgAdmin keeps its sessions and connections in memory.
exec /venv/bin/gunicorn --bind "${PGADMIN_LISTEN_ADDRESS:-0.0.0.0}:${PGADMIN_LISTEN_PORT:-80}" \
  --workers 1 --threads 25 --worker-tmp-dir /dev/shm --chdir / run_pgadmin:app
