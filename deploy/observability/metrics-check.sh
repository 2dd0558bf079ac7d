#!/usr/bin/env bash
# Proves that metrics, rules and dashboards are right, on a running Compose stack with the profile observability: the services'
# pages and the rules by promtool, a scrape of all with no target down, an answer to every expression of every rule and panel.
# At least one order must have gone through it. It finds the ports in its environment, as deploy/checks/observability.sh sets them; the usual ones otherwise.
#
#   STATIC=yes   only what needs no running stack
#   WITHOUT=…    jobs that do not run here, by a comma: "gateway,rabbitmq"
set -euo pipefail
cd "$(dirname "$0")/../.."
here=deploy/observability
promtool=$PWD/$here/promtool.sh
host=${BIND_ADDRESS:-127.0.0.1}

python3 $here/lint.py
python3 -B $here/grafana/make.py --check
"$promtool" check config $here/prometheus/prometheus.yml
"$promtool" check rules $here/prometheus/rules/*.yml
"$promtool" test rules $here/prometheus/tests/*.yml
if [ "${STATIC:-no}" = yes ]; then exit; fi

ports=("${USER_SERVICE_PORT:-8081}" "${PRODUCT_SERVICE_PORT:-8082}" "${ORDER_SERVICE_PORT:-8083}" "${PAYMENT_SERVICE_PORT:-8084}" "${NOTIFY_SERVICE_PORT:-8085}")
for port in "${ports[@]}"; do
  page=$(curl --silent --show-error --fail --max-time 5 "http://$host:$port/metrics")
  "$promtool" check metrics <<< "$page"
  echo "http://$host:$port/metrics: $(grep --count --invert-match '^\(#\|$\)' <<< "$page") lines, nothing to complain about"
done
python3 -B $here/scrape_check.py "http://$host:${PROMETHEUS_PORT:-9090}"
