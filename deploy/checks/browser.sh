#!/usr/bin/env bash
# A shopper walks through the account's pages in a real Chromium with scripts switched off, and with them through those that ask
# for a passkey; then somebody buys, and a merchant has a day by keyboard, each without scripts and with them. Each page is
# photographed, and judged as it was seen: axe-core (WCAG 2.2 AA, light and dark), the Nu HTML Checker, Lighthouse. Looking at the
# pictures is for whoever changes a page.
#
#   deploy/checks/browser.sh [FOLDER] [PICTURES]
#
# FOLDER holds the built programs (default target/release); the pictures go to PICTURES (default target/browser).
#
#   ECOM_PORT_BASE   the front door's port (default 22280); services and provider follow
#   BROWSER_MATRIX   all: every combination of screens and scripts, and Lighthouse's figures of speed
#   BROWSER_RECORD   a folder that gets what came of it as a page, README.md, with small pictures (cargo xtask pages --all)
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath "${1:-target/release}") pictures=${2:-target/browser}
own=deploy/checks/browser
export ECOM_PORT_BASE=${ECOM_PORT_BASE:-22280}
front_door=http://localhost:$ECOM_PORT_BASE
began=$SECONDS

say() { printf '%4d s  %s\n' "$((SECONDS - began))" "$*"; }
[ -x "$folder/ecom" ] || { echo "$folder/ecom is missing: cargo build --release --workspace --bins" >&2; exit 1; }

# --- the tools, each with its version; the browser is the distribution's ---
fetch() { # package…
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "browser: $* is missing, and is fetched only as root on Debian: install it" >&2
    exit 1
  fi
  apt-get -qq update
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then fetch chromium chromium-driver; fi
tools=target/browser-tools
if ! command -v psql >/dev/null; then fetch postgresql-client; fi
if ! command -v java >/dev/null; then fetch default-jre-headless; fi
if ! cmp --silent "$own/requirements.txt" "$tools/requirements.txt" || ! cmp --silent "$own/package-lock.json" "$tools/package-lock.json"; then
  python3 -c 'import venv, ensurepip' 2>/dev/null || fetch python3-venv
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$own/requirements.txt"
  cp "$own/package.json" "$own/package-lock.json" "$tools/"
  (cd "$tools" && PATH="$PWD/bin:$PATH" npm ci --silent --no-audit --no-fund --ignore-scripts)
  cp "$own/requirements.txt" "$tools/requirements.txt"
fi
say "tools are there: $(chromium --version 2>/dev/null | head -n 1)"

work=$(mktemp -d)
ecom=
clean_up() {
  local status=$?
  trap - EXIT INT TERM
  if [ -n "$ecom" ]; then
    kill -TERM "$ecom" 2>/dev/null || true
    wait "$ecom" || true
  fi
  if [ $status != 0 ]; then tail -n 30 "$work/ecom.log" >&2 || true; fi
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM
export ECOM_DATA=$work/data
PUBLIC_URL=$front_door "$folder/ecom" up > "$work/ecom.log" 2>&1 &
ecom=$!
for _ in $(seq 300); do
  curl --silent --fail --max-time 2 --output /dev/null "$front_door/api/products?limit=1" && break
  kill -0 "$ecom" || { echo "ecom up ended by itself" >&2; exit 1; }
  sleep 0.2
done
curl --silent --show-error --fail --max-time 2 --output /dev/null "$front_door/api/products?limit=1"
say "the shop is up"
mkdir -p "$pictures"
rm -f "$pictures"/[0-9]*-*.png "$pictures"/[0-9]*-*.html "$pictures"/walks.jsonl
if [ -n "${BROWSER_RECORD:-}" ]; then
  mkdir -p "$BROWSER_RECORD"
  rm -f "$BROWSER_RECORD"/*.webp
fi
PATH="/usr/bin:$PATH" "$tools/bin/python" "$own/walk.py" "$front_door" "$pictures"
PATH="/usr/bin:$PATH" "$tools/bin/python" "$own/shop.py" "$front_door" "$pictures"
password='seven brass lanterns drift'
"$folder/ecom" admin create --email admin@example.com --password-stdin <<< "$password" >/dev/null
PATH="/usr/bin:$PATH" "$tools/bin/python" "$own/office.py" "$front_door" "$pictures" "$ECOM_DATA" <<< "$password"
say "the walks are done; now all that was seen is judged"
PATH="$PWD/$tools/bin:/usr/bin:$PATH" "$tools/bin/python" "$own/judge.py" "$front_door" "$pictures" "$tools/node_modules"
if [ -n "${BROWSER_RECORD:-}" ]; then "$tools/bin/python" "$own/record.py" "$pictures" "$BROWSER_RECORD"; fi
say "browser: passed; the pictures are in $pictures"
