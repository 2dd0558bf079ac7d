#!/usr/bin/env bash
# The OpenAPI documents, held against tools of others: they are valid (openapi-spec-validator); a client made from them
# (openapi-python-client) can go an order's whole way; its token is verified by another library (PyJWT), and a session is
# looked at and ended by an OAuth client (Authlib); and the services do what they say (schemathesis sends what they allow
# and what they do not, as a customer and as staff, and reads the answers by them).
#
#   deploy/checks/openapi.sh [FOLDER]
#
# FOLDER holds the built programs (default target/release). What schemathesis may find, and why, is listed in
# deploy/checks/openapi/schemathesis.toml.
#
#   SEED             of its requests (default 20260110)
#   SECONDS_EACH     how long it may go on for each service and caller (default 11)
#   ECOM_PORT_BASE   the front door's port (default 22080); services and provider follow
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath "${1:-target/release}")
own=deploy/checks/openapi
seed=${SEED:-20260110} seconds=${SECONDS_EACH:-11}
export ECOM_PORT_BASE=${ECOM_PORT_BASE:-22080}
front_door=http://127.0.0.1:$ECOM_PORT_BASE
services=(user product order payment notify)
began=$SECONDS

say() { printf '%4d s  %s\n' "$((SECONDS - began))" "$*"; }
[ -x "$folder/ecom" ] || { echo "$folder/ecom is missing: cargo build --release --workspace --bins" >&2; exit 1; }

# --- the tools, each with its version ---
tools=target/openapi-tools
if ! cmp --silent "$own/requirements.txt" "$tools/requirements.txt"; then
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    apt-get -qq update
    apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$own/requirements.txt"
  cp "$own/requirements.txt" "$tools/requirements.txt"
fi
say "tools are there"

# --- valid, and good for a client ---
work=$(mktemp -d)
ecom=
clean_up() {
  local status=$?
  trap - EXIT INT TERM
  if [ -n "$ecom" ]; then
    kill -TERM "$ecom" 2>/dev/null || true
    wait "$ecom" || true
  fi
  if [ $status != 0 ] && [ -f "$work/ecom.log" ]; then tail -n 30 "$work/ecom.log" >&2; fi
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM
for service in "${services[@]}"; do
  "$tools/bin/openapi-spec-validator" "docs/openapi/$service-service.json"
  "$tools/bin/openapi-python-client" generate --path "docs/openapi/$service-service.json" --config "$own/client.yml" \
    --meta none --output-path "$work/clients/$service" --fail-on-warning
done
say "five documents are valid, and a client is made from each"

# --- an order's whole way ---
export ECOM_DATA=$work/data
"$folder/ecom" up > "$work/ecom.log" 2>&1 &
ecom=$!
for _ in $(seq 300); do
  curl --silent --fail --max-time 2 --output /dev/null "$front_door/api/products?limit=1" && break
  kill -0 "$ecom" || { echo "ecom up ended by itself" >&2; exit 1; }
  sleep 0.2
done
PYTHONPATH=$work/clients "$tools/bin/python" "$own/journey.py" "$front_door" docs/openapi > "$work/customer"
say "the journey is gone: a customer has ordered and paid through the client"

# --- true ---
password='seven brass lanterns drift'
"$folder/ecom" admin create --email staff@example.com --password-stdin <<< "$password" >/dev/null
curl --silent --fail --max-time 20 --header 'Content-Type: application/json' \
  --data "{\"email\":\"staff@example.com\",\"password\":\"$password\"}" "$front_door/api/auth/login" |
  "$tools/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["token"])' > "$work/staff"
"$tools/bin/python" "$own/verify_token.py" "http://127.0.0.1:$((ECOM_PORT_BASE + 1))" < "$work/customer"
say "a token is verified by PyJWT from the published keys, and forged ones are not"
"$tools/bin/python" "$own/oauth_client.py" "$front_door" staff@example.com <<< "$password"
say "a session is looked at and ended by Authlib, as RFC 7662 and RFC 7009 have it"
say "schemathesis, seed $seed, $seconds s for each service and caller"
failed=()
port=$ECOM_PORT_BASE
for service in "${services[@]}"; do
  port=$((port + 1))
  for caller in customer staff; do
    TOKEN=$(cat "$work/$caller") "$tools/bin/schemathesis" --config-file "$own/schemathesis.toml" run \
      "docs/openapi/$service-service.json" --url "http://127.0.0.1:$port" --seed "$seed" --max-time "$seconds" \
      > "$work/found" 2>&1 || { failed+=("$service as $caller"); cat "$work/found"; }
    say "$service as $caller: $(grep -E 'generated|passed|failed' "$work/found" | tail -n 1)"
  done
done
kill -0 "$ecom" || { echo "ecom up ended by itself" >&2; exit 1; }
if [ ${#failed[@]} != 0 ]; then
  printf 'openapi: schemathesis found something: %s\n' "${failed[@]}" >&2
  exit 1
fi
say "openapi: passed in $(awk "BEGIN { printf \"%.1f\", ($SECONDS - $began) / 60 }") minutes"
