# shellcheck shell=bash
# The frame of the checks that bring the Compose stack up with programs built outside: sourced by deploy/checks/*.sh, in the
# project's top folder. Other ports than usual are used, and another project name, so that neither a developer's own stack
# nor the machine's own RabbitMQ is in the way.
#
#   IMAGES=registry   take missing images from the registry; by default they are made by offline-images/ (as root, on Debian)
#   KEEP=yes          leave the stack running
offline=deploy/offline-images
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH"

export TAG=check BIND_ADDRESS=127.0.0.1 GATEWAY_BIND_ADDRESS=127.0.0.1
export GATEWAY_PORT=21080 GATEWAY_TLS_PORT=21443 CONSUL_PORT=21500 PROVIDER_PORT=21090 PGADMIN_PORT=21050 MAIL_UI_PORT=21025 MAIL_SMTP_PORT=21026
export USER_SERVICE_PORT=21081 PRODUCT_SERVICE_PORT=21082 ORDER_SERVICE_PORT=21083 PAYMENT_SERVICE_PORT=21084 NOTIFY_SERVICE_PORT=21085
export USER_DB_PORT=21433 PRODUCT_DB_PORT=21434 ORDER_DB_PORT=21435 PAYMENT_DB_PORT=21436 NOTIFICATION_DB_PORT=21437
export RABBITMQ_PORT=21672 RABBITMQ_MANAGEMENT_PORT=21673
export JAEGER_PORT=21686 PROMETHEUS_PORT=21094 GRAFANA_PORT=21030 ELASTICSEARCH_PORT=21092 KIBANA_PORT=21056
export GATEWAY_URL=http://127.0.0.1:$GATEWAY_PORT MAIL_URL=http://127.0.0.1:$MAIL_UI_PORT

# Those that must leave by themselves when asked to.
programs=(user-service product-service order-service payment-service notify-service web provider-sim)
check=$(basename "$0" .sh)
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
    say "left running: end it by COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME docker compose --profile '*' down -v"
  elif docker info >/dev/null 2>&1; then
    docker compose --profile '*' down --volumes --remove-orphans --timeout 15 >/dev/null 2>&1 || true
    docker image ls --quiet --filter "reference=ecom-micro/*:$TAG" | xargs --no-run-if-empty docker image rm --force >/dev/null 2>&1 || true
    if [ -n "$engine_started" ]; then $offline/engine.sh stop; fi
  fi
  [ $status = 0 ] || say "$check: FAILED"
  exit $status
}

answers() { # status url [curl option…]
  local status
  status=$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "${@:3}" "$2") || true
  [ "$status" = "$1" ] || { echo "$2 answers $status, expected $1" >&2; return 1; }
}

start_engine() {
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  command -v curl >/dev/null || { apt-get -qq update; apt-get install -y -qq --no-install-recommends curl >/dev/null; }
  docker info >/dev/null 2>&1 || engine_started=yes
  $offline/engine.sh start >&2 # also where one runs: it may be too old
  say "engine $(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short)"
}

build_programs() { # folder
  local program
  for program in user-service product-service order-service payment-service notify-service web ecom; do
    [ -x "$1/$program" ] || { echo "$1/$program is missing: cargo build --release --workspace --bins" >&2; exit 1; }
  done
  BINARIES_DIR=$(realpath "$1")
  export BINARIES=given BINARIES_DIR
  docker compose build --quiet
  say "built"
}

up() { # service…
  docker compose up --detach --no-build --wait --wait-timeout 300 "$@" > "$work/up.log" 2>&1 || { tail -n 5 "$work/up.log" >&2; exit 1; }
  say "up: $# containers, all healthy"
}

memory() {
  docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' | sed -n "s|^$COMPOSE_PROJECT_NAME-\(.*\)-1 \([^ ]*\) /.*|\1 \2|p" | sort | paste -sd, | sed 's/,/, /g; s/^/memory: /'
}

# Asked to end, a service finishes its work and leaves by itself; 137 would mean that it had to be killed.
stop_programs() {
  local service status stopping=$SECONDS
  docker compose stop --timeout 15 "${programs[@]}" 2>/dev/null
  for service in "${programs[@]}"; do
    status=$(docker inspect --format '{{.State.ExitCode}}' "$(docker compose ps --all --quiet "$service")")
    [ "$status" = 0 ] || { echo "$service ended with $status when asked to stop" >&2; exit 1; }
  done
  say "stopped in $((SECONDS - stopping)) s"
  docker compose --profile '*' kill >/dev/null 2>&1 # the rest is thrown away
}

passed() { say "$check: passed in $(awk "BEGIN { printf \"%.1f\", ($SECONDS - $began) / 60 }") minutes"; }
