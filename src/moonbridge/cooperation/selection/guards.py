"""What the database itself refuses: a published outcome that changes in any other way than by losing, fulfilling or calling up.

So is a statement of the panel about another call's proposals, or after the decision.
That nothing is promised twice is guarded across the tables of three stages, in migration 0002.
"""

import pgtrigger

from moonbridge.cooperation.selection.states import OUTCOMES, OutcomeKind

_FIXED = (
    "id", "decision_id", "proposal_id", "condition", "merged_into_id", "reserve_rank", "merit", "explanation", "note",
)  # fmt: skip
"""Columns of an outcome that nothing changes after publication."""
_PUBLISHED = """
IF TG_OP <> 'DELETE' AND NOT EXISTS (
    SELECT 1 FROM proposals_proposal AS p JOIN selection_decision AS d ON d.opportunity_id = p.opportunity_id
    WHERE p.id = NEW.proposal_id AND d.id = NEW.decision_id
) THEN
    RAISE EXCEPTION 'An outcome belongs to the decision on the opportunity of its proposal';
END IF;
IF TG_OP <> 'DELETE' AND NEW.option_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM proposals_option AS o WHERE o.id = NEW.option_id AND o.proposal_id = NEW.proposal_id
) THEN
    RAISE EXCEPTION 'The option of an outcome belongs to its proposal';
END IF;
IF EXISTS (
    SELECT 1 FROM selection_decision AS d
    WHERE d.id IN (NEW.decision_id, OLD.decision_id) AND d.state = 'published'
) THEN
    IF TG_OP <> 'UPDATE' OR (OLD.kind, NEW.kind) NOT IN ({moves})
        OR ({old}) IS DISTINCT FROM ({new})
        OR (OLD.kind <> '{reserve}' AND OLD.option_id IS DISTINCT FROM NEW.option_id)
    THEN
        RAISE EXCEPTION 'A published outcome changes only by losing, fulfilling or calling up';
    END IF;
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


def published_outcomes_stay() -> pgtrigger.Trigger:
    """Return the trigger; its list of moves is that of ``OUTCOMES``. Only a call-up from the reserve may choose another option."""
    moves = ", ".join(f"('{source}', '{target}')" for source, target in OUTCOMES.pairs())
    old, new = (", ".join(f"{row}.{column}" for column in _FIXED) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="published_outcomes_stay",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_PUBLISHED.format(moves=moves, reserve=OutcomeKind.RESERVE, old=old, new=new),
    )


_ABOUT_ITS_OWN = """
IF EXISTS (SELECT 1 FROM selection_decision AS d WHERE d.opportunity_id = {call} AND d.state = 'published') THEN
    RAISE EXCEPTION 'What the panel stated stays as it is once the decision is published';
END IF;
IF NEW.proposal_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM proposals_proposal AS p WHERE p.id = NEW.proposal_id AND p.opportunity_id = {call}
) THEN
    RAISE EXCEPTION 'A statement is about proposals of its own call';
END IF;
RETURN NEW;
"""
_CALL_OF_MEMBER = "(SELECT s.opportunity_id FROM selection_statement AS s WHERE s.id = NEW.statement_id)"


def statements_end_with_the_decision() -> pgtrigger.Trigger:
    """Return the trigger that keeps a statement from being made or withdrawn after the decision, and about another call."""
    return _about_its_own("statements_end_with_decision", "NEW.opportunity_id", pgtrigger.Insert | pgtrigger.Update)


def members_are_of_the_call() -> pgtrigger.Trigger:
    """Return the trigger that keeps proposals of other calls out of a statement, and all once the decision is published."""
    return _about_its_own("members_are_of_the_call", _CALL_OF_MEMBER, pgtrigger.Insert)


def _about_its_own(name: str, call: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.Before, operation=operation, func=_ABOUT_ITS_OWN.format(call=call)
    )
