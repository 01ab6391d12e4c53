"""What a selection gives: the portfolio, its worth, what anything could be worth, and a reason for every proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from html import escape

from moonbridge.engines.selection.problem import Choices, Limit, Place, Problem
from moonbridge.engines.selection.rules import Needs, Rule


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a resource on an element, in base units and as text."""

    element: str
    resource: str
    amount: int
    text: str


def amount_at(problem: Problem, place: Place, amount: int) -> Amount:
    """Return ``amount`` base units at ``place`` with its text."""
    return Amount(*place, amount, problem.amount_text(place, amount))


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of one limit the portfolio uses (base units), and by whom."""

    limit: Limit
    used: int
    by_proposal: Mapping[str, int]

    @property
    def free(self) -> int:
        """What could still be given away."""
        return self.limit.usable - self.used


@dataclass(frozen=True)
class Result:
    """The chosen portfolio.

    ``values`` holds the merit (as the call weighs it) reached in each tier of ``problem.tiers``, ``bounds`` what no portfolio can exceed,
    given the values of the tiers before. ``proven`` is true only if nothing better exists in the published order: where the
    call holds a lottery near the line, ``values`` may then lie below ``bounds`` by its margin. ``solver`` names what
    computed it.
    """

    problem: Problem
    choices: Choices
    values: tuple[Fraction, ...]
    bounds: tuple[Fraction, ...]
    proven: bool
    solver: str

    @property
    def value(self) -> Fraction:
        """The total merit over all tiers."""
        return sum(self.values, Fraction(0))

    @property
    def most(self) -> Fraction:
        """What no portfolio exceeds in total; if proven, the best has it, and with a lottery the drawn one may have less."""
        return sum(self.bounds, Fraction(0))

    @property
    def gaps(self) -> tuple[Fraction, ...]:
        """How much more merit each tier could have at most; zeros when proven, but for what a lottery gave up."""
        return tuple(bound - value for value, bound in zip(self.values, self.bounds, strict=True))

    @property
    def selected(self) -> tuple[str, ...]:
        """The ids of the selected proposals, in the order of the call."""
        return tuple(self.choices)

    @cached_property
    def usage(self) -> tuple[Usage, ...]:
        """The use of every limit, in the order of the call."""
        return tuple(_usage(self.problem, self.choices, limit) for limit in self.problem.limits)

    def explanations(self) -> dict[str, "Explanation"]:
        """Return for every proposal why it is in or out; this solves the call many times."""
        from moonbridge.engines.selection.explain import explain_all

        return explain_all(self)

    def __str__(self) -> str:
        from moonbridge.engines.selection.tables import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from moonbridge.engines.selection.tables import as_html

        return as_html(self)


def _usage(problem: Problem, choices: Choices, limit: Limit) -> Usage:
    asked = {p: problem.by_id[p].option(o).demands.get(limit.place, 0) for p, o in choices.items()}
    return Usage(limit, sum(asked.values()), {proposal: amount for proposal, amount in asked.items() if amount})


class Reason(StrEnum):
    """Why a proposal is in or out; the stable code from which pages and letters are written."""

    SELECTED = "selected"
    """In, because of its merit."""
    SELECTED_FIXED = "selected-fixed"
    """In, because the office decided so."""
    MERGED = "merged"
    """In, as part of a joint proposal."""
    TIED = "tied"
    """Out, though an equally good portfolio contains it: the published draw decided."""
    OUTWEIGHED = "outweighed"
    """Out, because every portfolio with it is worth less."""
    IMPOSSIBLE = "impossible"
    """Out, because no portfolio that keeps all rules contains it."""
    FIXED_OUT = "fixed-out"
    """Out, because the office decided so."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A limit that the proposal would exceed beside the selected ones: it asks more than is free for it.

    ``per_item`` says that the limit is the one for a single item.
    """

    asked: Amount
    free: Amount
    per_item: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A least change of its own that would bring the proposal in for certain, everything else unchanged.

    With ``asked`` the option may ask for at most ``at_most`` there; otherwise for at most ``percent`` of everything it
    asks, rounded down, but for at least one of what is counted.
    """

    option: str
    asked: Amount | None = None
    at_most: Amount | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class OtherOption:
    """Why an option of greater merit than the one that flies does not fly, and what would let it in.

    - ``loss``: what the portfolio would lose if it were forced in (None: no portfolio that keeps all rules contains
      it; then ``because`` is a set of rules and limits that shuts it out, each of them needed for that);
    - ``displaces`` and ``brings``: who would go and come;
    - ``merit_must_rise``: it flies for certain once its merit alone is higher by more than this;
    - ``shortages`` and ``broken``: what it would exceed or break beside the other selected ones;
    - ``changes``: the largest requests of it with which it flies.
    """

    option: str
    merit: Fraction
    loss: Fraction | None = None
    displaces: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    merit_must_rise: Fraction | None = None
    shortages: tuple[Shortage, ...] = ()
    broken: tuple[Rule, ...] = ()
    changes: tuple[Change, ...] = ()
    because: tuple[Rule | Limit, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Why one proposal is in or out, in numbers; the module ``sentences`` puts it into words.

    Merits are those of tier ``tier``, as the review gave them; ``weight`` says how often one counts where the call
    weighs them, and ``loss`` is in what counts. What does not apply is None or empty:

    - ``option``: the option that flies, or the one that comes closest;
    - ``merit_may_fall``: it keeps its place while its merit falls by less than this (None: no fall can cost it);
    - ``loss``: what the portfolio would lose if it were forced in, or what fixing it costs; ``displaces`` and
      ``brings``: who would go and come;
    - ``merit_must_rise``: it is in for certain with a merit higher by more than this;
    - ``shortages``: limits it would exceed beside the selected ones; ``broken``: rules it would break beside them;
    - ``changes``: least changes of its own request that let it in; ``own_change_helps`` is False when there is none,
      None when none was found but not everything was searched, because ``less_may_harm``: the call counts what is asked
      for, so that asking for less could also cost a place;
    - ``drawn``: it lies so near the line that the call's lottery decided, for or against it;
    - ``because``: a set of rules and limits that shuts it out altogether, each of them needed for that; empty where time
      ran out before one was found;
    - ``merged_into``: the joint proposal that flies in its place; ``merges``: all that the joint proposal (that one, or
      this one) joins;
    - ``other_options``: why its options of greater merit do not fly;
    - ``depends_on``: the needs on which its place hangs; ``carries``: the selected whose place hangs on it;
    - ``written_reason``: what the office wrote when it fixed the proposal.
    """

    problem: Problem = field(repr=False, compare=False)
    proposal: str
    reason: Reason
    option: str | None = None
    tier: int = 1
    merit: Fraction | None = None
    merit_may_fall: Fraction | None = None
    loss: Fraction | None = None
    displaces: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    merit_must_rise: Fraction | None = None
    shortages: tuple[Shortage, ...] = ()
    broken: tuple[Rule, ...] = ()
    changes: tuple[Change, ...] = ()
    own_change_helps: bool | None = None
    less_may_harm: bool = False
    drawn: bool = False
    because: tuple[Rule | Limit, ...] = ()
    merged_into: str | None = None
    written_reason: str = ""
    weight: Fraction = Fraction(1)
    merges: tuple[str, ...] = ()
    other_options: tuple[OtherOption, ...] = ()
    depends_on: tuple[Needs, ...] = ()
    carries: tuple[str, ...] = ()

    @property
    def selected(self) -> bool:
        """Whether the proposal itself flies."""
        return self.reason in {Reason.SELECTED, Reason.SELECTED_FIXED}

    def __str__(self) -> str:
        from moonbridge.engines.selection.sentences import sentence

        return sentence(self)

    def _repr_html_(self) -> str:
        from moonbridge.engines.selection.sentences import sentences

        return "".join(f"<p>{escape(said.text)}</p>" for said in sentences(self))
