#!/usr/bin/env bash
# Makes the pictures of the flow page (docs/pictures/flow*.png) again: a platform of its own in a scratch folder, a few orders of
# every kind, and a headless Chromium with a fresh profile. Looking at them afterwards is the point.
#
#   deploy/checks/flow-pictures.sh [ECOM] [FOLDER]
#
# ECOM is the built program (default target/release/ecom), FOLDER where the pictures go (default docs/pictures).
# Needs chromium; with pngquant the pictures become small.
set -euo pipefail
cd "$(dirname "$0")/../.."
ecom=$(realpath "${1:-target/release/ecom}") folder=${2:-docs/pictures}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "flow-pictures: no Chromium here: on Debian, apt-get install chromium" >&2; exit 1; }
work=$(mktemp -d)
export ECOM_PORT_BASE=${ECOM_PORT_BASE:-22080}
door=http://localhost:$ECOM_PORT_BASE
platform=

start() { # in a folder of its own
  export ECOM_DATA=$work/$1
  "$ecom" up >"$work/log" 2>&1 &
  platform=$!
  for _ in $(seq 600); do
    if [ -f "$ECOM_DATA/run.json" ]; then return; fi
    kill -0 "$platform" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}

stop() {
  if [ -n "$platform" ]; then kill "$platform" 2>/dev/null || true; wait "$platform" 2>/dev/null || true; fi
  platform=
}

clean_up() {
  stop
  rm -rf "$work"
}
trap clean_up EXIT

photograph() { # name width height path [option…]
  local picture=$folder/$1.png
  timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-quic --no-first-run \
    --hide-scrollbars --user-data-dir="$work/profile" --window-size="$2,$3" --screenshot="$picture" \
    "${@:5}" "$door$4" >/dev/null 2>&1
  [ -s "$picture" ] || { echo "flow-pictures: $picture was not made" >&2; exit 1; }
  if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --output "$picture" 64 "$picture" || true; fi
  echo "$picture: $(stat -c %s "$picture") bytes"
}

start ecom
for method in sim_declined sim_lost sim_slow sim_ok; do
  "$ecom" demo --url "$door" --method "$method" >"$work/demo"
done
journey=$(sed -n 's|^Its journey.*\(/flow/orders/.*\)|\1|p' "$work/demo")

photograph flow 1280 1300 /flow
photograph flow-narrow 390 1800 /flow
photograph flow-journey 1280 1400 "$journey"
stop

# Nothing listens there: the sample catalogue's events stay in the outbox.
AMQP_URL=amqp://127.0.0.1:9 start away
sleep 3
photograph flow-broker 1280 800 /flow
