"""What the office's page shows of a recommendation: bars against the envelope, and each proposal with its reason in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.selection.models import Override, Recommendation
from moonbridge.cooperation.selection.results import usage
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.problem import merit_text
from moonbridge.engines.selection.result import Result


@dataclass(frozen=True, slots=True)
class Bar:
    """One limit: its name, who uses how much (code, base units), what is usable in base units, and both in words."""

    label: str
    pieces: list[tuple[str, int]]
    usable: int
    used_text: str
    usable_text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal: whether it is recommended, with which option, its merit, why, and what the office forced."""

    code: str
    title: str
    synthetic: bool
    option: str | None
    merit: str
    reason: str
    override: Override | None
    proposal: Proposal | None

    @property
    def selected(self) -> bool:
        """Whether it is recommended."""
        return self.option is not None


@dataclass(frozen=True)
class Board:
    """A whole recommendation as the office sees it."""

    recommendation: Recommendation
    bars: list[Bar]
    lines: list[Line]

    @property
    def selected(self) -> list[Line]:
        """The recommended proposals, the highest merit first."""
        return [line for line in self.lines if line.selected]

    @property
    def left_out(self) -> list[Line]:
        """The others, the highest merit first."""
        return [line for line in self.lines if not line.selected]


def board(recommendation: Recommendation) -> Board:
    """Return ``recommendation`` in words of the current language, in a fixed number of queries."""
    opportunity, result = recommendation.opportunity, recommendation.result
    wording = Wording(opportunity)
    proposals = {proposal.code: proposal for proposal in opportunity.proposals.all()}
    overrides = {override.proposal_id: override for override in opportunity.overrides.all()}
    lines = [
        _line(told, result, wording, proposals.get(told["id"]), overrides)
        for told in sorted(recommendation.problem["proposals"], key=lambda told: (-_merit(told), told["id"]))
    ]
    return Board(recommendation, [_bar(use, wording) for use in result["usage"]], lines)


def _merit(told: Mapping[str, Any]) -> Fraction:
    """Return the merit of a proposal's best option, as a number from 0 to 100."""
    return max(Fraction(option["merit"]) for option in told["options"])


def _line(
    told: Mapping[str, Any],
    result: Mapping[str, Any],
    wording: Wording,
    proposal: Proposal | None,
    overrides: Mapping[Any, Override],
) -> Line:
    return Line(
        code=told["id"],
        title=told.get("title", ""),
        synthetic=told.get("synthetic", False),
        option=result["choices"].get(told["id"]),
        merit=merit_text(_merit(told)),
        reason=wording.explanation(result["explanations"][told["id"]]),
        override=overrides.get(proposal.pk) if proposal else None,
        proposal=proposal,
    )


def bars_of(result: Result, wording: Wording) -> list[Bar]:
    """Return the bars of a portfolio that the solver has just found."""
    return [_bar(use, wording) for use in usage(result)]


def _bar(use: Mapping[str, Any], wording: Wording) -> Bar:
    resource = use["resource"]
    return Bar(
        wording.place(use["element"], resource),
        list(use["by"].items()),
        use["usable"],
        wording.amount(resource, use["used"]),
        wording.amount(resource, use["usable"]),
    )
