#!/usr/bin/env bash
# One whole Kubernetes node: a Docker engine, etcd, API server, controllers, scheduler, kubelet, kube-proxy and names. It
# is to run in namespaces of its own, so that it meets neither the machine's network nor its engine nor its settings, and
# all of it ends with this process:
#
#   unshare --mount --net --pid --fork --kill-child --mount-proc node.sh PROGRAMS WORK
#
# PROGRAMS is what build.sh and tools.sh made, WORK an empty folder. All of WORK/images/*.tar are loaded. It is up when the
# file WORK/up is there; WORK/kubeconfig is for kubectl within these namespaces; WORK/*.log tell more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
programs=$(realpath "$1")
work=$(realpath "$2")
cd "$work"
export PATH="$programs:${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/sbin:$PATH:/usr/sbin:/sbin"
export DOCKER_HOST=unix://$work/docker.sock
address=10.200.0.1 dns=10.0.0.10

[ "$(readlink /proc/self/ns/net)" != "$(readlink /proc/"$PPID"/ns/net 2>/dev/null)" ] || { echo "node.sh: it needs namespaces of its own; see its head" >&2; exit 1; }
fail() { echo "node.sh: $1; the end of $2:" >&2; tail -n 20 "$2" >&2; exit 1; }
until_so() { # seconds log what command…
  local end=$((SECONDS + $1))
  until "${@:4}" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || fail "in $1 s there was no $3" "$2"; sleep 0.3; done
}

# --- a network with one address; nothing outside can be reached ---
ip link set lo up
ip link add outside type bridge
ip address add "$address/24" dev outside
ip address add "$dns/32" dev outside
ip link set outside up
ip route add default via 10.200.0.254 dev outside
echo 1 > /proc/sys/net/ipv4/ip_forward
# The kubelet sets these, and they hold for the whole machine: it finds them set, in files.
mkdir settings
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=settings/$(tr / _ <<< "${setting%=*}")
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

# --- the engine ---
runtime=runc
(echo -998 > /proc/self/oom_score_adj) 2>/dev/null || runtime=without-oom
dockerd --add-runtime "without-oom=$here/runc-without-oom.sh" --default-runtime "$runtime" --exec-opt native.cgroupdriver=cgroupfs \
  --userland-proxy=false --data-root "$work/docker" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" \
  --host "$DOCKER_HOST" > dockerd.log 2>&1 &
until_so 60 dockerd.log "engine" docker info
for images in images/*.tar; do [ ! -e "$images" ] || docker load --quiet --input "$images" > /dev/null; done
tar --create --directory "$programs" pause | docker import --change 'ENTRYPOINT ["/pause"]' - pause:local > /dev/null

# --- etcd, and who speaks for the cluster: on this machine's own address alone ---
openssl genrsa -out service-accounts.key 2048 2>/dev/null
token=$(openssl rand -hex 16)
(umask 077; echo "$token,admin,1,\"system:masters\"" > tokens.csv; echo "$token" > token)
etcd --data-dir etcd --unsafe-no-fsync --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
  --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 \
  --initial-cluster default=http://127.0.0.1:12380 > etcd.log 2>&1 &
kube-apiserver --etcd-servers=http://127.0.0.1:12379 --bind-address=127.0.0.1 --secure-port=16443 --advertise-address="$address" \
  --cert-dir=certificates --token-auth-file=tokens.csv --authorization-mode=RBAC --service-cluster-ip-range=10.0.0.0/16 \
  --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file=service-accounts.key \
  --service-account-key-file=service-accounts.key --kubelet-preferred-address-types=InternalIP \
  --enable-admission-plugins=PodSecurityPolicy --allow-privileged=true > apiserver.log 2>&1 &
jq -n --arg token "$token" '{apiVersion: "v1", kind: "Config", "current-context": "node",
  clusters: [{name: "node", cluster: {server: "https://127.0.0.1:16443", "insecure-skip-tls-verify": true}}],
  users: [{name: "admin", user: {token: $token}}], contexts: [{name: "node", context: {cluster: "node", user: "admin"}}]}' > kubeconfig
chmod 600 kubeconfig
export KUBECONFIG=$work/kubeconfig
until_so 90 apiserver.log "API server" kubectl get --raw /readyz
kubectl apply --validate=false --filename "$here/restricted.yaml" > /dev/null
kube-controller-manager --kubeconfig=kubeconfig --service-account-private-key-file=service-accounts.key \
  --use-service-account-credentials=false --leader-elect=false > controllers.log 2>&1 &
kube-scheduler --kubeconfig=kubeconfig --leader-elect=false > scheduler.log 2>&1 &

# --- the node ---
jq -n --arg dns "$dns" '{kind: "KubeletConfiguration", apiVersion: "kubelet.config.k8s.io/v1beta1", cgroupDriver: "cgroupfs",
  failSwapOn: false, imageGCHighThresholdPercent: 100, evictionHard: {"memory.available": "1Mi"},
  authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}, authorization: {mode: "AlwaysAllow"},
  clusterDNS: [$dns], clusterDomain: "cluster.local", resolvConf: "/dev/null"}' > kubelet.json
"$here/kubelet.sh" start "$work"
kube-proxy --kubeconfig=kubeconfig --hostname-override=node1 --proxy-mode=iptables --conntrack-max-per-core=0 \
  --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 > proxy.log 2>&1 &
"$here/names.sh" "$dns" "$work" > names.log 2>&1 &
until_so 120 kubelet.log "node that is ready" kubectl wait --for=condition=Ready node/node1 --timeout=5s
touch up
wait
