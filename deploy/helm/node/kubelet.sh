#!/usr/bin/env bash
# The kubelet of node.sh, to be stopped and started in its namespaces.
#
#   kubelet.sh start|stop WORK
set -euo pipefail
work=$2
case $1 in
  start)
    cd "$work"
    kubelet --config=kubelet.json --kubeconfig=kubeconfig --container-runtime=docker --docker-endpoint="unix://$work/docker.sock" \
      --pod-infra-container-image=pause:local --root-dir="$work/kubelet" --cert-dir="$work/kubelet-certificates" \
      --hostname-override=node1 --node-ip=10.200.0.1 >> kubelet.log 2>&1 < /dev/null &
    echo $! > kubelet.pid
    ;;
  stop)
    pid=$(cat "$work/kubelet.pid")
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || exit 0; sleep 0.1; done
    echo "kubelet.sh: it did not end in 10 s" >&2
    exit 1
    ;;
  *) echo "usage: kubelet.sh start|stop WORK" >&2; exit 2 ;;
esac
