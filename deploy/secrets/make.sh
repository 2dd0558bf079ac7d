#!/usr/bin/env bash
# Makes a folder of secrets of your own, for `SECRETS_DIR=FOLDER docker compose up`:
#
#   deploy/secrets/make.sh FOLDER
#
# The folder is closed to everybody else on this machine. The files in it are readable, because a container's user, whom
# this machine does not know, reads them where they are mounted.
set -euo pipefail
folder=${1:?"usage: deploy/secrets/make.sh FOLDER"}
mkdir -m 700 "$folder" # one that is there already is left alone: the servers know its passwords
umask 022

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for name in user-db product-db order-db payment-db notification-db rabbitmq pgadmin elastic kibana shipper grafana; do
  random > "$folder/$name-password"
done
for database in user:user product:product order:order payment:payment notification:notify; do
  IFS=: read -r name service <<< "$database"
  printf '%s-db:5432:*:%s_service:%s\n' "$name" "$service" "$(cat "$folder/$name-db-password")"
done > "$folder/pgpass"
echo "made in $folder; in .env: SECRETS_DIR=$(realpath "$folder")"
