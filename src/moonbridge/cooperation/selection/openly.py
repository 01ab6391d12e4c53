"""Why the portfolio is what it is, as everybody may know it: from the explanations of which the letters are made, without any merit.

Only public proposals are named. Of the others it says how many there are for each reason, and what stood against them taken
together: no number of any of them, and no country, theme or institution to which one belongs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moonbridge.cooperation.opportunities.models import GroupKind, Opportunity
from moonbridge.cooperation.selection.facts import NAMED
from moonbridge.cooperation.selection.limits import PLACES
from moonbridge.cooperation.selection.models import Decision, Outcome, Statement, StatementKind
from moonbridge.cooperation.selection.results import revived
from moonbridge.cooperation.selection.statements import as_said, concerned, standing
from moonbridge.cooperation.selection.states import FLYING, OutcomeKind
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.problem import Limit, Problem
from moonbridge.engines.selection.result import Explanation, Reason
from moonbridge.engines.selection.rules import Breadth, Conflict, Fixed, GroupAmount, Needs, Rule

_WITHOUT_MERIT: Final = frozenset({"selected-fixed", "keeps-always", "joins", "depends", "carries"})
"""The sentences of a letter that hold no merit and no margin of one."""
_DRAWN: Final = "drawn"
"""The reason of all whom the call's lottery near the line left out."""
_LEFT_OUT: Final[Mapping[str, Promise | str]] = {
    _DRAWN: gettext_lazy("Left out by the published draw among portfolios close to the best: %(n)s."),
    Reason.OUTWEIGHED: gettext_lazy("Left out because every portfolio with it is worth less: %(n)s."),
    Reason.TIED: gettext_lazy("Left out by the published draw; an equally good portfolio contains it: %(n)s."),
    Reason.IMPOSSIBLE: gettext_lazy("Left out because no portfolio that keeps all limits and rules contains it: %(n)s."),
    Reason.FIXED_OUT: gettext_lazy("Left out by decision of the office: %(n)s."),
}  # fmt: skip
_NOBODY: Final = Problem(limits=(), proposals=())


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """What the panel stated, as everybody may read it: in words that name only public proposals, and its reason.

    ``proposals`` is None where not all of them are public; then none is named.
    """

    kind: str
    said: str
    proposals: tuple[str, ...] | None
    reason: str


_OF_UNNAMED: Final[Mapping[str, Promise | str]] = {
    StatementKind.AT_MOST: gettext_lazy("Of some proposals, not all of them public, at most so many may fly"),
    StatementKind.TOGETHER: gettext_lazy("Two proposals, not both of them public, are worth more or less together"),
    StatementKind.NEEDS: gettext_lazy("A proposal flies only with others, not all of them public"),
}


def open_statements(decision: Decision) -> list[OpenStatement]:
    """Return what the panel stated for ``decision``, for everybody, in the current language."""
    public = frozenset(decision.outcomes.filter(kind__in=NAMED).values_list("proposal__code", flat=True))
    wording = Wording(decision.opportunity, public)
    return [_openly(statement, wording, public) for statement in standing(decision.opportunity)]


def _openly(statement: Statement, wording: Wording, public: frozenset[str]) -> OpenStatement:
    codes = tuple(proposal.code for proposal in concerned(statement))
    if public.issuperset(codes):
        return OpenStatement(statement.kind, wording.stated(as_said(statement)), codes, statement.reason)
    return OpenStatement(statement.kind, str(_OF_UNNAMED[statement.kind]), None, statement.reason)


@dataclass(frozen=True, slots=True)
class OpenReasons:
    """Why each selected proposal is in; how many of the others are out for which reason; and what stood against these."""

    selected: list[tuple[Outcome, str]]
    left_out: list[str]
    against: list[str]


