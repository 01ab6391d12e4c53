"""What the database itself refuses: a published opportunity whose terms change without an amendment that says so."""

import pgtrigger
from django.db import models

from moonbridge.cooperation.opportunities.states import State

_UNANNOUNCED = """
IF EXISTS (
    SELECT 1 FROM opportunities_opportunity AS o
    WHERE o.id IN ({ids}) AND o.state <> 'draft' AND NOT EXISTS (
        SELECT 1 FROM opportunities_amendment AS a
        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint
    )
) THEN
    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class CurrentTransaction(models.Func):
    """The id of the running transaction, the same inside its savepoints."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


def _announced(
    ids: str, operation: pgtrigger.Operation, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="changes_by_amendment",
        when=pgtrigger.Before,
        operation=operation,
        condition=condition,
        func=_UNANNOUNCED.format(ids=ids),
    )


def part_of_terms() -> pgtrigger.Trigger:
    """Return the trigger for rows that belong to an opportunity's terms, such as the lines of its envelope."""
    every = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    return _announced("NEW.opportunity_id, OLD.opportunity_id", every)


def promises() -> pgtrigger.Trigger:
    """Return the trigger for promised dates; that a promise was kept is noted without an amendment."""
    return _announced(
        "NEW.opportunity_id",
        pgtrigger.Update,
        pgtrigger.AnyChange("opportunity", "stage", "promised", "first_promised"),
    )


def promises_stay() -> pgtrigger.Trigger:
    """Return the trigger that keeps a published promise in sight: it may move by amendment, but never vanish."""
    return pgtrigger.Trigger(
        name="promises_stay",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF EXISTS (SELECT 1 FROM opportunities_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.state <> 'draft') THEN
                IF TG_OP = 'DELETE' OR (OLD.promised IS NOT NULL AND NEW.promised IS NULL) THEN
                    RAISE EXCEPTION 'A published promise may move, but not vanish';
                END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


def terms(*fields: str) -> pgtrigger.Trigger:
    """Return the trigger for the ``fields`` of the opportunity itself that are terms."""
    return _announced("OLD.id", pgtrigger.Update, pgtrigger.AnyChange(*fields))


def review_mode_stays() -> pgtrigger.Trigger:
    """Return the trigger that keeps who learns whose name: a published call takes proposals at once, written by that promise."""
    return pgtrigger.Protect(
        name="review_mode_stays",
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__review_mode__df=pgtrigger.F("new__review_mode"))
        & ~pgtrigger.Q(old__state=State.DRAFT),
    )


def lottery_stays() -> pgtrigger.Trigger:
    """Return the trigger that keeps how close is equal: known before anybody proposes, it favours nobody."""
    return pgtrigger.Protect(
        name="lottery_stays",
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__lottery_within__df=pgtrigger.F("new__lottery_within"))
        & ~pgtrigger.Q(old__state=State.DRAFT),
    )


def published_once() -> pgtrigger.Trigger:
    """Return the trigger that keeps the instant of publication: nothing is published twice."""
    return pgtrigger.Protect(
        name="published_once",
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__published_at__df=pgtrigger.F("new__published_at"))
        & ~pgtrigger.Q(old__state=State.DRAFT),
    )


def deadline_only_moves_later() -> pgtrigger.Trigger:
    """Return the trigger that keeps a published deadline from coming sooner, which no amendment could make fair."""
    sooner = pgtrigger.Q(new__deadline__lt=pgtrigger.F("old__deadline"), old__origin="real")
    return pgtrigger.Protect(
        name="deadline_only_moves_later",
        operation=pgtrigger.Update,
        condition=sooner & ~pgtrigger.Q(old__state=State.DRAFT),
    )
