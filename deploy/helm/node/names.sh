#!/usr/bin/env bash
# The cluster's DNS, as far as a shop needs it: the names of Services, and for those without an address (headless) the
# addresses of their pods. dnsmasq answers; this script tells it every two seconds what there is.
#
#   names.sh ADDRESS WORK
set -euo pipefail
address=$1 work=$2
cd "$work"
ask() { curl --silent --fail --insecure --max-time 5 --header "Authorization: Bearer $(cat token)" "https://127.0.0.1:16443/api/v1/$1"; }
# Whatever is asked for and not known does not exist: there is nothing outside.
touch hosts
dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file="$work/dnsmasq.pid" --user=root --bind-interfaces --listen-address="$address" \
  --no-resolv --no-hosts --addn-hosts="$work/hosts" --domain-needed --local=/#/ &
while sleep 2; do
  if ! services=$(ask services) || ! endpoints=$(ask endpoints); then echo "the API server does not answer"; continue; fi
  jq --raw-output --slurp '
    .[0].items[] as $service | $service.metadata as $named | "\($named.name).\($named.namespace).svc.cluster.local" as $name
    | if $service.spec.clusterIP != "None" then "\($service.spec.clusterIP) \($name)"
      else .[1].items[] | select(.metadata.name == $named.name and .metadata.namespace == $named.namespace)
        | .subsets[]?.addresses[]? | "\(.ip) \($name)\(if .hostname then " \(.hostname).\($name)" else "" end)"
      end' <(echo "$services") <(echo "$endpoints") | sort > hosts.new
  if ! cmp --silent hosts hosts.new; then
    cat hosts.new > hosts
    kill -HUP "$(cat dnsmasq.pid)"
  fi
done
