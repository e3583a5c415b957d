#!/bin/sh
# Makes the passwords of a new installation, each in a file of its own under secrets/. Never overwrites one.
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
# The program's user in the containers has to read them; so does whoever may enter this folder.
chmod 644 secrets/owner secrets/program secrets/owner_database secrets/database secrets/superuser
