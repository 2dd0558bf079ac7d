#!/usr/bin/env bash
# Discovery by the real Consul: run by compose.sh against its stack, with the profile on.
#
#   CONSUL_HTTP_ADDR=http://consul:8500 COMPOSE_PROFILES=discovery deploy/checks/compose.sh FOLDER -- deploy/checks/discovery.sh FOLDER
#
# All five register and pass; a second product-service, which no name in the engine's DNS leads to, gets its share of the
# calls; who stops is taken off; orders go on while Consul is away; a Consul that comes back empty is told everything
# again; who comes back under another address is found. After each, FOLDER/ecom demo: an order, paid, and its mail.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:?"usage: discovery.sh FOLDER"}
consul=http://127.0.0.1:$CONSUL_PORT
services=(user-service product-service order-service payment-service notify-service)
second=$COMPOSE_PROJECT_NAME-second-product

end() { docker rm --force "$second" "$second"-{1,2,3,4} >/dev/null 2>&1 || true; }
trap end EXIT

passing() { # service: how many instances Consul calls healthy
  curl --silent --max-time 5 "$consul/v1/health/service/$1?passing" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))' 2>/dev/null || echo away
}

until_so() { # seconds what command…
  local end=$((SECONDS + $1))
  until "${@:3}"; do
    [ $SECONDS -lt $end ] || { echo "discovery: waited $1 s in vain for $2" >&2; exit 1; }
    sleep 0.5
  done
  echo "discovery: $2"
}

# shellcheck disable=SC2317 # called by until_so
all_pass() { for service in "${services[@]}"; do [ "$(passing "$service")" = 1 ] || return 1; done; }
# shellcheck disable=SC2317
pass() { [ "$(passing "$1")" = "$2" ]; }

order() { # what for
  "$folder/ecom" demo --url "$GATEWAY_URL" --mails "$MAIL_URL" >/dev/null
  echo "discovery: an order goes all its way $1"
}

address_of() { # container: its address in the network that it shares with Consul
  docker inspect --format "{{(index .NetworkSettings.Networks \"${COMPOSE_PROJECT_NAME}_directory\").IPAddress}}" "$1"
}

reservations_of() { # address: how many the instance there was asked for
  curl --silent --fail --max-time 5 "http://$1:8082/metrics" \
    | awk '/^http_requests_total/ && /route="\/internal\/reservations"/ { sum += $NF } END { print sum + 0 }'
}

until_so 60 "all five are registered and pass their checks" all_pass
docker compose run --rm -T ecom seed >/dev/null
order "with Consul"

# --- a second instance, found by Consul alone ---
docker compose run --detach --no-deps --name "$second" product-service >/dev/null
until_so 60 "a second product-service is registered and passes" pass product-service 2
for _ in 1 2 3 4; do order "with two product-services"; done
share=$(reservations_of "$(address_of "$second")")
[ "$share" -ge 1 ] || { echo "discovery: the second product-service was asked for nothing" >&2; exit 1; }
echo "discovery: of four orders' reservations, the second product-service made $share"

# --- who stops is taken off ---
docker stop --time 15 "$second" >/dev/null
until_so 5 "a product-service that was stopped is gone from the catalogue at once" pass product-service 1
order "with the one that is left"

# --- Consul away, and back with an empty catalogue ---
docker compose stop --timeout 5 consul 2>/dev/null
for _ in 1 2; do order "while Consul is away"; done
docker compose restart --no-deps order-service 2>/dev/null
until_so 60 "a service starts and is ready while Consul is away" curl --silent --fail --output /dev/null "http://127.0.0.1:$ORDER_SERVICE_PORT/readyz"
order "with a service that has never seen Consul"
warnings=$(docker compose logs --no-log-prefix --since 2m product-service | grep -c "Consul cannot be asked" || true)
# Twice, when one of its questions was still answered after another was not.
case $warnings in 1 | 2) ;; *) echo "discovery: product-service warned $warnings times that Consul is away, expected once" >&2; exit 1 ;; esac
docker compose start consul 2>/dev/null
until_so 90 "Consul is back, and all five have told it again" all_pass
order "with Consul back"

# --- under another address, without Consul ---
docker compose stop --timeout 5 consul 2>/dev/null
before=$(address_of "$(docker compose ps --quiet product-service)")
docker compose rm --stop --force product-service >/dev/null 2>&1
# Others take the address that is free now, so that it comes back under another.
for number in 1 2 3 4; do
  docker run --detach --name "$second-$number" --network "${COMPOSE_PROJECT_NAME}_directory" --entrypoint sleep "ecom-micro/web:$TAG" 300 >/dev/null
done
docker compose up --detach --no-deps --no-build product-service 2>/dev/null
until_so 60 "product-service is back" curl --silent --fail --output /dev/null "http://127.0.0.1:$PRODUCT_SERVICE_PORT/readyz"
after=$(address_of "$(docker compose ps --quiet product-service)")
[ "$before" != "$after" ] || { echo "discovery: product-service came back under the same address $after" >&2; exit 1; }
order "with product-service at $after instead of $before, by DNS alone"
echo "discovery: passed"
