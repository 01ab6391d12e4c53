"""Let the solver recommend a portfolio: at once where that takes seconds, else as a job that one can watch and cancel."""

import json
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import TRANSITIONS
from moonbridge.cooperation.selection import notices
from moonbridge.cooperation.selection.afterwards import eased
from moonbridge.cooperation.selection.candidates import candidates
from moonbridge.cooperation.selection.certificates import certified
from moonbridge.cooperation.selection.models import Purpose, Recommendation, Solve
from moonbridge.cooperation.selection.results import BROKE, Efforts, Tick, contradicts, found, in_time, steps, within
from moonbridge.cooperation.selection.states import SOLVES, SolveState
from moonbridge.engines.ledger import seal
from moonbridge.engines.selection.problem import Problem
from moonbridge.errors import Cancelled, Infeasible, MoonbridgeError, NotProven, Refused
from moonbridge.formats.calls.certificate import public_part
from moonbridge.formats.calls.read import call_from_text
from moonbridge.formats.calls.write import call_data
from moonbridge.record.actions import append, once
from moonbridge.record.queries import signer

AT_ONCE: Final = 1.5
"""Seconds that a visitor waits for a page before the work goes on as a job."""
AT_MOST: Final = 600.0
"""Seconds after which a job gives up."""


def recommend(opportunity: Opportunity, *, by: User, command: UUID, seconds: float = AT_ONCE) -> Solve:
    """Ask for the best portfolio of the present scores, rules and overrides, explained.

    Within ``seconds`` the answer is there (``solve.recommendation``); a longer search goes on as a job, whose progress the solve
    tells. The end of the time stops a search in its midst, too; with 0 seconds nothing is tried before the job.
    """
    fresh: list[Solve] = []

    def act() -> str:
        held = held_by_office(opportunity, by)
        TRANSITIONS.after("decide", held.state)
        if held.solves.filter(purpose=Purpose.DECISION, state=SolveState.RUNNING).exists():
            raise Refused(_("A recommendation is being worked out already; wait for it or cancel it."))
        problem = candidates(held)
        fresh.append(Solve.objects.create(opportunity=held, problem=call_data(problem), total=steps(problem), by=by))
        notices.carry_on(fresh[0], after=seconds)
        return str(fresh[0].pk)

    key = once(command, "selection.recommend", {"opportunity": str(opportunity.pk)}, act, by=by)
    if fresh and seconds:
        _try_at_once(fresh[0], seconds)
    return Solve.objects.select_related("recommendation").get(pk=key)


def _try_at_once(solve: Solve, seconds: float) -> None:
    """Carry the solve out now if that is possible in time; otherwise the job that waits for it takes over."""
    try:
        _carry_out(solve, within(seconds))
    except NotProven:
        Solve.objects.filter(pk=solve.pk, state=SolveState.RUNNING).update(done=0)


def carry_out(solve: Solve, *, seconds: float = AT_MOST) -> None:
    """Carry a solve out in a job; one that is finished or cancelled is left alone, and one that is cancelled meanwhile stops."""
    if not _is_wanted(solve):
        return
    try:
        _carry_out(solve, within(seconds, stopped=lambda: not _is_wanted(solve)))
    except NotProven as error:
        _fail(solve, error)


def _carry_out(solve: Solve, effort: Efforts) -> None:
    """Find, and keep what is found; raises NotProven. What breaks is marked as failed, so that it can be asked for again, and raised."""
    try:
        problem = _solvable(solve, effort)
        _finish(solve, problem, found(problem, tick=_ticking(solve), effort=effort))
    except NotProven:
        raise
    except Infeasible as error:
        _fail(solve, error)
    except BaseException:
        _fail(solve, MoonbridgeError(BROKE))
        raise


def _solvable(solve: Solve, effort: Efforts) -> Problem:
    """Return the problem; where places are free and the wishes of the call cannot be kept any more, without these wishes."""
    problem = call_from_text(json.dumps(solve.problem), "json")
    with in_time():
        wishes = solve.purpose == Purpose.DECISION or not contradicts(problem, effort())
    return problem if wishes else eased(problem)


def _is_wanted(solve: Solve) -> bool:
    return Solve.objects.filter(pk=solve.pk, state=SolveState.RUNNING).exists()


def _ticking(solve: Solve) -> Tick:
    def tick() -> None:
        if not Solve.objects.filter(pk=solve.pk, state=SolveState.RUNNING).update(done=F("done") + 1):
            raise Cancelled("The search was cancelled, or finished elsewhere.")

    return tick


@transaction.atomic
def _finish(solve: Solve, problem: Problem, result: dict[str, Any]) -> None:
    held = Opportunity.objects.select_for_update(of=("self",)).select_related("agency").get(pk=solve.opportunity_id)
    current = Solve.objects.select_for_update().get(pk=solve.pk)
    if current.state != SolveState.RUNNING:
        return
    current.recommendation = _kept(held, current, call_data(problem), result)
    current.state = SOLVES.after("finish", current.state)
    current.done = current.total
    current.save(update_fields=["recommendation", "state", "done"])


def _kept(opportunity: Opportunity, solve: Solve, problem: dict[str, Any], result: dict[str, Any]) -> Recommendation:
    """Store what was found, certified, with exactly the problem that was solved; the caller holds the lock of ``opportunity``."""
    whole = certified(problem, result)
    kept = Recommendation.objects.create(
        opportunity=opportunity, number=opportunity.recommendations.count() + 1, purpose=solve.purpose, problem=problem,
        problem_digest=seal.digest(problem), result=result, proven=True, by=solve.by, certificate=whole,
        public_certificate=public_part(whole, signer()),
    )  # fmt: skip
    facts = {
        "recommendation": kept.number, "purpose": str(solve.purpose), "problem": kept.problem_digest,
        "certificate": kept.certificate_digest,
    }  # fmt: skip
    append("recommend", opportunity.address, facts, agency=opportunity.agency.slug, by=solve.by)
    return kept


@transaction.atomic
def _fail(solve: Solve, error: MoonbridgeError) -> None:
    current = Solve.objects.select_for_update().get(pk=solve.pk)
    if current.state == SolveState.RUNNING:
        current.state, current.refusal = SOLVES.after("fail", current.state), error.as_dict()
        current.save(update_fields=["state", "refusal"])


@transaction.atomic
def cancel(solve: Solve, *, by: User) -> None:
    """Stop a running solve; cancelled twice, it is cancelled once."""
    held_by_office(solve.opportunity, by)
    current = Solve.objects.select_for_update().get(pk=solve.pk)
    if current.state != SolveState.CANCELLED:
        current.state = SOLVES.after("cancel", current.state)
        current.save(update_fields=["state"])
