"""What makes the database itself refuse to change the journal: triggers, and in PostgreSQL a role without the right.

The statements stand here once: `guard` hangs them on the table for `metadata.create_all`, the migration runs
`statements(dialect)`. They can be run again without harm.
"""

import re

import sqlalchemy as sa
from sqlalchemy import DDL, event

REFUSAL = "the journal is append-only"

_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS journal_refuses_update BEFORE UPDATE ON journal "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS journal_refuses_delete BEFORE DELETE ON journal "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # INSERT OR REPLACE deletes without firing the trigger above, so a row that is there already is refused too.
    f"CREATE TRIGGER IF NOT EXISTS journal_refuses_replace BEFORE INSERT ON journal "
    f"WHEN EXISTS (SELECT 1 FROM journal WHERE site = NEW.site AND seq = NEW.seq) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION journal_refuses_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    "CREATE OR REPLACE TRIGGER journal_refuses_change BEFORE UPDATE OR DELETE ON journal "
    "FOR EACH ROW EXECUTE FUNCTION journal_refuses_change()",
    "CREATE OR REPLACE TRIGGER journal_refuses_truncate BEFORE TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses_change()",
)
_STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(dialect: str) -> tuple[str, ...]:
    """The triggers that refuse UPDATE and DELETE of journal rows, for `sqlite` or `postgresql`."""
    return _STATEMENTS[dialect]


def guard(table: sa.Table) -> None:
    """Have `create_all` put the triggers on the journal's table as soon as it is there."""
    for dialect, lines in _STATEMENTS.items():
        for line in lines:
            ddl: DDL = DDL(line)  # type: ignore[no-untyped-call]  # SQLAlchemy has not typed it
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


def role_statements(role: str, schema: str = "public") -> tuple[str, ...]:
    """PostgreSQL: make `role` one that may do the server's work, but not UPDATE, DELETE or TRUNCATE the journal.

    To be run by the owner of the tables after each upgrade; the server then signs in as a member of the role.
    ValueError when a name is not plain lower case.
    """
    for name in (role, schema):
        if not _ROLE.fullmatch(name):
            raise ValueError(f"{name!r} is no plain PostgreSQL name")
    return (
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.journal FROM {role}",
    )
