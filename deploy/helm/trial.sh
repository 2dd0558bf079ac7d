# shellcheck shell=bash
# The frame of try.sh, which sources it in the project's top folder: the node and its end, the load, the table.
trial=${TRIAL_DIR:-/var/cache/ecom-trial}
export PATH="$trial/programs:${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH" DEBIAN_FRONTEND=noninteractive
relaying=(user-service product-service order-service payment-service notify-service)
programs=("${relaying[@]}" web)
work='' node='' unshared='' loading=''
rows=()
began=$SECONDS

say() { printf '%4d s  %s\n' "$((SECONDS - began))" "$*"; }

until_so() { # seconds what command…
  local end=$((SECONDS + $1))
  until "${@:3}"; do
    [ $SECONDS -lt $end ] || { echo "try.sh: waited $1 s in vain for $2" >&2; exit 1; }
    sleep 0.5
  done
}

# --- what is needed ---

prepare() { # folder with our programs
  [ "$(id -u)" = 0 ] || { echo "try.sh: it needs to be root, to make a network and mounts of its own" >&2; exit 1; }
  mkdir -p "$trial"
  exec 9> "$trial/lock"
  flock --nonblock 9 || { echo "try.sh: another trial works in $trial" >&2; exit 1; }
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  work=$(mktemp -d "$trial/node.XXXXXX")
  load=$work/load
  mkdir "$work/images" "$load"
  empty_groups
  if compgen -G '/sys/fs/cgroup/kubepods*' >/dev/null || compgen -G '/sys/fs/cgroup/*/kubepods' >/dev/null; then
    echo "try.sh: a kubelet works on this machine; a second one would take its pods for its own" >&2
    exit 1
  fi
  apt-get -qq update
  apt-get install -y -qq --no-install-recommends conntrack curl dnsmasq-base iproute2 iptables jq openssl procps python3 runc util-linux >/dev/null
  deploy/helm/node/build.sh "$trial/programs"
  deploy/helm/node/tools.sh "$trial/programs"
  deploy/helm/images.sh "$1" "$work/images"
  say "Kubernetes' programs, helm $(helm version --template '{{.Version}}') and the images are there"
}

# --- the node ---

in_node() { nsenter --target "$node" --mount --net --pid env --chdir="$PWD" PATH="$PATH" KUBECONFIG="$work/kubeconfig" DOCKER_HOST="unix://$work/docker.sock" "$@"; }
inside() { in_node "$@"; }
kubectl() { in_node kubectl --namespace shop "$@"; }

start_node() {
  # Its own session, so that Ctrl-C reaches this script alone, which then takes it down in order.
  setsid unshare --mount --net --pid --fork --kill-child --mount-proc deploy/helm/node/node.sh "$trial/programs" "$work" > "$work/node.log" 2>&1 9>&- &
  unshared=$!
  until_so 300 "the node" node_is_up
  rm "$work"/images/*.tar
  say "a node: $(in_node kubectl get node node1 --output jsonpath='{.status.nodeInfo.kubeletVersion}, {.status.nodeInfo.containerRuntimeVersion}, Ready={.status.conditions[?(@.type=="Ready")].status}')"
}
node_is_up() {
  kill -0 "$unshared" 2>/dev/null || { cat "$work/node.log" >&2; exit 1; }
  [ -e "$work/up" ] || return 1
  node=$(pgrep --parent "$unshared" --oldest)
}

empty_groups() { # the kubelet's and the engine's groups of processes, once they are empty; those of others are not, and stay
  local group
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    if [ -d "$group" ]; then find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
}

clean_up() {
  local status=$?
  trap - EXIT INT TERM
  set +e
  if [ $status != 0 ] && [ -n "$node" ]; then diagnose >&2; fi
  if [ -n "$loading" ]; then kill "$loading" 2>/dev/null; fi
  if [ "${KEEP:-no}" = yes ] && [ -n "$node" ]; then
    say "left running: nsenter --target $node --mount --net --pid env KUBECONFIG=$work/kubeconfig PATH=$trial/programs:\$PATH kubectl -n shop get pods"
    say "to end it: kill -KILL $unshared; rm -rf $work"
  else
    # Everything in its namespace of processes ends with the first one there, and its mounts and its network with the last.
    if [ -n "$unshared" ]; then kill -KILL "$unshared" 2>/dev/null; wait "$unshared" 2>/dev/null; fi
    for _ in $(seq 50); do empty_groups; compgen -G '/sys/fs/cgroup/*/kubepods' >/dev/null || break; sleep 0.2; done
    if [ -n "$work" ]; then rm -rf "$work"; fi
  fi
  [ $status = 0 ] || say "try.sh: FAILED"
  exit $status
}

