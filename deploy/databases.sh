#!/bin/bash
# Run once, by an empty PostgreSQL: a database for each <name>-database-url among the secrets, and a
# role of that name which opens no other. What tools/start/databases.ts is for `npm start`.
set -euo pipefail
for file in /run/secrets/*-database-url; do
  name=$(basename "$file" -database-url)
  password=$(sed -E 's#^[a-z]+://[^:]+:([^@]+)@.*#\1#' "$file")
  psql --quiet --username postgres --set ON_ERROR_STOP=1 \
    --set name="$name" --set password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
done
psql --quiet --username postgres --set ON_ERROR_STOP=1 \
  --command 'revoke connect on database postgres, template1 from public'
