"""A Sankey diagram as plain coordinates: where amounts came from and where they are, each band as wide as what flows in it.

Columns follow from the flows: a node stands to the right of everything that feeds it, and an end in the last column. A flow over several
columns keeps its own room in each, so that no band runs behind a node. The template ``samples/_sankey.html`` draws it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Final

WIDTH: Final = 960
BAND: Final = 14
"""How wide a node is."""
GAP: Final = 34
"""Between two nodes of a column: room for a label of two lines."""
TALLEST: Final = 360
"""What the fullest column takes, gaps left out."""
LEAST: Final = 1.5
"""No band is thinner, however little flows in it; so a thin band is drawn too wide."""
MARGIN: Final = 22
LABELS: Final = 250
"""Room for the labels of the last column."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something that holds an amount: what it is called, where it leads, and whether it is an end (present custody)."""

    key: str
    name: str
    address: str = ""
    end: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """What went from one node to another, in base units."""

    source: str
    target: str
    amount: int


@dataclass(frozen=True, slots=True)
class Waypoint:
    """The room that a flow takes in a column which it only passes."""

    flow: Flow
    column: int


type Place = str | Waypoint
"""What takes room in a column: a node, by its key, or a flow that passes."""


@dataclass(slots=True)
class Box:
    """A place with its measures; ``come`` and ``gone`` are the heights up to which bands reach and leave it."""

    amount: int
    x: float
    y: float
    height: float
    come: float = 0
    gone: float = 0

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A node where it is drawn."""

    node: Node
    box: Box

    @property
    def label_x(self) -> float:
        """Where its words begin."""
        return self.box.x + BAND + 6

    @property
    def label_y(self) -> float:
        """The line on which its name stands; its amount stands below."""
        return self.box.middle - 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow with its outline."""

    flow: Flow
    source: Node
    target: Node
    path: str
    colour: int


@dataclass(frozen=True, slots=True)
class Sankey:
    """A whole diagram in a box of ``width`` x ``height``; nodes are ``band`` wide."""

    nodes: list[Shown]
    ribbons: list[Ribbon]
    height: float
    width: int = WIDTH
    band: int = BAND


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of a flow between neighbouring columns."""

    flow: Flow
    source: Place
    target: Place


type _Segment = tuple[float, float, float, float, float]
"""From x, y to x, y, and how thick."""


def drawn(nodes: Iterable[Node], flows: Sequence[Flow]) -> Sankey:
    """Return the diagram of ``flows`` (no circle, amounts above zero) between ``nodes``; of nodes that are fed alike the order is kept."""
    known = {node.key: node for node in nodes}
    columns = _columns(known, flows)
    steps = [step for flow in flows for step in _steps(flow, columns)]
    boxes, scale = _placed(known, steps, columns)
    outlines = _outlines(steps, boxes, scale)
    numbers = {key: number for number, key in enumerate(known)}
    return Sankey(
        [Shown(node, boxes[key]) for key, node in known.items() if key in boxes],
        [Ribbon(one, known[one.source], known[one.target], outlines[one], numbers[one.target]) for one in _readable(flows, boxes)],
        round(max((box.y + box.height for box in boxes.values()), default=0) + MARGIN, 1),
    )  # fmt: skip


def _columns(known: Mapping[str, Node], flows: Sequence[Flow]) -> dict[str, int]:
    feeds: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        feeds[flow.target].add(flow.source)
    column: dict[str, int] = {}
    for key in TopologicalSorter({key: feeds[key] for key in known}).static_order():
        column[key] = max((column[source] + 1 for source in feeds[key]), default=0)
    last = max(column.values(), default=0)
    return {key: last if known[key].end else place for key, place in column.items()}


def _steps(flow: Flow, columns: Mapping[str, int]) -> Iterator[_Step]:
    between = range(columns[flow.source] + 1, columns[flow.target])
    places: list[Place] = [flow.source, *(Waypoint(flow, column) for column in between), flow.target]
    for source, target in pairwise(places):
        yield _Step(flow, source, target)


def _placed(
    known: Mapping[str, Node], steps: Sequence[_Step], columns: Mapping[str, int]
) -> tuple[dict[Place, Box], float]:
    """Return where every place is, and how much height one base unit takes."""
    amounts, numbers = _amounts(steps), {key: number for number, key in enumerate(known)}
    rows: dict[int, list[Place]] = defaultdict(list)
    for place in sorted(amounts, key=lambda one: len(known) if isinstance(one, Waypoint) else numbers[one]):
        rows[place.column if isinstance(place, Waypoint) else columns[place]].append(place)
    scale = TALLEST / max((sum(amounts[place] for place in row) for row in rows.values()), default=1)
    boxes: dict[Place, Box] = {}
    for column in sorted(rows):
        x, y = round(column * (WIDTH - LABELS - BAND) / max(rows), 1) if column else 0, float(MARGIN)
        for place in sorted(rows[column], key=lambda one: _pull(one, steps, boxes)):
            height = max(amounts[place] * scale, LEAST)
            boxes[place] = Box(amounts[place], x, y, height, come=y, gone=y)
            y += height + GAP
    return boxes, scale


def _amounts(steps: Iterable[_Step]) -> dict[Place, int]:
    """Return what passes through each place: the larger of what comes and what goes."""
    comes, goes = defaultdict[Place, int](int), defaultdict[Place, int](int)
    for step in steps:
        comes[step.target] += step.flow.amount
        goes[step.source] += step.flow.amount
    return {place: max(comes[place], goes[place]) for place in {**comes, **goes}}


def _pull(place: Place, steps: Iterable[_Step], boxes: Mapping[Place, Box]) -> float:
    """Return the mean height of what feeds a place, so that bands cross as little as may be."""
    feeds = [(boxes[step.source].middle, step.flow.amount) for step in steps if step.target == place]
    return sum(height * amount for height, amount in feeds) / sum(amount for _height, amount in feeds) if feeds else 0


def _readable(flows: Iterable[Flow], boxes: Mapping[Place, Box]) -> list[Flow]:
    """Return the flows from left to right and from top to bottom."""
    return sorted(flows, key=lambda flow: (boxes[flow.source].x, boxes[flow.source].y, boxes[flow.target].y))


def _outlines(steps: Iterable[_Step], boxes: Mapping[Place, Box], scale: float) -> dict[Flow, str]:
    """Return the outline of each flow; bands that leave or reach the same place do not cross there."""
    segments: dict[Flow, list[_Segment]] = defaultdict(list)
    for step in sorted(steps, key=lambda one: (boxes[one.source].x, boxes[one.source].y, boxes[one.target].y)):
        source, target, thick = boxes[step.source], boxes[step.target], step.flow.amount * scale
        segments[step.flow].append((source.x + BAND, source.gone, target.x, target.come, max(thick, LEAST)))
        source.gone += thick
        target.come += thick
    return {flow: _outline(parts) for flow, parts in segments.items()}


def _outline(parts: Sequence[_Segment]) -> str:
    there = " L".join(_curve(x0, y0, x1, y1) for x0, y0, x1, y1, _thick in parts)
    back = " L".join(_curve(x1, y1 + thick, x0, y0 + thick) for x0, y0, x1, y1, thick in reversed(parts))
    return f"M{there} L{back} Z"


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    bend = (x0 + x1) / 2
    return f"{x0:.1f},{y0:.1f} C{bend:.1f},{y0:.1f} {bend:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
