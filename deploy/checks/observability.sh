#!/usr/bin/env bash
# Starts the Compose stack with the profile observability, has each part of it prove that it works, and takes it down again.
#
#   deploy/checks/observability.sh [FOLDER [PROOF…]]
#
# FOLDER holds the built programs (default target/release). A PROOF is deploy/observability/PROOF-check.sh (default: traces
# metrics logs; CI also has the drill): it finds GATEWAY_URL, MAIL_URL and the ports in its environment, and fails if it cannot show what it is for.
# Where no registry can be reached, Jaeger and Elasticsearch are played by stand-ins, and what cannot be had at all is left
# out and only checked for form: each of it is said aloud. deploy/checks/stack.sh names what can be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-ecom-observability} COMPOSE_PROFILES=observability
export OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger:4318
. deploy/checks/stack.sh

folder=${1:-target/release}
proofs=("${@:2}")
if [ ${#proofs[@]} = 0 ]; then proofs=(traces metrics logs); fi
for proof in "${proofs[@]}"; do
  [ -x "deploy/observability/$proof-check.sh" ] || { echo "there is no deploy/observability/$proof-check.sh" >&2; exit 2; }
done

start_engine
left_out=(pgadmin) # deploy/checks/compose.sh looks at it
if [ "${IMAGES:-offline}" = offline ]; then
  $offline/images.sh debian postgres rabbitmq mailpit traefik jaeger prometheus elasticsearch syslog-ng
  say "images are there"
  stand_ins=$(docker image ls --filter label=ecom.stand-in --format '{{.Repository}}' | sort -u | grep -E 'jaeger|elasticsearch' | paste -sd' ')
  say "STAND-INS: $stand_ins are programs that play these, not these; deploy/offline-images/README.md says what they can do"
  for service in grafana kibana; do
    if ! docker image inspect "$(docker compose config --format json | python3 -c "import json,sys; print(json.load(sys.stdin)['services']['$service']['image'])")" >/dev/null 2>&1; then
      left_out+=("$service")
      say "LEFT OUT: $service cannot be had here; its configuration is only checked for form"
    fi
  done
fi
python3 deploy/observability/kibana/check.py

build_programs "$folder"
mapfile -t services < <(docker compose config --services | grep --invert-match --line-regexp --file=<(printf '%s\n' "${left_out[@]}"))
up "${services[@]}"
docker compose run --rm -T ecom seed

for proof in "${proofs[@]}"; do
  say "proof: $proof"
  "deploy/observability/$proof-check.sh"
done
memory
stop_programs
say "proved: ${proofs[*]}"
passed
