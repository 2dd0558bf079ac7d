#!/usr/bin/env bash
# The chart on a real Kubernetes node, under a load of orders, while its pods are replaced, killed and left alone: as root on
# Debian 12, without a container registry. docs/operations/kubernetes-trial.md tells what it shows, and what it cannot.
#
#   deploy/helm/try.sh [FOLDER]    FOLDER holds the built programs (default target/release)
#
#   TRIAL_DIR=/var/cache/ecom-trial   keeps Kubernetes' own programs, which take 8 minutes to compile once
#   ONLY="replace kill kubelet"       some of the three parts
#   BUYERS=4                          who order at the same time
#   AWAY=120                          seconds for which the kubelet is stopped
#   IMAGES=registry                   takes the images of others from the registry (an engine must run)
#   KEEP=yes                          leaves the node running, and says how to get in
#
# It ends with a table, and with 1 when anything in it is not as expected. All that it started ends with it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/helm/trial.sh

binaries=${1:-target/release}
parts=${ONLY:-replace kill kubelet}
away=${AWAY:-120}
chart=deploy/helm/ecom-micro
examples=$chart/examples
settings=(--namespace shop --values "$examples/trial.yaml" --set trial.persistent=false --set image.tag=trial
  --set gateway.limits.requestsPerSecond=1000 --set gateway.limits.ordersPerMinute=6000 --set gateway.limits.signInsPerMinute=600)

wanted() { case " $parts " in *" $1 "*) ;; *) return 1 ;; esac; }

# --- the node, the chart ---
prepare "$binaries"
start_node
measure=$SECONDS
inside helm install shop "$chart" "${settings[@]}" --create-namespace --wait --wait-for-jobs --timeout 10m > "$work/helm.log" 2>&1 \
  || { tail -n 20 "$work/helm.log" >&2; exit 1; }
until_so 120 "two instances of each that are ready" all_ready
row ok "installed by helm" "all of it is ready after $((SECONDS - measure)) s"
inside helm test shop --namespace shop --timeout 5m --logs > "$work/helm-test.log" 2>&1 || { tail -n 30 "$work/helm-test.log" >&2; exit 1; }
row ok "helm test" "$(grep -o 'Done: order .* is paid' "$work/helm-test.log" || { echo "it says nothing of a paid order" >&2; exit 1; })"
if said=$(kubectl run stranger --image=pause:local 2>&1) || [[ $said != *forbidden* ]]; then row WRONG "a pod that is not restricted" "it is let in: $said"
else row ok "a pod that is not restricted" "is refused, so all of the shop's are"; fi

# --- the load ---
start_load
phase quiet
sleep 20
judged "nothing goes on" quiet must

if wanted replace; then
  for program in "${programs[@]}"; do
    phase "replace-$program"
    measure=$SECONDS
    kubectl rollout restart "deployment/$program" >/dev/null
    kubectl rollout status "deployment/$program" --timeout=300s >/dev/null
    until_so 120 "the old instances of $program gone" replaced "$program"
    sleep 2
    judged "$program replaced" "replace-$program" must "$((SECONDS - measure)) s: "
  done
  phase upgrade
  measure=$SECONDS
  inside helm upgrade shop "$chart" "${settings[@]}" --set-string all.environment.MAX_IN_FLIGHT=200 --wait --timeout 10m > "$work/helm-upgrade.log" 2>&1 \
    || { tail -n 20 "$work/helm-upgrade.log" >&2; exit 1; }
  for program in "${programs[@]}"; do until_so 120 "the old instances of $program gone" replaced "$program"; done
  sleep 2
  judged "helm upgrade: all six replaced" upgrade must "$((SECONDS - measure)) s: "
  restarts=$(kubectl get pods --output json | jq '[.items[] | .status.containerStatuses[]? | .restartCount] | add')
  if [ "$restarts" = 0 ]; then row ok "nothing ended by itself" "0 restarts of a container until here"
  else row WRONG "nothing ended by itself" "$restarts restarts of containers, expected 0"; fi
fi

if wanted kill; then
  for program in "${programs[@]}"; do
    pod=$(pod_to_kill "$program")
    phase "kill-$program"
    measure=$SECONDS
    kill_process "$pod" "$program"
    took=$(leads_again "$program")
    until_so 120 "two instances of $program that are ready" ready "$program"
    judged "$program: a process killed" "kill-$program" may "${took}ready again after $((SECONDS - measure)) s: "
    pod=$(pod_to_kill "$program")
    phase "delete-$program"
    measure=$SECONDS
    kubectl delete pod "$pod" --grace-period=0 --force >/dev/null 2>&1
    took=$(leads_again "$program")
    until_so 120 "two instances of $program that are ready" ready "$program" "$pod"
    judged "$program: a pod deleted by force" "delete-$program" may "${took}ready again after $((SECONDS - measure)) s: "
  done
fi

if wanted kubelet; then
  phase kubelet
  in_node deploy/helm/node/kubelet.sh stop "$work"
  sleep "$away"
  state=$(kubectl get node node1 --output jsonpath='{.status.conditions[?(@.type=="Ready")].status}')
  measure=$SECONDS
  in_node deploy/helm/node/kubelet.sh start "$work"
  until_so 300 "all instances ready again" all_ready
  judged "the kubelet away for $away s" kubelet may "the node was Ready=$state; all ready again $((SECONDS - measure)) s after its return: "
fi

# --- what became of the orders ---
phase after
sleep 20
judged "nothing goes on any more" after must
finish_load
operator() { kubectl exec --stdin operator-0 -- "$@"; }
operator sh -c 'cat > /data/client.jsonl' < "$load/client.jsonl"
if operator ecom doctor --client-log /data/client.jsonl --grace 0 > "$work/doctor.log" 2>&1; then row ok "the doctor" "$(tail -n 1 "$work/doctor.log")"
else row WRONG "the doctor" "$(tail -n 1 "$work/doctor.log")"; cat "$work/doctor.log" >&2; fi

say "what an instance costs at rest, looked at for 60 s"
sleep 10
in_node python3 deploy/helm/load/at_rest.py 60 > "$work/at-rest.txt"
table
