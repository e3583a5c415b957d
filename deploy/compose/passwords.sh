#!/bin/sh
# Run once by the postgres image after roles.sql: over a network nobody signs in by the name of a system's user.
set -eu
psql --quiet --set=ON_ERROR_STOP=1 --username=postgres \
    --set=owner="$(cat /run/secrets/owner)" --set=program="$(cat /run/secrets/program)" <<'END'
ALTER ROLE threenos_owner PASSWORD :'owner';
ALTER ROLE threenos PASSWORD :'program';
END
