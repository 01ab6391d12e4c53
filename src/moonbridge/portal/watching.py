"""Tell the database which tables the public pages show, so that a change of one of them renews the pages."""

from typing import Any

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_public_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portal_publicversion AS present (id, version, changed_in)
    VALUES (1, 1, pg_current_xact_id()::text::bigint)
    ON CONFLICT (id) DO UPDATE SET version = present.version + 1, changed_in = excluded.changed_in
    WHERE present.changed_in <> excluded.changed_in;
    RETURN NULL;
END $$;
"""


def install() -> migrations.RunSQL:
    """Return the operation that makes the triggers' function; the version's row appears with the first change."""
    return migrations.RunSQL(_FUNCTION, "DROP FUNCTION portal_public_changed() CASCADE")


def watch(*tables: str, on: str = "INSERT OR UPDATE OR DELETE", where: str = "true") -> list[Any]:
    """Return the operations that renew the public pages when a row of ``tables`` changes and the condition ``where`` holds."""
    undo = "DROP TRIGGER portal_public_changed ON {}"
    return [migrations.RunSQL(_trigger(table, on, where), undo.format(table)) for table in tables]


def _trigger(table: str, on: str, where: str) -> str:
    """Deferred, so that the one row is locked for the moment of the commit only and transactions do not wait for each other."""
    return (
        f"CREATE CONSTRAINT TRIGGER portal_public_changed AFTER {on} ON {table} "
        f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({where}) EXECUTE FUNCTION portal_public_changed()"
    )
