#!/usr/bin/env bash
# The fault drill, on a running Compose stack with the profile observability and the sample catalogue: the broker, one database
# and one service are stopped in turn. Each time the right alert must fire, the panel its runbook names must show it, the
# runbook's commands, taken out of its page as they are written, must mend it, the alert must end, and an order must go
# through. The rules are the real ones, with their waiting times: it takes about six minutes. DRILL names those that are to
# be stopped (rabbitmq order-db order-service); CI stops the first.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH"
host=${BIND_ADDRESS:-127.0.0.1}
export GATEWAY_URL=${GATEWAY_URL:-http://$host:${GATEWAY_PORT:-8080}} MAIL_URL=${MAIL_URL:-http://$host:${MAIL_UI_PORT:-8025}}
export PROMETHEUS_URL=${PROMETHEUS_URL:-http://$host:${PROMETHEUS_PORT:-9090}}
exec python3 -B deploy/observability/drill.py
