"""What the database itself refuses: a review in conflict, a mark outside its scale, a submitted review that changes."""

from functools import reduce
from operator import or_

import pgtrigger

from moonbridge.cooperation.review.states import ACTIVE, ReviewState

_ACTIVE = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
_IN_CONFLICT = """
IF NEW.state IN ({active}) AND EXISTS (
    SELECT 1 FROM review_item AS i JOIN review_seat AS s ON s.id = NEW.seat_id
    WHERE i.id = NEW.item_id AND (
        EXISTS (SELECT 1 FROM review_conflict AS c WHERE c.proposal_id = i.proposal_id AND c.user_id = s.user_id AND c.standing)
        OR EXISTS (SELECT 1 FROM proposals_teammember AS m WHERE m.proposal_id = i.proposal_id AND m.user_id = s.user_id)
    )
) THEN
    RAISE EXCEPTION 'Nobody reviews a proposal with which they have a conflict';
END IF;
RETURN NEW;
"""
_STILL_REVIEWING = """
IF NEW.standing AND EXISTS (
    SELECT 1 FROM review_review AS r
    JOIN review_item AS i ON i.id = r.item_id JOIN review_seat AS s ON s.id = r.seat_id
    WHERE i.proposal_id = NEW.proposal_id AND s.user_id = NEW.user_id AND r.state IN ({active})
) THEN
    RAISE EXCEPTION 'A conflict stands only when the reviews of that person on that proposal have ended';
END IF;
RETURN NULL;
"""
_PANEL = """
IF NOT EXISTS (
    SELECT 1 FROM review_item AS i JOIN review_seat AS s ON s.panel_id = i.panel_id
    WHERE i.id = NEW.item_id AND s.id = NEW.seat_id
) THEN
    RAISE EXCEPTION 'A review is given by a member of the panel before which the proposal is';
END IF;
RETURN NEW;
"""
_SAME_CALL = """
IF NOT EXISTS (
    SELECT 1 FROM review_panel AS p JOIN review_round AS r ON r.id = p.round_id
    JOIN proposals_proposal AS o ON o.opportunity_id = r.opportunity_id
    WHERE p.id = NEW.panel_id AND o.id = NEW.proposal_id
) THEN
    RAISE EXCEPTION 'A panel judges proposals for its own opportunity';
END IF;
RETURN NEW;
"""
_SCALE = """
IF NEW.value_permille IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM opportunities_criterion AS c
    JOIN review_panel_criteria AS pc ON pc.criterion_id = c.id
    JOIN review_item AS i ON i.panel_id = pc.panel_id JOIN review_review AS r ON r.item_id = i.id
    WHERE r.id = NEW.review_id AND c.id = NEW.criterion_id
      AND NEW.value_permille BETWEEN c.lowest * 1000 AND c.highest * 1000
) THEN
    RAISE EXCEPTION 'A mark lies within the scale of a criterion of its panel';
END IF;
RETURN NEW;
"""
_MARKS_STAY = """
IF EXISTS (SELECT 1 FROM review_review AS r WHERE r.id IN (NEW.review_id, OLD.review_id) AND r.state <> 'draft') THEN
    RAISE EXCEPTION 'Marks change while their review is being written only';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


def stays(name: str) -> pgtrigger.Protect:
    """Return the trigger that keeps rows as they were written."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def review_without_conflict() -> pgtrigger.Trigger:
    """Return the trigger that lets nobody hold an active review of a proposal with which they have a standing conflict."""
    return _before("review_without_conflict", _IN_CONFLICT.format(active=_ACTIVE))


def no_active_review_in_conflict() -> pgtrigger.Trigger:
    """Return the trigger that refuses, at the end of the transaction, a standing conflict beside an active review."""
    return pgtrigger.Trigger(
        name="no_active_review_in_conflict",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        func=_STILL_REVIEWING.format(active=_ACTIVE),
    )


def review_within_its_panel() -> pgtrigger.Trigger:
    """Return the trigger that keeps reviewer and proposal in one panel."""
    return _before("review_within_its_panel", _PANEL)


def item_of_the_same_call() -> pgtrigger.Trigger:
    """Return the trigger that keeps panels to the proposals of their opportunity."""
    return _before("item_of_the_same_call", _SAME_CALL)


def mark_within_its_scale() -> pgtrigger.Trigger:
    """Return the trigger that keeps marks on the scales of the panel's criteria."""
    return _before("mark_within_its_scale", _SCALE)


def submitted_marks_stay() -> pgtrigger.Trigger:
    """Return the trigger that lets marks change while their review is a draft only."""
    every = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    return pgtrigger.Trigger(name="submitted_marks_stay", when=pgtrigger.Before, operation=every, func=_MARKS_STAY)


def submitted_review_stays() -> pgtrigger.Trigger:
    """Return the trigger that keeps what a submitted review says; it is reopened first, which its history shows."""
    said = ("to_team", "confidential", "expertise", "verdict")
    changed = reduce(or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in said))
    submitted = pgtrigger.Q(old__state=ReviewState.SUBMITTED)
    return pgtrigger.Protect(name="submitted_review_stays", operation=pgtrigger.Update, condition=submitted & changed)


def _before(name: str, func: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update, func=func)
