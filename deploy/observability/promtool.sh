#!/usr/bin/env bash
# Runs promtool (or, as `promtool.sh prometheus …`, Prometheus itself): the one on the path, else Debian's, unpacked into a
# folder of its own. Installing the package would start a server.
set -euo pipefail
home=${ECOM_PROMETHEUS_DIR:-/opt/ecom-prometheus}
program=promtool
if [ "${1:-}" = prometheus ]; then program=prometheus; shift; fi
if command -v $program >/dev/null; then exec $program "$@"; fi
if [ ! -x "$home/usr/bin/$program" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  command -v apt-get >/dev/null || { echo "promtool is not installed, and there is no apt-get to fetch it: install Prometheus" >&2; exit 1; }
  apt-get -qq update >&2
  (cd "$work" && apt-get -qq download prometheus >&2)
  mkdir -p "$home"
  dpkg-deb -x "$work"/prometheus_*.deb "$home"
  rm -rf "$work"
  trap - EXIT
fi
exec "$home/usr/bin/$program" "$@"