def how_chosen(opportunity: Opportunity) -> str:
    """Return which portfolio is chosen, and by which draw where the call holds one near the line."""
    if not opportunity.lottery_within:
        return _(
            "The portfolio with the highest total merit that keeps every limit of the envelope and every rule below; "
            "that nothing better exists is proven by the solver."
        )
    told = {"within": opportunity.lottery_points, "seed": opportunity.draw_seed}
    return (
        _(
            "A draw was held, as the call says, among all portfolios that keep every limit of the envelope and every rule below "
            "and whose total merit lies at most %(within)s below the highest, which is proven by the solver "
            "(a proposal has at most 100). Its public seed: %(seed)s."
        )
        % told
    )


def open_reasons(decision: Decision) -> OpenReasons:
    """Return the reasons of a decision for everybody, in the current language; none where none were kept, as in a replay."""
    outcomes = [o for o in decision.outcomes.select_related("proposal") if o.explanation]
    wording = Wording(decision.opportunity, {o.proposal.code for o in outcomes if o.kind in NAMED})
    selected = [(outcome, _why_in(outcome, wording)) for outcome in outcomes if outcome.kind in FLYING]
    waiting = {OutcomeKind.DECLINED, OutcomeKind.RESERVE}
    out = [outcome.explanation for outcome in outcomes if outcome.kind in waiting]
    others = [revived(explanation, _NOBODY) for explanation in out]
    reasons = Counter(_DRAWN if explanation.drawn else explanation.reason for explanation in others)
    left_out = [str(said) % {"n": reasons[reason]} for reason, said in _LEFT_OUT.items() if reasons[reason]]
    overlaps = sum(any(Fraction(told["worth"]) < 0 for told in data.get("together", ())) for data in out)
    return OpenReasons(selected, left_out, list(_against(others, wording, overlaps)))


def _why_in(outcome: Outcome, wording: Wording) -> str:
    """Return why a proposal flies, in sentences; one that was called up was left out by the decision itself."""
    explanation = revived(outcome.explanation, _NOBODY)
    if not explanation.selected:
        return _("It was called up from the reserve list, after places became free.")
    kept = (said.text for said in wording.sentences(outcome.explanation) if said.code in _WITHOUT_MERIT)
    return " ".join([*_merit_decided(explanation), *kept])


def _merit_decided(explanation: Explanation) -> Iterator[str]:
    """Yield what the portfolios without a proposal are worth against the best, where merit decided for it."""
    if explanation.drawn:
        yield _("The published draw among portfolios close to the best decided for it.")
    elif explanation.reason is Reason.SELECTED and explanation.merit_may_fall:
        yield _("Every portfolio without it is worth less.")
    elif explanation.reason is Reason.SELECTED and explanation.merit_may_fall is not None:
        yield _("A portfolio without it is equally good, and the published draw decided for it.")


def _against(others: Iterable[Explanation], wording: Wording, overlaps: int) -> Iterator[str]:
    """Yield what stood against those left out, first what stood against most of them; ``overlaps`` of them with somebody selected."""
    times: Counter[str] = Counter(
        {_("an overlap with a selected proposal, which the panel stated"): overlaps} if overlaps else {}
    )
    for explanation in others:
        times.update({_called(source, wording) for source in _sources(explanation)})
    yield from sorted(times, key=lambda name: (-times[name], name))


def _sources(explanation: Explanation) -> Iterator[Limit | Rule]:
    for shortage in explanation.shortages:
        yield Limit(shortage.asked.element, shortage.asked.resource, 0)
    yield from (*explanation.broken, *explanation.because)


def _called(source: Limit | Rule, wording: Wording) -> str:
    """Return what a limit or a rule is called where nothing may be told of whom it concerns."""
    match source:
        case Limit():
            return wording.place(source.element, source.resource)
        case GroupAmount() if source.resource.startswith(PLACES):
            return wording.resource(source.resource)
        case Conflict() | Needs():
            return _("what proposals, or the panel, say of each other: interference, or that one needs another")
        case Fixed():
            return _("what the office decided otherwise")
    kind = source.kind if isinstance(source, Breadth) else source.group.partition(":")[0]
    return _("the rules of the call by %(kind)s") % {"kind": GroupKind(kind).label}
