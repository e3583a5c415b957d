#!/bin/sh
# Makes the passwords of a new installation, each in a file of its own under secrets/. Never makes one anew. Run as root.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
fresh() { test -e "secrets/$1" || head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' > "secrets/$1"; }
fresh superuser
fresh owner
fresh program
printf 'postgresql://threenos_owner:%s@postgres/threenos' "$(cat secrets/owner)" > secrets/owner_database
printf 'postgresql://threenos:%s@postgres/threenos' "$(cat secrets/program)" > secrets/database
# A container sees these very files, with their owners: the users of the image of PostgreSQL and of that of Threenos.
chown 999:999 secrets/superuser secrets/owner secrets/program
chown 8300:8300 secrets/owner_database secrets/database
chmod 400 secrets/*
