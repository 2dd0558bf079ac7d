#!/usr/bin/env bash
# The images of the trial into a folder of tar files, made as deploy/checks/compose.sh makes them: ours from programs that
# were built outside, the others from packages (deploy/offline-images).
#
#   images.sh PROGRAMS FOLDER    PROGRAMS such as target/release
set -euo pipefail
cd "$(dirname "$0")/../.."
binaries=$(realpath "$1") folder=$(realpath "$2")
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH"
export COMPOSE_PROJECT_NAME=ecom-kubernetes TAG=trial BINARIES=given BINARIES_DIR=$binaries
ours=(user-service product-service order-service payment-service notify-service web ecom)

for program in "${ours[@]}"; do
  [ -x "$binaries/$program" ] || { echo "$binaries/$program is missing: cargo build --release --workspace --bins" >&2; exit 1; }
done
started=
docker info >/dev/null 2>&1 || started=yes
deploy/offline-images/engine.sh start >/dev/null # also where one runs: it may be too old
end() {
  docker image rm --force "${ours[@]/%/:trial}" >/dev/null 2>&1 || true
  # An engine that ran before is somebody's.
  if [ -n "$started" ]; then deploy/offline-images/engine.sh stop; fi
}
ours=("${ours[@]/#/ecom-micro/}")
trap end EXIT
trap 'exit 130' INT TERM
if [ "${IMAGES:-offline}" = offline ]; then deploy/offline-images/images.sh debian postgres rabbitmq mailpit traefik; fi
docker compose --profile tools build --quiet
docker save --output "$folder/ours.tar" "${ours[@]/%/:trial}"
docker save --output "$folder/others.tar" postgres:17 rabbitmq:4-management axllent/mailpit:latest traefik:v3.7.15
