"""Work out in a job what takes longer than a page of the studio; its answer is kept and found again by its question."""

import json
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.selection import frontiers, notices, robust, whatifs
from moonbridge.cooperation.selection.candidates import digest_of
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Recommendation, Study
from moonbridge.cooperation.selection.results import BROKE, in_time, within
from moonbridge.cooperation.selection.states import SOLVES, SolveState
from moonbridge.cooperation.selection.studies import PORTFOLIO, ROBUSTNESS, known
from moonbridge.engines.selection.frontier import frontier
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.stopping import Progress
from moonbridge.errors import InputError, MoonbridgeError, Refused
from moonbridge.formats.calls.read import call_from_text
from moonbridge.formats.calls.write import call_data
from moonbridge.record.actions import once

AT_MOST: Final = 600.0
"""Seconds after which a job gives up."""


def study(
    recommendation: Recommendation, levers: Levers, changes: Changes, *, about: str, by: User, command: UUID
) -> Study:
    """Ask for the best portfolio of a changed problem, or for its frontier along ``about``; one at a time for each recommendation.

    What was worked out before is not worked out again.
    """
    asked = levers.query(changes, on=recommendation.number)

    def act() -> str:
        held_by_office(recommendation.opportunity, by)
        if about == ROBUSTNESS:
            robust.require_covariance(recommendation)
        elif about != PORTFOLIO and about not in levers.measures:
            raise InputError(_("Merit cannot be weighed against “%(along)s”.") % {"along": about[:20]}, field="about")
        problem = levers.changed(changes)
        before = known(recommendation, problem, about).filter(state=SolveState.DONE).first()
        return str((before or _begun(recommendation, problem, about, asked, by)).pk)

    content = {"recommendation": str(recommendation.pk), "changes": asked, "about": about}
    return Study.objects.get(pk=once(command, "selection.study", content, act, by=by))


def _begun(recommendation: Recommendation, problem: Problem, about: str, asked: str, by: User) -> Study:
    if recommendation.studies.filter(state=SolveState.RUNNING).exists():
        raise Refused(_("The studio is at work on another question; wait for it or cancel it."))
    begun = Study.objects.create(
        recommendation=recommendation, about=about, problem=call_data(problem), digest=digest_of(problem), changes=asked,
        by=by,
    )  # fmt: skip
    notices.begin(begun)
    return begun


def carry_out_study(held: Study) -> None:
    """Work a study out; one that is finished or cancelled is left alone, and one that is cancelled meanwhile stops.

    What breaks is marked as failed, so that it can be asked for again, and raised.
    """
    if held.state != SolveState.RUNNING:
        return
    effort = within(AT_MOST, stopped=lambda: _is_over(held))()
    try:
        with in_time():
            problem = call_from_text(json.dumps(held.problem), "json")
            _end(held, "finish", answer=_answer(held, problem, effort, _telling(held)))
    except MoonbridgeError as error:
        _end(held, "fail", refusal=error.as_dict())
    except BaseException:
        _end(held, "fail", refusal=MoonbridgeError(BROKE).as_dict())
        raise


def _is_over(held: Study) -> bool:
    return not Study.objects.filter(pk=held.pk, state=SolveState.RUNNING).exists()


def _telling(held: Study) -> Progress:
    """Return what writes down how far a study is, in percent: a measure may be counted in very small units."""

    def tell(done: int, total: int, _what: str) -> None:
        percent = 100 * done // total if total else 0
        Study.objects.filter(pk=held.pk, state=SolveState.RUNNING).update(done=percent, total=100)

    return tell


def _answer(held: Study, problem: Problem, effort: Effort, tell: Progress) -> dict[str, Any]:
    about = held.about
    if about == ROBUSTNESS:
        covariance = robust.require_covariance(held.recommendation)
        return robust.kept(problem, covariance, effort=effort, progress=tell)
    if about == PORTFOLIO:
        return whatifs.kept(optimum(problem, effort=effort, progress=tell, cancelled=effort.cancelled))
    measure = Levers(problem).measures[about]
    return frontiers.kept(frontier(problem, measure, effort=effort, progress=tell, cancelled=effort.cancelled))


@transaction.atomic
def _end(held: Study, verb: str, **found: Any) -> None:
    current = Study.objects.select_for_update().get(pk=held.pk)
    if current.state == SolveState.RUNNING:
        current.state = SOLVES.after(verb, current.state)
        for name, value in found.items():
            setattr(current, name, value)
        current.save(update_fields=["state", *found])


@transaction.atomic
def cancel_study(held: Study, *, by: User) -> None:
    """Stop a running study; cancelled twice, it is cancelled once."""
    held_by_office(held.recommendation.opportunity, by)
    current = Study.objects.select_for_update().get(pk=held.pk)
    if current.state != SolveState.CANCELLED:
        current.state = SOLVES.after("cancel", current.state)
        current.save(update_fields=["state"])
