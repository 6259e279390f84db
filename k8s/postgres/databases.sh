#!/bin/sh
# Runs once, on an empty data folder: a database and a role for each service, where the role opens no
# other database than its own. Names and passwords are those of the services' addresses.
set -eu
for file in /run/secrets/*-database-url; do
  login=$(sed 's|^[a-z]*://||; s|@.*||' "$file")
  psql -v ON_ERROR_STOP=1 -v name="${login%%:*}" -v password="${login#*:}" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
done
psql -v ON_ERROR_STOP=1 -c 'revoke connect on database postgres, template1 from public'
