#!/usr/bin/env bash
# Places an order and finds it in the trace store as one trace through all five services, over the broker, to its mails;
# deploy/checks/observability.sh brings up what it needs.
set -euo pipefail
exec python3 "$(dirname "$0")/traces/check.py"
