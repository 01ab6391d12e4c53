"""What the database refuses in a genealogy: a piece that descends from itself, and a child that is cleaner than its parent."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION samples_descent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One genealogy at a time: two halves of a circle, written at once, would not see each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('samples:descent', 0));
    IF EXISTS (
        WITH RECURSIVE ancestors(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT p.parent_id FROM samples_parentage AS p JOIN ancestors AS a ON p.child_id = a.id
        )
        SELECT FROM ancestors WHERE id = NEW.child_id
    ) THEN
        RAISE EXCEPTION 'A piece descends from itself' USING ERRCODE = 'check_violation', CONSTRAINT = 'samples_descent_is_acyclic';
    END IF;
    IF (SELECT child.contamination < parent.contamination FROM samples_split AS child, samples_split AS parent
        WHERE child.id = NEW.child_id AND parent.id = NEW.parent_id) THEN
        RAISE EXCEPTION 'A piece is cleaner than what it is made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'samples_contamination_only_rises';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION samples_contamination() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM samples_parentage AS p JOIN samples_split AS child ON child.id = p.child_id
        WHERE p.parent_id = NEW.id AND child.contamination < NEW.contamination
    ) THEN
        RAISE EXCEPTION 'A piece is cleaner than what it is made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'samples_contamination_only_rises';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER samples_descent AFTER INSERT ON samples_parentage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION samples_descent();
-- A parent that was found to be dirty makes its children dirty in the same transaction, in whatever order.
CREATE CONSTRAINT TRIGGER samples_contamination AFTER UPDATE OF contamination ON samples_split
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION samples_contamination();
"""

BACK = """
DROP TRIGGER samples_contamination ON samples_split;
DROP TRIGGER samples_descent ON samples_parentage;
DROP FUNCTION samples_contamination();
DROP FUNCTION samples_descent();
"""


class Migration(migrations.Migration):
    dependencies = [("samples", "0001_tables")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
