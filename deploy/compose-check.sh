#!/usr/bin/env bash
# Starts the whole Compose stack with programs built outside, looks whether it works, and takes it down again.
#
#   deploy/compose-check.sh [FOLDER] [-- COMMAND…]
#
# FOLDER holds the built programs (default target/release). COMMAND runs against the stack while it is up; it finds
# GATEWAY_URL, MAIL_URL and the ports in its environment. Other ports than usual are used, and another project name, so
# that neither a developer's own stack nor the machine's own RabbitMQ is in the way.
#
#   IMAGES=registry   take missing images from the registry; by default they are made by offline-images/ (as root, on Debian)
#   PGADMIN=no        leave pgAdmin out, as `docker compose up $(docker compose config --services | grep -vx pgadmin)` does
#   KEEP=yes          leave the stack running
set -euo pipefail
cd "$(dirname "$0")/.."
offline=deploy/offline-images
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH"

folder=target/release
if [ $# -gt 0 ] && [ "$1" != -- ]; then folder=$1; shift; fi
if [ "${1:-}" = -- ]; then shift; fi

export COMPOSE_PROJECT_NAME=ecom-check TAG=check BIND_ADDRESS=127.0.0.1
export GATEWAY_PORT=21080 PROVIDER_PORT=21090 PGADMIN_PORT=21050 MAIL_UI_PORT=21025 MAIL_SMTP_PORT=21026
export USER_SERVICE_PORT=21081 PRODUCT_SERVICE_PORT=21082 ORDER_SERVICE_PORT=21083 PAYMENT_SERVICE_PORT=21084 NOTIFY_SERVICE_PORT=21085
export USER_DB_PORT=21433 PRODUCT_DB_PORT=21434 ORDER_DB_PORT=21435 PAYMENT_DB_PORT=21436 NOTIFICATION_DB_PORT=21437
export RABBITMQ_PORT=21672 RABBITMQ_MANAGEMENT_PORT=21673
export GATEWAY_URL=http://127.0.0.1:$GATEWAY_PORT MAIL_URL=http://127.0.0.1:$MAIL_UI_PORT

programs=(user-service product-service order-service payment-service notify-service web provider-sim)
work=$(mktemp -d)
engine_started=
began=$SECONDS

say() { printf '%4d s  %s\n' "$((SECONDS - began))" "$*"; }

diagnose() { # our own containers, and those that are not well
  local ill
  ill=$(docker compose ps --all --format '{{.Service}} {{.Health}}' | awk '$2 != "healthy" { print $1 }')
  # shellcheck disable=SC2046,SC2086
  docker compose logs --no-color --tail 20 $(printf '%s\n' "${programs[@]}" $ill | sort -u)
  docker compose ps --all --format 'table {{.Service}}\t{{.Status}}'
}

clean_up() {
  local status=$?
  trap - EXIT INT TERM
  rm -rf "$work"
  if [ $status != 0 ] && docker info >/dev/null 2>&1; then diagnose >&2 || true; fi
  if [ "${KEEP:-no}" = yes ]; then
    say "left running: end it by COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME docker compose down -v"
  elif docker info >/dev/null 2>&1; then
    docker compose down --volumes --remove-orphans --timeout 15 >/dev/null 2>&1 || true
    docker image ls --quiet --filter "reference=ecom-micro/*:$TAG" | xargs --no-run-if-empty docker image rm --force >/dev/null 2>&1 || true
    if [ -n "$engine_started" ]; then $offline/engine.sh stop; fi
  fi
  [ $status = 0 ] || say "compose-check: FAILED"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

answers() { # status url [curl option…]
  local status
  status=$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "${@:3}" "$2") || true
  [ "$status" = "$1" ] || { echo "$2 answers $status, expected $1" >&2; return 1; }
}

# --- engine and images ---
command -v curl >/dev/null || { apt-get -qq update; apt-get install -y -qq --no-install-recommends curl >/dev/null; }
docker info >/dev/null 2>&1 || { $offline/engine.sh start; engine_started=yes; }
say "engine $(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short)"

pgadmin=${PGADMIN:-yes}
if [ "${IMAGES:-offline}" = offline ]; then
  $offline/images.sh debian postgres rabbitmq mailpit traefik
  if [ "$pgadmin" = yes ] && ! $offline/images.sh pgadmin; then
    say "pgAdmin's image cannot be made here: going on without it"
    pgadmin=no
  fi
  say "images are there"
fi

# --- the stack ---
docker compose --profile '*' config --quiet
for program in user-service product-service order-service payment-service notify-service web ecom; do
  [ -x "$folder/$program" ] || { echo "$folder/$program is missing: cargo build --release --workspace --bins" >&2; exit 1; }
done
BINARIES_DIR=$(realpath "$folder")
export BINARIES=given BINARIES_DIR
docker compose build --quiet
say "built"

mapfile -t services < <(docker compose config --services | if [ "$pgadmin" = yes ]; then cat; else grep --invert-match --line-regexp pgadmin; fi)
docker compose up --detach --no-build --wait --wait-timeout 300 "${services[@]}" > "$work/up.log" 2>&1 || { tail -n 5 "$work/up.log" >&2; exit 1; }
say "up: ${#services[@]} containers, all healthy"

# --- what a person would look at ---
python3 deploy/gateway/check.py "127.0.0.1:$GATEWAY_PORT"
for port in $USER_SERVICE_PORT $PRODUCT_SERVICE_PORT $ORDER_SERVICE_PORT $PAYMENT_SERVICE_PORT $NOTIFY_SERVICE_PORT; do
  answers 200 "http://127.0.0.1:$port/livez"
  answers 200 "http://127.0.0.1:$port/readyz"
  answers 200 "http://127.0.0.1:$port/metrics" # closed at the gateway, open here
done
answers 200 "http://127.0.0.1:$RABBITMQ_MANAGEMENT_PORT/"
answers 200 "http://127.0.0.1:$RABBITMQ_MANAGEMENT_PORT/api/overview" --user guest:guest
answers 200 "$MAIL_URL/"
if [ "$pgadmin" = yes ]; then python3 deploy/pgadmin/check.py "http://127.0.0.1:$PGADMIN_PORT"; fi
docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' | sed -n "s|^$COMPOSE_PROJECT_NAME-\(.*\)-1 \([^ ]*\) /.*|\1 \2|p" | sort | paste -sd, | sed 's/,/, /g; s/^/memory: /'
docker image ls --format '{{.Repository}} {{.Size}}' --filter "reference=ecom-micro/*:$TAG" | sort | sed 's|ecom-micro/||' | paste -sd, | sed 's/,/, /g; s/^/images: /'

if [ $# -gt 0 ]; then
  say "running: $*"
  "$@"
fi
# Asked to end, a service finishes its work and leaves by itself; 137 would mean that it had to be killed.
stopping=$SECONDS
docker compose stop --timeout 15 "${programs[@]}" 2>/dev/null
for service in "${programs[@]}"; do
  status=$(docker inspect --format '{{.State.ExitCode}}' "$(docker compose ps --all --quiet "$service")")
  [ "$status" = 0 ] || { echo "$service ended with $status when asked to stop" >&2; exit 1; }
done
say "stopped in $((SECONDS - stopping)) s"
docker compose kill >/dev/null 2>&1 # the rest is thrown away
say "compose-check: passed in $(awk "BEGIN { printf \"%.1f\", ($SECONDS - $began) / 60 }") minutes"
