"""What the solver found, as the plain data that a :class:`~moonbridge.cooperation.selection.models.Recommendation` keeps.

``choices``
    which option of which proposal flies, by their names;
``value``
    the total merit, as a number from 0 to 100 per proposal, in decimal text;
``bound``
    the total merit of the best portfolio, which is that of the chosen one unless the call's lottery near the line took another. Results
    from before there were such lotteries have none;
``solver``
    what computed it;
``usage``
    for each limit its element and resource, what is ``used`` and ``usable`` in base units, and ``by`` whom;
``explanations``
    for each proposal why it is in or out, as :func:`plain` gives it;
``comes_in``
    for each proposal left out: after how many of the possible single losses it would come in (of ``losses`` in all);
``prices``
    for each rule and synergy, by its name in the studio (:mod:`moonbridge.cooperation.selection.levers`), what it costs: the merit that
    the best portfolio would have more if it alone did not hold, in decimal text. Results from before prices were kept have none.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext_noop

from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.engines.selection import rules
from moonbridge.engines.selection.explain import explain
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Problem, merit_text
from moonbridge.engines.selection.program import compiled
from moonbridge.engines.selection.reserve import Repair, repaired
from moonbridge.engines.selection.result import Amount, Change, Explanation, OtherOption, Reason, Result, Shortage
from moonbridge.engines.selection.solver import Effort, maximise
from moonbridge.engines.selection.stopping import Cancel
from moonbridge.errors import Cancelled, Infeasible, NotProven

_KNOWN: Final = {
    kind.__name__: kind
    for kind in (
        Amount, Change, Limit, OtherOption, Shortage, rules.Breadth, rules.Conflict, rules.Fixed, rules.GroupAmount, rules.GroupCount,
        rules.GroupPart, rules.GroupShares, rules.Needs,
    )
}  # fmt: skip
"""What an explanation is made of."""

TIME_RAN_OUT: Final = gettext_noop("Time ran out before everything was proven and explained.")
BROKE: Final = gettext_noop(
    "The search broke off: a fault of the program, not of the call. Ask for it again; the log of this site has the fault."
)
"""In English in what is kept; pages translate it."""
_GRACE: Final = 0.1
"""Seconds after which a solve that has not heeded its time limit is stopped."""

type Tick = Callable[[], None]
"""Called after each step of a long work; whoever watches may stop it by raising :class:`Cancelled`."""
type Efforts = Callable[[], Effort]
"""Asked before each solve how long it may take; raises NotProven when no time is left."""


def within(seconds: float, *, stopped: Cancel | None = None) -> Efforts:
    """Return efforts that all end so many seconds from now, also inside a solve; asked for one after that, it raises :class:`NotProven`.

    ``stopped`` is asked as well whether the work is no longer wanted. Work with these efforts inside :func:`in_time`.
    """
    end = time.monotonic() + seconds

    def over() -> bool:
        return time.monotonic() >= end + _GRACE or (stopped is not None and stopped())

    def effort() -> Effort:
        left = end - time.monotonic()
        if left <= 0:
            raise NotProven(TIME_RAN_OUT)
        return Effort(time_limit=left, cancelled=over)

    return effort


@contextmanager
def in_time() -> Iterator[None]:
    """Take a solve that was stopped at the end of its time for one that ran out of time."""
    try:
        yield
    except Cancelled:
        raise NotProven(TIME_RAN_OUT, value=None, bound=None) from None


def contradicts(problem: Problem, effort: Effort) -> bool:
    """Return whether it is sure that no portfolio keeps all rules and limits; finding that out names no causes, and takes one solve."""
    return maximise(compiled(problem), {}, effort=effort).infeasible


def steps(problem: Problem) -> int:
    """Return how many steps :func:`found` takes at most."""
    return 1 + 2 * len(problem.proposals) + len(Levers(problem).switches)


@in_time()
def found(problem: Problem, *, tick: Tick, effort: Efforts) -> dict[str, Any]:
    """Solve ``problem`` to proven optimality and return everything about it as plain data.

    ``effort`` is asked before each step how long it may take. Raises Infeasible, or :class:`NotProven` when time ran out.
    """
    result = optimum(problem, effort=effort())
    if not result.proven:
        raise NotProven(
            "Time ran out before the best portfolio was proven.", value=str(result.value), bound=str(sum(result.bounds))
        )
    tick()
    explanations = {}
    for proposal in problem.proposals:
        explanations[proposal.id] = explained(result, proposal.id, effort=effort())
        tick()
    comes_in = _comes_in(result, tick=tick, effort=effort)
    prices = _prices(result, tick=tick, effort=effort)
    # A solver that runs out of time answers with what it has; whoever keeps a deadline refuses here what came after it.
    effort()
    return {
        "choices": dict(result.choices),
        "value": merit_text(result.value),
        "bound": merit_text(result.most),
        "solver": result.solver,
        "usage": usage(result),
        "explanations": explanations,
        "comes_in": comes_in,
        "losses": len(result.choices),
        "prices": prices,
    }


def usage(result: Result) -> list[dict[str, Any]]:
    """Return the use of every limit as plain data."""
    return [
        {
            "element": use.limit.element,
            "resource": use.limit.resource,
            "used": use.used,
            "usable": use.limit.usable,
            "by": dict(use.by_proposal),
        }
        for use in result.usage
    ]


def _comes_in(result: Result, *, tick: Tick, effort: Efforts) -> dict[str, int]:
    """Count, for each proposal left out, the selected ones whose loss alone would bring it in while all others keep their place."""
    counts = {proposal.id: 0 for proposal in result.problem.proposals if proposal.id not in result.choices}
    for lost in result.choices:
        for proposal in _after_loss(result, lost, effort()):
            if proposal in counts:
                counts[proposal] += 1
        tick()
    return counts


def _after_loss(result: Result, lost: str, effort: Effort) -> Mapping[str, str]:
    """Return the portfolio after one loss; where the rules cannot be kept any more nobody comes in."""
    try:
        return repaired(result, lost, repair=Repair.LEAST_CHANGE, effort=replace(effort, naming_limit=0)).choices
    except Infeasible:
        return {}


def _prices(result: Result, *, tick: Tick, effort: Efforts) -> dict[str, str]:
    """Return what each rule costs, a family of rules together: from the best portfolio to the best, not between drawn ones."""
    levers, prices = Levers(result.problem), {}
    for key in levers.switches:
        freer = optimum(levers.changed(Changes(off=(key,))), effort=effort())
        prices[key] = merit_text(freer.most - result.most)
        tick()
    return prices


def explained(result: Result, proposal: str, *, effort: Effort) -> dict[str, Any]:
    """Return why a proposal is in or out as :func:`plain` does, with what it is worth ``together`` with others that are selected."""
    told = plain(explain(result, proposal, effort=effort))
    beside = list(_together(result, proposal))
    return told | {"together": beside} if beside else told


def _together(result: Result, proposal: str) -> Iterator[dict[str, str]]:
    for pair in result.problem.synergies:
        if proposal in {pair.first, pair.second}:
            other = pair.second if proposal == pair.first else pair.first
            if other in result.choices:
                yield {"with": other, "worth": str(pair.value)}


def plain(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON data, without the problem that it belongs to."""
    return {
        field.name: _plain(getattr(explanation, field.name)) for field in fields(explanation) if field.name != "problem"
    }


