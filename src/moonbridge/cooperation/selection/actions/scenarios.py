"""Keep what was tried in the studio, with a name and a note; withdraw it, and bring it back."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.selection import whatifs
from moonbridge.cooperation.selection.actions.holding import held_to_decide
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Recommendation, Scenario
from moonbridge.engines.selection.result import Result
from moonbridge.errors import InputError
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

LONGEST_NAME: Final = 80
LONGEST_NOTE: Final = 4000


def keep_scenario(
    recommendation: Recommendation,
    levers: Levers,
    changes: Changes,
    result: Result,
    *,
    name: str,
    note: str,
    by: User,
    command: UUID,
) -> Scenario:
    """Keep a changed problem and the portfolio found for it; it decides nothing and changes no recommendation."""
    asked = levers.query(changes, on=recommendation.number)

    def act() -> str:
        held_to_decide(recommendation.opportunity, by)
        _check(name, note)
        kept = Scenario.objects.create(
            recommendation=recommendation, name=name.strip(), note=note.strip(), changes=asked,
            answer=whatifs.kept(result), by=by,
        )  # fmt: skip
        return str(kept.pk)

    content = {"recommendation": str(recommendation.pk), "changes": asked, "name": name, "note": note}
    return Scenario.objects.get(pk=once(command, "selection.keep_scenario", content, act, by=by))


def _check(name: str, note: str) -> None:
    if not name.strip():
        raise InputError(_("Give the scenario a name."), field="name")
    if len(name.strip()) > LONGEST_NAME:
        raise InputError(_("A name has at most %(most)s characters.") % {"most": LONGEST_NAME}, field="name")
    if len(note) > LONGEST_NOTE:
        raise InputError(_("A note has at most %(most)s characters.") % {"most": LONGEST_NOTE}, field="note")
    if "\x00" in name + note:
        raise InputError(_("This text holds a character that cannot be stored."), field="name")


@transaction.atomic
def withdraw_scenario(scenario: Scenario, *, by: User) -> None:
    """Put a scenario aside; withdrawn twice, it is withdrawn once."""
    held_to_decide(scenario.recommendation.opportunity, by)
    Scenario.objects.filter(pk=scenario.pk, withdrawn_at=None).update(withdrawn_at=database_now())


@transaction.atomic
def restore_scenario(scenario: Scenario, *, by: User) -> None:
    """Bring a withdrawn scenario back."""
    held_to_decide(scenario.recommendation.opportunity, by)
    Scenario.objects.filter(pk=scenario.pk).update(withdrawn_at=None)
