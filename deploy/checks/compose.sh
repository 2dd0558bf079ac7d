#!/usr/bin/env bash
# Starts the whole Compose stack with programs built outside, looks whether it works, and takes it down again.
#
#   deploy/checks/compose.sh [FOLDER] [-- COMMAND…]
#
# FOLDER holds the built programs (default target/release). COMMAND runs against the stack while it is up; it finds
# GATEWAY_URL, MAIL_URL and the ports in its environment. PGADMIN=no leaves pgAdmin out, as `docker compose up
# $(docker compose config --services | grep -vx pgadmin)` does; deploy/checks/stack.sh names what else can be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-ecom-check}
. deploy/checks/stack.sh

folder=target/release
if [ $# -gt 0 ] && [ "$1" != -- ]; then folder=$1; shift; fi
if [ "${1:-}" = -- ]; then shift; fi

start_engine
pgadmin=${PGADMIN:-yes}
if [ "${IMAGES:-offline}" = offline ]; then
  $offline/images.sh debian postgres rabbitmq mailpit traefik
  case ,${COMPOSE_PROFILES:-}, in *,discovery,*) $offline/images.sh consul ;; esac
  if [ "$pgadmin" = yes ]; then
    $offline/images.sh pgadmin || { echo "pgAdmin's image cannot be made here; PGADMIN=no leaves it out" >&2; exit 1; }
  fi
  say "images are there"
fi

docker compose --profile '*' config --quiet
build_programs "$folder"
mapfile -t services < <(docker compose config --services | if [ "$pgadmin" = yes ]; then cat; else grep --invert-match --line-regexp pgadmin; fi)
up "${services[@]}"

# --- what a person would look at ---
python3 deploy/gateway/check.py "127.0.0.1:$GATEWAY_PORT" "127.0.0.1:$GATEWAY_TLS_PORT"
for port in $USER_SERVICE_PORT $PRODUCT_SERVICE_PORT $ORDER_SERVICE_PORT $PAYMENT_SERVICE_PORT $NOTIFY_SERVICE_PORT; do
  answers 200 "http://127.0.0.1:$port/livez"
  answers 200 "http://127.0.0.1:$port/readyz"
  answers 200 "http://127.0.0.1:$port/metrics" # closed at the gateway, open here
done
answers 200 "http://127.0.0.1:$RABBITMQ_MANAGEMENT_PORT/"
answers 200 "http://127.0.0.1:$RABBITMQ_MANAGEMENT_PORT/api/overview" --user guest:guest
answers 200 "$MAIL_URL/"
if [ "$pgadmin" = yes ]; then python3 deploy/pgadmin/check.py "http://127.0.0.1:$PGADMIN_PORT"; fi
memory
docker image ls --format '{{.Repository}} {{.Size}}' --filter "reference=ecom-micro/*:$TAG" | sort | sed 's|ecom-micro/||' | paste -sd, | sed 's/,/, /g; s/^/images: /'

if [ $# -gt 0 ]; then
  say "running: $*"
  "$@"
fi
stop_programs
passed
