#!/usr/bin/env bash
# deploy/secrets/make.sh: that it makes every file that Compose reads out of SECRETS_DIR, completes a folder that an older one
# made, changes nothing that is there, and leaves other people's folders alone. lint.sh runs it.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/secrets

fail() { echo "secrets: $*" >&2; exit 1; }
make() { deploy/secrets/make.sh "$folder" >/dev/null; }
sums() { (cd "$folder" && sha256sum -- *); }
# shellcheck disable=SC2016 # Compose's variable
wanted() { sed -n 's|^  \([a-z-]*\): {file: "${SECRETS_DIR.*|\1|p' docker-compose.yml docker-compose.production.yml | sort -u; }

[ "$(wanted | wc -l)" -ge 14 ] || fail "the Compose files name their secrets in another way"
make
for name in $(wanted); do
  [ -s "$folder/$name" ] || fail "Compose reads $name, which make.sh does not make"
  # What services sign with is not sealed in development.
  [ "$name" = secrets-key ] || [ -s "deploy/secrets/development/$name" ] || fail "deploy/secrets/development lacks $name"
done
for name in secrets-key web-cookie-key; do
  [ "$(base64 --decode "$folder/$name" | wc -c)" = 32 ] || fail "$name does not hold 32 bytes"
done
[ "$(stat --format %a "$folder")" = 700 ] || fail "others may look into the folder"
[ "$(sums | cut -d' ' -f1 | sort -u | wc -l)" = "$(sums | wc -l)" ] || fail "two secrets are the same"

before=$(sums)
make
[ "$(sums)" = "$before" ] || fail "a second run changed a secret"
rm "$folder"/*-key
mkdir "$folder/secrets-key" # so an older Compose leaves it, after a start without the file
make
[ "$(sums | grep -v -e '-key$')" = "$(grep -v -e '-key$' <<< "$before")" ] || fail "to complete a folder, what was there was changed"
[ "$(sums | wc -l)" = "$(wc -l <<< "$before")" ] || fail "a folder of an older make.sh was not completed"

folder=$work/theirs
mkdir "$folder"
touch "$folder/thesis.txt"
if make 2>/dev/null; then fail "a foreign folder was taken"; fi
[ "$(ls "$folder")" = thesis.txt ] || fail "a foreign folder was touched"
echo "secrets: make.sh makes all $(wanted | wc -l) that Compose reads, completes an older folder, and changes nothing that is there"
