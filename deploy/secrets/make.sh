#!/usr/bin/env bash
# Makes a folder of secrets of your own, for `SECRETS_DIR=FOLDER docker compose up`:
#
#   deploy/secrets/make.sh FOLDER
#
# In a folder that an older version of it made, it makes what is missing. What is there is never changed: the servers
# know these passwords, and the databases hold what the key has sealed.
#
# The folder is closed to everybody else on this machine. The files in it are readable, because a container's user, whom
# this machine does not know, reads them where they are mounted.
set -euo pipefail
folder=${1:?"usage: deploy/secrets/make.sh FOLDER"}
databases=(user:user product:product order:order payment:payment notification:notify)
passwords=(user-db product-db order-db payment-db notification-db rabbitmq pgadmin elastic kibana shipper grafana)
for name in user product order payment notify; do passwords+=("$name-runtime" "$name-amqp"); done # as whom services work
made=()

if [ ! -e "$folder" ]; then
  mkdir -m 700 "$folder"
elif ! compgen -G "$folder/*-password" >/dev/null; then
  echo "make.sh: $folder is there and holds no passwords of Ecom-Micro: nothing was touched. Name another folder" >&2
  exit 1
fi
umask 022

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64; }
pgpass() {
  local one name service
  for one in "${databases[@]}"; do
    IFS=: read -r name service <<< "$one"
    printf '%s-db:5432:*:%s_service:%s\n' "$name" "$service" "$(cat "$folder/$name-db-password")"
  done
}

make() { # name command…: the file, unless it is there
  local file=$folder/$1
  # An older Compose makes an empty folder in the place of a file that it misses.
  if [ -d "$file" ]; then rmdir "$file"; fi
  if [ -e "$file" ]; then return; fi
  "${@:2}" > "$folder/.new" # whole or not there
  mv "$folder/.new" "$file"
  made+=("$1")
}

for name in "${passwords[@]}"; do make "$name-password" password; done
make pgpass pgpass
make secrets-key key    # what services sign with is sealed by it in their databases (SECRETS_KEY)
make oidc-client-secret password # nobody's, until the one of an OpenID provider takes its place (OIDC_CLIENT_SECRET)
make pictures-password password # nobody's, until the secret key of a bucket takes its place (PICTURES_PASSWORD)
make web-cookie-key key # the pages' cookies are encrypted with it (WEB_COOKIE_KEY)

if [ ${#made[@]} = 0 ]; then echo "nothing was missing in $folder"; else echo "made in $folder: ${made[*]}"; fi
echo "in .env: SECRETS_DIR=$(realpath "$folder")"
echo "keep a copy of secrets-key, apart from the databases' backups: without it nobody opens what is sealed in them"
