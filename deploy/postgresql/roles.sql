-- The database of a plant and who may do what in it. Run once, by PostgreSQL's superuser; again does no harm:
--
--     runuser -u postgres -- psql --file=roles.sql
--
-- threenos_owner  owns the tables and migrates them; only `threenos db upgrade` signs in as it
-- threenos_app    may do the program's work; it may add to the journal, and neither change nor delete a row of it
-- threenos        the program, a member of threenos_app; further hosts may have logins of their own, as members too
--
-- On the database's own machine both sign in by the name of the system's user (Debian's "peer"), without a password.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I %s', wanted.name, wanted.kind)
FROM (VALUES (1, 'threenos_owner', 'LOGIN'), (2, 'threenos_app', 'NOLOGIN'), (3, 'threenos', 'LOGIN IN ROLE threenos_app'))
    AS wanted (turn, name, kind)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
ORDER BY turn \gexec

SELECT 'CREATE DATABASE threenos OWNER threenos_owner ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'threenos') \gexec

REVOKE ALL ON DATABASE threenos FROM PUBLIC;
-- TEMPORARY: a rebuild folds the journal into tables that are its own, beside those that are there.
GRANT CONNECT, TEMPORARY ON DATABASE threenos TO threenos_app;
-- A commit is on the disk before a press is acknowledged, whatever the server's own setting is.
ALTER DATABASE threenos SET synchronous_commit = on;

\connect threenos
ALTER SCHEMA public OWNER TO threenos_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
