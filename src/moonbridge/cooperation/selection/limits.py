"""The envelope of an opportunity, and its rules that count places on an element, as limits of the engine."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from moonbridge.cooperation.opportunities.models import EnvelopeLine, GroupKind, PortfolioRule, Resource
from moonbridge.cooperation.proposals.models import Option, Proposal
from moonbridge.engines.selection.problem import Limit, Place
from moonbridge.engines.selection.rules import EVERYBODY, Rule, amount_at_least
from moonbridge.quantities import Kind

WHOLE_MISSION: Final = "mission"
"""The element of what is offered on the mission as a whole."""
RESOURCES: Final[Mapping[str, str]] = {
    Resource.MASS: "mass",
    Resource.POWER_AVERAGE: "power",
    Resource.POWER_PEAK: "peak power",
    Resource.DATA_PER_DAY: "data",
    Resource.SLOTS: "slots",
    Resource.STATION_TIME: "station time",
}
"""What the engine calls the resources with a meaning of their own; any other goes by the name the office gave it."""
PLACES: Final = "places on "
"""Begins the name of the resource that counts items on an element."""


class Envelope:
    """The lines of an envelope as limits of the engine. A line without any limit stated binds nobody and is left out.

    ``synthetic`` marks the limits of a demonstration wherever they are exported. ``resources`` says what the engine calls each resource
    that is limited, by what tells it from others.
    """

    def __init__(
        self, lines: Iterable[EnvelopeLine], proposals: Iterable[Proposal], *, synthetic: bool = False
    ) -> None:
        self.lines, self.synthetic = list(lines), synthetic
        self.names = _resource_names(self.lines)
        self.places = {line.pk: (_element(line), self.names[line.pk]) for line in self.lines}
        self.kinds: dict[str, Kind] = {self.names[line.pk]: line.kind for line in self.lines}
        bound = [line for line in self.lines if line.total is not None or line.per_item is not None]
        self.bound = {line.pk for line in bound}
        self.limits = tuple(self._limit(line, proposals) for line in bound)
        self.resources = {line.of_resource: self.names[line.pk] for line in bound}

    def _limit(self, line: EnvelopeLine, proposals: Iterable[Proposal]) -> Limit:
        # Where only an item is limited, the total is as much as everybody together could ask, so that it never binds.
        total = _most_asked(line, proposals) if line.total is None else line.total
        return Limit(
            *self.places[line.pk],
            capacity=total,
            per_item=line.per_item,
            reserved=line.margin,
            synthetic=self.synthetic,
        )

    def demands(self, option: Option) -> dict[Place, int]:
        """Return what an option asks of the limits."""
        return {self.places[d.line_id]: d.amount for d in option.demands.all() if d.line_id in self.bound}


def _element(line: EnvelopeLine) -> str:
    return line.element.slug if line.element else WHOLE_MISSION


def _resource_names(lines: Iterable[EnvelopeLine]) -> dict[UUID, str]:
    """Name the resource of each line; two that share a name and differ in unit are told apart by it."""
    units: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        units[line.name].add(line.unit)
    return {
        line.pk: RESOURCES.get(line.resource)
        or (line.name if len(units[line.name]) == 1 else f"{line.name} ({line.unit})")
        for line in lines
    }


def _most_asked(line: EnvelopeLine, proposals: Iterable[Proposal]) -> int:
    asked = (
        [d.amount for option in proposal.options.all() for d in option.demands.all() if d.line_id == line.pk]
        for proposal in proposals
    )
    return sum(max(amounts, default=0) for amounts in asked) + line.margin


class Places:
    """Rules that count items on an element. An option has its own element, so each takes one of a resource of that element.

    ``mission`` stands for options that name no element.
    """

    def __init__(self, portfolio: Iterable[PortfolioRule], proposals: Collection[Proposal]) -> None:
        found = {element_of(option) for proposal in proposals for option in proposal.options.all()}
        most = {element: len(proposals) for element in sorted(found)}
        counted: set[str] = set()
        self.rules: list[Rule] = []
        for rule in portfolio:
            if rule.by != GroupKind.ELEMENT or rule.distinct:
                continue
            for element in [rule.group] if rule.group else sorted(found):
                counted.add(element)
                if rule.at_most is not None:
                    most[element] = min(most.get(element, len(proposals)), rule.at_most)
                if rule.at_least:
                    self.rules.append(amount_at_least(rule.at_least, PLACES + element, EVERYBODY))
        self.limits = tuple(
            Limit(element, PLACES + element, most.get(element, len(proposals))) for element in sorted(counted)
        )

    def demands(self, option: Option) -> dict[Place, int]:
        """Return the place that an option takes, if places on its element are counted."""
        return {limit.place: 1 for limit in self.limits if limit.element == element_of(option)}


def element_of(option: Option) -> str:
    """Return the element on which an option would fly."""
    return option.element.slug if option.element else WHOLE_MISSION
