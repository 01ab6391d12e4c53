"""Two scenarios side by side: their numbers, who is in both, who in one alone, and what each uses of the envelope."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from django.http import QueryDict

from moonbridge.cooperation.selection import queries, whatifs
from moonbridge.cooperation.selection.boards import Bar
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Recommendation, Scenario
from moonbridge.cooperation.selection.studio import Figure, Studio, signed
from moonbridge.cooperation.selection.whatifs import best
from moonbridge.engines.selection.problem import merit_text
from moonbridge.engines.selection.result import Result

RECOMMENDED: Final = "recommended"
"""Names the recommended portfolio where a scenario could be named."""


@dataclass(frozen=True)
class Side:
    """A kept scenario, or (None) a recommended portfolio, and the look into the studio that shows it."""

    scenario: Scenario | None
    studio: Studio

    @cached_property
    def result(self) -> Result:
        """Its portfolio."""
        return whatifs.revived(self.studio.problem, self.scenario.answer) if self.scenario else self.studio.before

    @property
    def value(self) -> str:
        """Its total merit."""
        return merit_text(self.result.value)

    @property
    def gain(self) -> str:
        """How much more merit it has than the recommendation that it began with."""
        return signed(self.studio.gain(self.result))

    @cached_property
    def told(self) -> list[str]:
        """What was changed, in words."""
        return list(self.studio.told())

    @cached_property
    def figures(self) -> list[Figure]:
        """Its numbers."""
        return self.studio.figures(self.result)

    @cached_property
    def bars(self) -> list[Bar]:
        """What it uses."""
        return self.studio.bars(self.result)


def recommended(recommendation: Recommendation) -> Side:
    """Return a recommended portfolio as one side of a comparison."""
    return Side(None, Studio(recommendation, Levers(queries.problem_of(recommendation)), Changes()))


def sides_of(scenarios: Iterable[Scenario]) -> list[Side]:
    """Return scenarios of one opportunity as sides; each problem is read once."""
    levers: dict[UUID, Levers] = {}
    found: list[Side] = []
    for scenario in scenarios:
        begun = scenario.recommendation
        known = levers.setdefault(begun.pk, levers.get(begun.pk) or Levers(queries.problem_of(begun)))
        changes = known.read(QueryDict(scenario.changes))
        found.append(Side(scenario, Studio(begun, known, changes, wording=found[0].studio.wording if found else None)))
    return found


@dataclass(frozen=True, slots=True)
class Member:
    """A proposal in at least one of two portfolios, with its option in each."""

    code: str
    title: str
    synthetic: bool
    options: tuple[str | None, str | None]

    @property
    def both(self) -> bool:
        """Whether it is in both."""
        return None not in self.options


@dataclass(frozen=True)
class Comparison:
    """What two portfolios have in common and in what they differ; each row of numbers holds one for each side, None where it has none."""

    figures: list[tuple[str, str | None, str | None]]
    usage: list[tuple[str, Bar | None, Bar | None]]
    members: list[Member]
    gain: str

    @property
    def only_first(self) -> list[Member]:
        """Who is in the first alone."""
        return [member for member in self.members if member.options[1] is None]

    @property
    def only_second(self) -> list[Member]:
        """Who is in the second alone."""
        return [member for member in self.members if member.options[0] is None]

    @property
    def in_both(self) -> list[Member]:
        """Who is in both."""
        return [member for member in self.members if member.both]


def compared(first: Side, second: Side) -> Comparison:
    """Compare two sides; they may come from different recommendations."""
    figures = [{figure.label: figure.value for figure in side.figures} for side in (first, second)]
    bars = [{bar.label: bar for bar in side.bars} for side in (first, second)]
    return Comparison(
        [(label, figures[0].get(label), figures[1].get(label)) for label in {**figures[0], **figures[1]}],
        [(label, bars[0].get(label), bars[1].get(label)) for label in {**bars[0], **bars[1]}],
        _members(first, second),
        signed(best(second.result) - best(first.result)),
    )


def _members(first: Side, second: Side) -> list[Member]:
    known = {**second.studio.problem.by_id, **first.studio.problem.by_id}
    chosen = (first.result.choices, second.result.choices)
    return [
        Member(code, known[code].title, known[code].synthetic, (chosen[0].get(code), chosen[1].get(code)))
        for code in sorted({*chosen[0], *chosen[1]})
    ]
