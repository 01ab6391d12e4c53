"""What comes of a changed problem, worked out while somebody looks; and how it is kept, as plain data.

``choices``
    which option of which proposal flies, by their names;
``value``, ``bound``
    the total merit, and what no portfolio can exceed, as exact text;
``proven``, ``solver``
    whether nothing better exists, and what computed it.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.results import Efforts, in_time, within
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Problem, merit_text
from moonbridge.engines.selection.result import Result
from moonbridge.errors import Infeasible, NotProven, TamperedError

AT_ONCE: Final = 0.7
"""Seconds that all solves for one page may take together; what takes longer is a study."""
MOST_AT_ONCE: Final = 150
"""Proposals up to which a problem is tried at once."""
_NAMES_CAUSES: Final = 25
"""Proposals up to which the smallest conflicting set is named at once: it takes many solves."""


def at_once() -> Efforts:
    """Return the efforts of one page: however many solves it asks for, they all end at one instant."""
    return within(AT_ONCE)


def answered(problem: Problem, effort: Efforts) -> Result:
    """Return the best portfolio that is found in time, proven or not.

    Raises :class:`Infeasible` when no portfolio keeps all rules (with the conflicting ones only where naming them is quick), and
    :class:`NotProven` when the problem is too large to be tried, or time ran out before anything was found.
    """
    if len(problem.proposals) > MOST_AT_ONCE:
        raise NotProven("This call is too large to be solved while a page waits.", value=None, bound=None)
    with in_time():
        allowed = effort()
        if len(problem.proposals) > _NAMES_CAUSES:
            allowed = replace(allowed, naming_limit=0)
        return optimum(problem, effort=allowed)


def prices(levers: Levers, changes: Changes, result: Result, effort: Efforts) -> dict[str, Fraction | None]:
    """Return what each rule that is left out costs: by how much the portfolio would be worth less with it; None where it is not known.

    A rule that cannot be kept beside the other changes has no price.
    """
    found: dict[str, Fraction | None] = {}
    for key in changes.off:
        with_it = replace(changes, off=tuple(other for other in changes.off if other != key))
        try:
            dearer = answered(levers.changed(with_it), effort)
        except (Infeasible, NotProven):
            found[key] = None
        else:
            found[key] = best(result) - best(dearer) if dearer.proven and result.proven else None
    return found


def best(result: Result) -> Fraction:
    """Return the merit of the best portfolio known: where the call's lottery took another, more than that of the portfolio itself."""
    return result.most if result.proven else result.value


def kept(result: Result) -> dict[str, Any]:
    """Return a portfolio as the plain data that is stored."""
    return {
        "choices": dict(result.choices),
        "value": str(result.value),
        "bound": str(sum(result.bounds)),
        "proven": result.proven,
        "solver": result.solver,
    }


def revived(problem: Problem, data: Mapping[str, Any]) -> Result:
    """Return the portfolio that :func:`kept` stored; the independent checker looks at it again."""
    verdict = check_choices(problem, data["choices"])
    if not verdict.feasible or sum(verdict.values) != Fraction(data["value"]):
        raise TamperedError("The kept portfolio does not keep the rules of its problem, or is not worth what it says.")
    bounds = (Fraction(data["bound"]),)
    return Result(problem, data["choices"], verdict.values, bounds, data["proven"], data["solver"])


def gap_words(result: Result) -> str:
    """Return how far a portfolio may be from the best; empty where it is proven that nothing better exists."""
    if result.proven:
        return ""
    return _("Not proven: another portfolio could be worth up to %(gap)s more.") % {
        "gap": merit_text(sum(result.gaps, Fraction(0)))
    }


def exchange(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return who would come in (+) and go out (-)."""
    came, went = (code for code in after if code not in before), (code for code in before if code not in after)
    return " ".join([*(f"+{code}" for code in came), *(f"−{code}" for code in went)]) or "–"
