#!/usr/bin/env bash
# One order's whole way through the Compose stack, and the operator's commands as the runbooks write them: run by
# compose.sh against its stack.
#
#   deploy/checks/compose.sh FOLDER -- deploy/checks/journey.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:?"usage: journey.sh FOLDER"}
said=$(mktemp)
trap 'rm -f "$said"' EXIT

fail() { echo "journey: $*" >&2; exit 1; }
ecom() { docker compose run --rm -T ecom "$@"; }

ecom seed
"$folder/ecom" demo --url "$GATEWAY_URL" --mails "$MAIL_URL" | tee "$said"
number=$(sed -n 's/^Done: order \([0-9]*\) is paid\.$/\1/p' "$said")
id=$(sed -n 's|^Its journey .*/flow/orders/||p' "$said")
if [ -z "$number" ] || [ -z "$id" ]; then fail "the demo names no paid order, or no journey"; fi

# --- the journey as a picture: all five had a part in it, and all of it is at its end ---
shows_all() {
  curl --silent --fail --max-time 10 --output "$said" "$GATEWAY_URL/flow/orders/$number" || return 1
  for service in user-service product-service order-service payment-service notify-service; do
    grep --quiet "<td>$service</td>" "$said" || return 1
  done
  if grep --quiet --extended-regexp 'Not at its end|what it did is missing here' "$said"; then return 1; fi
}
for _ in $(seq 30); do shows_all && break; sleep 1; done
shows_all || fail "/flow/orders/$number does not show the whole journey through all five: $(head -c 4000 "$said")"
echo "journey: /flow/orders/$number shows all five services, and nothing that is open"

# --- what an operator changes is done under their name ---
USER=prue docker compose run --rm -T ecom events replay --journey "$id" --to notify-service --again
operator=$(docker compose exec -T notification-db psql -U notify_service -tAc 'SELECT DISTINCT operator FROM operator_log' notification_db)
[ "$operator" = prue ] || fail "the operator's log names '$operator', expected the USER who asked for the replay"
echo "journey: a replay is in the operator's log under the name of USER"

# --- the doctor finds nothing, and leaves things as they are ---
docker compose stop --timeout 15 product-service 2>/dev/null
ecom doctor
[ -z "$(docker compose ps --quiet --status running product-service)" ] || fail "the doctor started product-service, which was stopped"

# --- who is away is told of as such: 503, and when to come again ---
is_away() { # METHOD PATH
  answer=$(curl --silent --max-time 20 --include --request "$1" --header 'Content-Type: application/json' --data '{"email":"a@example.com","password":"a password"}' "$GATEWAY_URL$2")
  case $answer in HTTP/1.1\ 503*) ;; *) fail "$1 $2 without its service: $answer" ;; esac
  grep --quiet --ignore-case '^retry-after: [0-9]' <<< "$answer" || fail "$1 $2 without its service says not when to come again: $answer"
}
is_away GET /api/products
docker compose stop --timeout 15 user-service 2>/dev/null
is_away POST /api/auth/login
docker compose up --detach --no-deps --no-build --wait user-service 2>/dev/null
echo "journey: without their services, browsing and logging in are answered 503 with Retry-After"
docker compose up --detach --no-deps --no-build --wait product-service 2>/dev/null
echo "journey: the doctor finds nothing wrong, and a service that was stopped stays so"