def left_aside(code: str, because: str) -> dict[str, Any]:
    """Return, as :func:`plain` does, why a proposal that was no candidate has no place: the office set it aside, with this reason."""
    nothing = Problem(limits=(), proposals=())
    return plain(Explanation(nothing, code, Reason.FIXED_OUT, written_reason=because))


def _plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case Fraction():
            return {"fraction": str(value)}
        case tuple():
            return [_plain(part) for part in value]
        case _ if is_dataclass(value):
            parts = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
            return {"is": type(value).__name__, **parts}
    return value


type Rename = Callable[[str, Any], Any]
"""Given the name of a field and its value, says the value that is shown instead."""


def revived(data: Mapping[str, Any], problem: Problem, rename: Rename = lambda _, value: value) -> Explanation:
    """Return the explanation that :func:`plain` made plain, with names as ``rename`` shows them."""
    known = {field.name for field in fields(Explanation)} - {"problem"}
    parts = {name: rename(name, _revived(value, rename)) for name, value in data.items() if name in known}
    return Explanation(problem, **parts | {"reason": Reason(data["reason"])})


def _revived(value: Any, rename: Rename) -> Any:
    match value:
        case {"fraction": text}:
            return Fraction(text)
        case {"is": name, **parts}:
            kind: Callable[..., Any] = _KNOWN[str(name)]
            return kind(**{str(key): rename(str(key), _revived(part, rename)) for key, part in parts.items()})
        case list():
            return tuple(_revived(part, rename) for part in value)
    return value
