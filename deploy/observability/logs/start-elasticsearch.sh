#!/usr/bin/env bash
# Starts Elasticsearch with its password out of a file, and puts in what it needs to know of our logs: how long they are
# kept, what their fields are, who may add lines. Done at every start, so that a change of these files arrives.
set -eu
secrets=/run/secrets
here=/observability

ask() { # method path [curl option…]: as the first user, whose password is on no command line
  printf 'user = "elastic:%s"\n' "$(cat $secrets/elastic-password)" |
    curl --silent --show-error --fail --max-time 10 --config - --header 'content-type: application/json' \
      --request "$1" "http://127.0.0.1:9200$2" --output /dev/null "${@:3}"
}

password_of() { printf '{"password": "%s"%s}' "$(cat "$secrets/$1-password")" "${2:-}"; }

set_up() {
  until ask GET '/_cluster/health?wait_for_status=yellow&timeout=1s' 2>/dev/null; do sleep 1; done
  ask PUT /_ilm/policy/ecom-logs --data "@$here/retention.json"
  ask PUT /_index_template/ecom-logs --data "@$here/index-template.json"
  ask PUT /_security/role/log-shipper --data "@$here/shipper-role.json"
  ask PUT /_security/user/log-shipper --data "$(password_of shipper ', "roles": ["log-shipper"]')"
  ask POST /_security/user/kibana_system/_password --data "$(password_of kibana)"
  touch /tmp/set-up # the health check looks for it
  echo 'set up: retention, index template, users'
}

case ${1:-start} in
  start)
    rm -f /tmp/set-up
    # Fails aloud and stays unhealthy: nobody waits for logs but those who read them.
    ("$0" set-up || echo 'set-up FAILED: see the lines above' >&2) &
    ELASTIC_PASSWORD=$(cat $secrets/elastic-password)
    export ELASTIC_PASSWORD
    exec /usr/local/bin/docker-entrypoint.sh eswrapper
    ;;
  set-up) set_up ;;
  healthy) test -e /tmp/set-up && ask GET / ;;
esac