diagnose() {
  if [ ${#rows[@]} -gt 0 ]; then print_rows; fi
  timeout 20 nsenter --target "$node" --mount --net --pid env KUBECONFIG="$work/kubeconfig" PATH="$PATH" kubectl --namespace shop get pods,jobs --output wide
  timeout 20 nsenter --target "$node" --mount --net --pid env KUBECONFIG="$work/kubeconfig" PATH="$PATH" kubectl --namespace shop get events --sort-by=.lastTimestamp | tail -n 15
  tail -n 3 "$work"/*.log | cut -c1-300
}

# --- instances ---

pods_of() { kubectl get pods --selector "app.kubernetes.io/name=$1" --output json; }
ready() { # program [pod that must be gone]: two are ready, and no other is there
  pods_of "$1" | jq --exit-status --arg gone "${2:-}" '(.items | length) == 2 and all(.items[];
    .metadata.name != $gone and .metadata.deletionTimestamp == null and any(.status.conditions[]?; .type == "Ready" and .status == "True"))' >/dev/null
}
replaced() { ready "$1"; }
all_ready() {
  local program
  for program in "${programs[@]}"; do ready "$program" || return 1; done
  kubectl get pods --output json | jq --exit-status 'all(.items[] | select(.status.phase != "Succeeded");
    any(.status.conditions[]?; .type == "Ready" and .status == "True"))' >/dev/null
}
metric() { # pod name: its value there, or nothing
  local address port
  read -r address port <<< "$(kubectl get pod "$1" --output jsonpath='{.status.podIP} {.spec.containers[0].ports[0].containerPort}' 2>/dev/null)"
  [ -n "$port" ] || return 0
  in_node curl --silent --max-time 3 "http://$address:$port/metrics" 2>/dev/null | awk -v name="$2" '$1 == name || index($1, name "{") == 1 { print $2; exit }'
}
leader() { # program: the pod that relays its events
  local pod
  for pod in $(pods_of "$1" | jq --raw-output '.items[].metadata.name'); do
    if [ "$(metric "$pod" relay_leads)" = 1 ]; then echo "$pod"; return; fi
  done
}
relays() { case " ${relaying[*]} " in *" $1 "*) ;; *) return 1 ;; esac; }
pod_to_kill() { # the one that relays, which is the harder case; else the first
  local found=''
  if relays "$1"; then
    found=$(leader "$1")
    [ -n "$found" ] || { echo "try.sh: no instance of $1 relays its events" >&2; exit 1; }
  fi
  echo "${found:-$(pods_of "$1" | jq --raw-output '.items[0].metadata.name')}"
}
leads_again() { # program: how long it took, as words
  local from=$EPOCHREALTIME
  relays "$1" || return 0
  until_so 60 "an instance of $1 that relays" some_leads "$1"
  awk -v from="$from" -v to="$EPOCHREALTIME" 'BEGIN { printf "it relayed, and one relays again after %.1f s; ", to - from }'
}
some_leads() { [ -n "$(leader "$1")" ]; }
kill_process() { # pod container
  local id
  id=$(in_node docker ps --quiet --filter "label=io.kubernetes.pod.name=$1" --filter "label=io.kubernetes.container.name=$2")
  in_node sh -c "kill -KILL \$(docker inspect --format '{{.State.Pid}}' $id)"
}

# --- the load ---

start_load() {
  local password
  password=$(openssl rand -hex 12)
  kubectl exec --stdin operator-0 -- ecom admin create --email admin@example.com --password-stdin <<< "$password" >/dev/null
  GATEWAY_URL=http://$(kubectl get service gateway --output jsonpath='{.spec.clusterIP}'):8080
  MAIL_URL=http://$(kubectl get service mailpit --output jsonpath='{.spec.clusterIP}'):8025
  export GATEWAY_URL MAIL_URL
  ADMIN_PASSWORD=$password in_node python3 deploy/helm/load/load.py prepare "$load"
  phase start
  in_node python3 deploy/helm/load/load.py run "$load" > "$work/load.log" 2>&1 &
  loading=$!
  sleep 5
}
phase() { echo "$1" > "$load/phase.new"; mv "$load/phase.new" "$load/phase"; }
finish_load() {
  touch "$load/stop"
  wait "$loading" || { cat "$work/load.log" >&2; exit 1; }
  loading=''
  local said
  if said=$(python3 deploy/helm/load/load.py judge "$load"); then row ok "orders" "$said"; else row WRONG "orders" "$said"; fi
}
judged() { # title phase must|may [text before it]: the requests of a phase; `may` counts failed ones without being wrong
  local said status=ok
  kill -0 "$loading" 2>/dev/null || { echo "try.sh: the load has ended" >&2; cat "$work/load.log" >&2; exit 1; }
  said=$(python3 deploy/helm/load/load.py phase "$load" "$2") || { if [ "$3" = must ]; then status=WRONG; fi; }
  phase between
  row "$status" "$1" "${4:-}$said"
}

# --- the table ---

row() { # ok|WRONG title text
  rows+=("$(printf '%-5s  %-38s  %s' "$1" "$2" "$3")")
  say "${rows[-1]}"
}
print_rows() {
  printf '\n'
  printf '%s\n' "${rows[@]}"
}
table() {
  print_rows
  cat "$work/at-rest.txt"
  if printf '%s\n' "${rows[@]}" | grep --quiet '^WRONG'; then echo "try.sh: not all is as expected"; exit 1; fi
  say "try.sh: passed in $(((SECONDS - began + 30) / 60)) minutes"
}
