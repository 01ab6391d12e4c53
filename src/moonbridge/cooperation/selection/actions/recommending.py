"""Let the solver recommend a portfolio: at once where that takes seconds, else as a job that one can watch and cancel."""

import json
from collections.abc import Callable
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
from moonbridge.cooperation.selection.candidates import candidates
from moonbridge.cooperation.selection.certificates import certified
from moonbridge.cooperation.selection.models import Purpose, Recommendation, Solve
from moonbridge.cooperation.selection.results import Tick, found, steps, within
from moonbridge.cooperation.selection.states import SOLVES, SolveState
from moonbridge.engines.ledger import seal
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible, MoonbridgeError, NotProven, Refused
from moonbridge.formats.calls.certificate import public_part
from moonbridge.formats.calls.read import call_from_text
from moonbridge.formats.calls.write import call_data
from moonbridge.record.actions import append, once
from moonbridge.record.queries import signer

AT_ONCE: Final = 8.0
"""Seconds that a visitor waits for a page before the work goes on as a job."""
AT_MOST: Final = 600.0
"""Seconds after which a job gives up."""


class _Stopped(Exception):  # noqa: N818 - somebody stopped it; nothing went wrong
    """The solve was cancelled, or finished elsewhere."""


def recommend(opportunity: Opportunity, *, by: User, command: UUID, seconds: float = AT_ONCE) -> Solve:
    """Ask for the best portfolio of the present scores, rules and overrides, explained.

    Within ``seconds`` the answer is there (``solve.recommendation``); a longer search goes on as a job, whose progress the solve tells.
    """
    fresh: list[Solve] = []

    def act() -> str:
        held = held_by_office(opportunity, by)
        TRANSITIONS.after("decide", held.state)
        if held.solves.filter(state=SolveState.RUNNING).exists():
            raise Refused(_("A recommendation is being worked out already; wait for it or cancel it."))
        problem = candidates(held)
        fresh.append(Solve.objects.create(opportunity=held, problem=call_data(problem), total=steps(problem), by=by))
        notices.carry_on(fresh[0], after=seconds)
        return str(fresh[0].pk)

    key = once(command, "selection.recommend", {"opportunity": str(opportunity.pk)}, act, by=by)
    if fresh:
        _try_at_once(fresh[0], seconds)
    return Solve.objects.select_related("recommendation").get(pk=key)


def _try_at_once(solve: Solve, seconds: float) -> None:
    """Carry the solve out now if that is possible in time; otherwise the job that waits for it takes over."""
    try:
        _carry_out(solve, within(seconds))
    except NotProven:
        Solve.objects.filter(pk=solve.pk, state=SolveState.RUNNING).update(done=0)


def carry_out(solve: Solve, *, seconds: float = AT_MOST) -> None:
    """Carry a solve out in a job; one that is finished or cancelled is left alone."""
    try:
        _carry_out(solve, within(seconds))
    except NotProven as error:
        _fail(solve, error)


def _carry_out(solve: Solve, effort: Callable[[], Effort]) -> None:
    problem = call_from_text(json.dumps(solve.problem), "json")
    try:
        result = found(problem, tick=_ticking(solve), effort=effort)
    except _Stopped:
        return
    except Infeasible as error:
        _fail(solve, error)
    else:
        _finish(solve, result)


def _ticking(solve: Solve) -> Tick:
    def tick() -> None:
        if not Solve.objects.filter(pk=solve.pk, state=SolveState.RUNNING).update(done=F("done") + 1):
            raise _Stopped

    return tick


@transaction.atomic
def _finish(solve: Solve, result: dict[str, Any]) -> None:
    held = Opportunity.objects.select_for_update(of=("self",)).select_related("agency").get(pk=solve.opportunity_id)
    current = Solve.objects.select_for_update().get(pk=solve.pk)
    if current.state != SolveState.RUNNING:
        return
    current.recommendation = keep(held, current.problem, result, by=current.by)
    current.state = SOLVES.after("finish", current.state)
    current.done = current.total
    current.save(update_fields=["recommendation", "state", "done"])


def keep(
    opportunity: Opportunity,
    problem: dict[str, Any],
    result: dict[str, Any],
    *,
    by: User | None,
    purpose: Purpose = Purpose.DECISION,
) -> Recommendation:
    """Store what was found, certified, with exactly the problem that was solved; the caller holds the lock of ``opportunity``."""
    whole = certified(problem, result)
    kept = Recommendation.objects.create(
        opportunity=opportunity, number=opportunity.recommendations.count() + 1, purpose=purpose, problem=problem,
        problem_digest=seal.digest(problem), result=result, proven=True, by=by, certificate=whole,
        public_certificate=public_part(whole, signer()),
    )  # fmt: skip
    facts = {
        "recommendation": kept.number, "purpose": str(purpose), "problem": kept.problem_digest,
        "certificate": kept.certificate_digest,
    }  # fmt: skip
    append("recommend", opportunity.address, facts, agency=opportunity.agency.slug, by=by)
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
