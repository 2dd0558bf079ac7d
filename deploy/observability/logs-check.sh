#!/usr/bin/env bash
# Places an order and finds what the five services say of it in Elasticsearch, by its trace; deploy/checks/observability.sh
# brings up what it needs. Then Elasticsearch is taken away: orders go on, and its lines arrive when it is back.
set -euo pipefail
exec python3 "$(dirname "$0")/logs/check.py"
