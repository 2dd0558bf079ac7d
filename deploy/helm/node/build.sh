#!/usr/bin/env bash
# Kubernetes' own programs for one node, out of Debian 12's source package, which carries all that it is made of. It is
# built once, about 8 minutes on two cores; a folder that has the programs already is left alone.
#
#   build.sh FOLDER    kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy, pause, and Debian's etcd
set -euo pipefail
folder=$(realpath -m "${1:?"usage: build.sh FOLDER"}")
version='1.20.5+really1.20.2-1.1+deb12u1'
upstream=b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc # sha256 of the .orig.tar.gz
programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)

[ "$(cat "$folder/version" 2>/dev/null)" != "$version" ] || exit 0
# shellcheck source=/dev/null
. /etc/os-release
[ "${VERSION_CODENAME:-}" = bookworm ] || { echo "build.sh: this is for Debian 12 (bookworm), which has the source and the compiler for it; here is ${PRETTY_NAME:-something else}" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work"/{lists/partial,cache/archives/partial,home,debs}
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get install -y -qq --no-install-recommends golang-go golang-github-modern-go-reflect2-dev gcc libc6-dev rsync jq dpkg-dev make >/dev/null

# Debian's etcd is only unpacked: installed, it would start as a service of this machine.
(cd "$work/debs" && apt-get -qq -o APT::Sandbox::User=root download etcd-server && dpkg-deb -x etcd-server_*.deb .)
cp "$work/debs/usr/bin/etcd" "$folder/"

# A list of sources of its own, so that this machine's apt stays as it is.
# shellcheck disable=SC2016  # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" > "$work/sources.list"
printf '%s\n' "Dir::Etc::sourcelist \"$work/sources.list\";" 'Dir::Etc::sourceparts "-";' "Dir::State::lists \"$work/lists\";" \
  "Dir::Cache \"$work/cache\";" 'APT::Sandbox::User "root";' > "$work/apt.conf"
export APT_CONFIG="$work/apt.conf"
cd "$work"
apt-get -qq update
apt-get -qq source --download-only "kubernetes=$version" || { echo "build.sh: Debian has no kubernetes $version any more; put the version it has now into this file" >&2; exit 1; }
echo "$upstream  $(echo kubernetes_*.orig.tar.gz)" | sha256sum --check --quiet
dpkg-source --no-check --extract ./kubernetes_*.dsc source >/dev/null # apt has compared it with the signed list
unset APT_CONFIG

# The vendored reflect2 1.0.1 panics when it was compiled by Go 1.18 or newer; Debian's 1.0.2 does not.
cd source
rm -f vendor/github.com/modern-go/reflect2/*.{go,s}
cp /usr/share/gocode/src/github.com/modern-go/reflect2/* vendor/github.com/modern-go/reflect2/
mkdir -p .go/src/k8s.io
ln -s ../../.. .go/src/k8s.io/kubernetes
echo "compiling Kubernetes $version: about 8 minutes on two cores"
began=$SECONDS
HOME="$work/home" GOPATH=$PWD/.go GOFLAGS='' CGO_ENABLED=0 make WHAT="$(printf 'cmd/%s ' "${programs[@]}")" > "$work/make.log" 2>&1 \
  || { tail -n 30 "$work/make.log" >&2; exit 1; }
for program in "${programs[@]}"; do cp "_output/local/bin/linux/amd64/$program" "$folder/"; done
gcc -Os -static -DVERSION=3.2 -o "$folder/pause" build/pause/linux/pause.c
echo "$version" > "$folder/version"
echo "compiled in $((SECONDS - began)) s"
