#!/usr/bin/env bash
# A Docker engine, Compose and Buildx out of Debian's packages, for a machine that reaches no other source.
#
#   engine.sh start   install what is missing or too old, start dockerd if none answers (as root)
#   engine.sh stop    stop the dockerd that `start` started, and no other
#
# Debian 12's own engine is 20.10, which knows neither health checks with a `start_interval` nor named build contexts.
# So there Debian 13's is unpacked into a folder of its own, next to Debian 12's runc (13's needs a newer libc).
set -euo pipefail
home=${ECOM_ENGINE_DIR:-/opt/ecom-engine}
pid_file=/run/ecom-dockerd.pid
log=/var/log/ecom-dockerd.log
export PATH="$home/usr/bin:$home/usr/sbin:$PATH" DEBIAN_FRONTEND=noninteractive

oldest=25 # the engine the Compose files ask for

answers() { docker info >/dev/null 2>&1; }

new_enough() { # a version, as 26.1.5+dfsg1
  [ "${1%%.*}" -ge "$oldest" ] 2>/dev/null
}

can_start() { # dockerd says: Docker version 20.10.24+dfsg1, build 297e128
  command -v dockerd >/dev/null && new_enough "$(dockerd --version | awk '{print $3}')"
}

plugins_are_there() { docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; }

debian_mirror() { # whatever this machine's apt is set up with
  # shellcheck disable=SC2016  # apt's own variable
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1
}

unpack_from() { # suite package…
  local suite=$1 work
  shift
  work=$(mktemp -d)
  mkdir -p "$work"/{lists/partial,cache/archives/partial,debs}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" > "$work/sources.list"
  cat > "$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
CONF
  APT_CONFIG="$work/apt.conf" apt-get -qq update
  (cd "$work/debs" && APT_CONFIG="$work/apt.conf" apt-get -qq download "$@")
  mkdir -p "$home"
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$home"; done
  rm -rf "$work"
}

install_engine() {
  if plugins_are_there && { answers || can_start; }; then return; fi
  echo "installing the engine from Debian's packages"
  apt-get -qq update
  # shellcheck source=/dev/null
  . /etc/os-release
  if [ "$VERSION_CODENAME" = bookworm ]; then
    apt-get install -y -qq --no-install-recommends runc iptables ca-certificates >/dev/null
    unpack_from trixie docker.io docker-cli containerd docker-compose docker-buildx
  else
    apt-get install -y -qq --no-install-recommends docker.io docker-cli docker-compose docker-buildx iptables ca-certificates >/dev/null
  fi
  if [ -d "$home/usr/libexec/docker/cli-plugins" ]; then # where every docker client looks, also one from elsewhere
    mkdir -p /usr/libexec/docker/cli-plugins
    ln -sf "$home"/usr/libexec/docker/cli-plugins/* /usr/libexec/docker/cli-plugins/
  fi
}

case ${1:-start} in
  start)
    if answers; then
      running=$(docker version --format '{{.Server.Version}}')
      if ! new_enough "$running"; then
        echo "the engine that runs here is $running, and the Compose files need $oldest or later: stop it, then run this again" >&2
        exit 1
      fi
    fi
    install_engine
    if ! answers; then
      # A second engine in one network namespace would tear down the first one's rules.
      if pgrep -x dockerd >/dev/null; then
        echo "a dockerd runs already, but does not answer on ${DOCKER_HOST:-/var/run/docker.sock}" >&2
        exit 1
      fi
      can_start || { echo "there is no engine of $oldest or later for this machine: install one" >&2; exit 1; }
      setsid dockerd --pidfile "$pid_file" > "$log" 2>&1 < /dev/null &
      for _ in $(seq 1 120); do answers && break; sleep 0.5; done
      answers || { tail -n 20 "$log" >&2; exit 1; }
    fi
    docker version --format 'engine {{.Server.Version}}'
    docker compose version
    if [ -x "$home/usr/bin/docker" ]; then # not where a shell looks for programs
      echo "for docker in this shell:"
      # shellcheck disable=SC2016  # for the shell it is copied into
      printf 'export PATH="%s/usr/bin:%s/usr/sbin:$PATH"\n' "$home" "$home"
    fi
    ;;
  stop)
    [ -s "$pid_file" ] || exit 0
    pid=$(cat "$pid_file")
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || exit 0
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 1 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
    ;;
  *) echo "usage: engine.sh start|stop" >&2; exit 2 ;;
esac
