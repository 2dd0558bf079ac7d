#!/usr/bin/env bash
# Starts syslog-ng, whose configuration takes the password from the environment, with one out of a file.
set -eu
PASSWORD=$(cat /run/secrets/shipper-password)
export PASSWORD
exec syslog-ng --foreground --stderr --no-caps --cfgfile=/observability/syslog-ng.conf \
  --persist-file=/var/lib/syslog-ng/syslog-ng.persist --control=/tmp/syslog-ng.ctl --pidfile=/tmp/syslog-ng.pid
