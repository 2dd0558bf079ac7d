#!/usr/bin/env bash
# runc for a machine that may not protect a process from being ended when memory is short (no CAP_SYS_RESOURCE): the
# kubelet asks that of it for every pod, and without this wrapper no pod would start.
set -euo pipefail
bundle=
for ((i = 1; i < $#; i++)); do
  case ${!i} in --bundle | -b) next=$((i + 1)); bundle=${!next} ;; esac
done
if [ -f "$bundle/config.json" ]; then
  jq -c 'if (.process.oomScoreAdj // 0) < 0 then .process.oomScoreAdj = 0 else . end' "$bundle/config.json" > "$bundle/config.json.new"
  mv "$bundle/config.json.new" "$bundle/config.json"
fi
exec runc "$@"
