"""Nothing promised twice, guarded by the database across three stages.

At the end of every transaction, the places of a published decision fit its envelope: for each line, what the options that fly ask
together is at most the total without the margin held back, and what each asks is at most what one item may have. The same is
asked again when a demand or a line of the envelope changes later. And when a decision is published, every proposal that was
received has its outcome.

Transactions that end at the same time wait for each other on the row of the decision, so that the later one sees the earlier one's outcomes.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION selection_nothing_promised_twice(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    decided uuid;
    broken text;
BEGIN
    SELECT opportunity_id INTO decided FROM selection_decision WHERE id = checked AND state = 'published' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%s %s: %s asked of %s', line.resource, line.name, line.asked, line.offered), '; ')
    INTO broken
    FROM (
        SELECT l.resource, l.name, sum(d.amount) AS asked, l.total - l.margin AS offered
        FROM opportunities_envelopeline AS l
        JOIN proposals_demand AS d ON d.line_id = l.id
        JOIN selection_outcome AS o ON o.option_id = d.option_id
        WHERE l.opportunity_id = decided AND o.decision_id = checked AND o.kind IN ('selected', 'conditional')
        GROUP BY l.id
        HAVING sum(d.amount) > l.total - l.margin OR max(d.amount) > l.per_item
    ) AS line;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'Nothing may be promised twice: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_promised_twice';
    END IF;
END $$;

CREATE FUNCTION selection_everybody_has_an_outcome(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    forgotten text;
BEGIN
    SELECT string_agg(p.code, ', ') INTO forgotten
    FROM selection_decision AS d
    JOIN proposals_proposal AS p ON p.opportunity_id = d.opportunity_id
    LEFT JOIN selection_outcome AS o ON o.proposal_id = p.id
    WHERE d.id = checked AND d.state = 'published' AND p.state IN ('submitted', 'merged') AND o.id IS NULL;
    IF forgotten IS NOT NULL THEN
        RAISE EXCEPTION 'These proposals have no outcome: %', forgotten
            USING ERRCODE = 'check_violation', CONSTRAINT = 'everybody_has_an_outcome';
    END IF;
END $$;

CREATE FUNCTION selection_after_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM selection_nothing_promised_twice(NEW.id);
    PERFORM selection_everybody_has_an_outcome(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION selection_after_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM selection_nothing_promised_twice(NEW.decision_id);
    RETURN NULL;
END $$;

CREATE FUNCTION selection_after_demand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM selection_nothing_promised_twice(o.decision_id) FROM selection_outcome AS o WHERE o.option_id = NEW.option_id;
    RETURN NULL;
END $$;

CREATE FUNCTION selection_after_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM selection_nothing_promised_twice(d.id) FROM selection_decision AS d WHERE d.opportunity_id = NEW.opportunity_id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER nothing_promised_twice AFTER INSERT OR UPDATE ON selection_decision
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION selection_after_decision();
CREATE CONSTRAINT TRIGGER nothing_promised_twice AFTER INSERT OR UPDATE ON selection_outcome
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION selection_after_outcome();
CREATE CONSTRAINT TRIGGER nothing_promised_twice AFTER INSERT OR UPDATE ON proposals_demand
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION selection_after_demand();
CREATE CONSTRAINT TRIGGER nothing_promised_twice AFTER UPDATE ON opportunities_envelopeline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION selection_after_line();
"""

TABLES = {
    "selection_decision": "selection_after_decision",
    "selection_outcome": "selection_after_outcome",
    "proposals_demand": "selection_after_demand",
    "opportunities_envelopeline": "selection_after_line",
}

BACK = "\n".join(
    [
        *(f"DROP TRIGGER nothing_promised_twice ON {table};" for table in TABLES),
        *(f"DROP FUNCTION {function}();" for function in TABLES.values()),
        "DROP FUNCTION selection_everybody_has_an_outcome(uuid);",
        "DROP FUNCTION selection_nothing_promised_twice(uuid);",
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("opportunities", "0001_tables"),
        ("proposals", "0001_tables"),
        ("selection", "0001_tables"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS, BACK)]
