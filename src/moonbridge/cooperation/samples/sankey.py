"""A Sankey diagram as plain coordinates: where amounts came from and where they are, each band as wide as what flows in it.

Columns follow from the flows (a node stands to the right of everything that feeds it), what only receives stands last. The template
``samples/_sankey.html`` draws it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Final

WIDTH: Final = 960
BAND: Final = 14
"""How wide a node is."""
GAP: Final = 26
"""Between two nodes of a column: room for a label of two lines."""
TALLEST: Final = 360
"""What the fullest column takes, gaps left out."""
LEAST: Final = 1.5
"""No band is thinner, however little flows in it; so a thin band is drawn too wide."""
MARGIN: Final = 22
LABELS: Final = 210
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


@dataclass(slots=True)
class Box:
    """A node with its place."""

    node: Node
    amount: int
    x: float
    height: float
    y: float = 0
    left: float = 0
    right: float = 0

    @property
    def width(self) -> float:
        """How wide it is drawn."""
        return BAND

    @property
    def label_x(self) -> float:
        """Where its words begin."""
        return self.x + BAND + 6

    @property
    def label_y(self) -> float:
        """The line on which its name stands; its amount stands below."""
        return self.y + self.height / 2 - 2


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
    """A whole diagram in a box of ``width`` x ``height``."""

    boxes: list[Box]
    ribbons: list[Ribbon]
    height: float
    width: float = field(default=WIDTH)


def drawn(nodes: Iterable[Node], flows: Sequence[Flow]) -> Sankey:
    """Return the diagram of ``flows`` (no circle, amounts above zero) between ``nodes``; the order of nodes is kept where it can be."""
    known = {node.key: node for node in nodes}
    columns = _columns(known, flows)
    amounts = _amounts(flows)
    rows: dict[int, list[Node]] = defaultdict(list)
    for key, node in known.items():
        if key in amounts:
            rows[columns[key]].append(node)
    scale = TALLEST / max((sum(amounts[node.key] for node in column) for column in rows.values()), default=1)
    boxes = _placed(rows, amounts, scale, last=max(rows, default=0))
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    ribbons = [_ribbon(flow, boxes, scale) for flow in _in_order(flows, boxes)]
    return Sankey(list(boxes.values()), ribbons, round(height, 1))


def _columns(known: Mapping[str, Node], flows: Sequence[Flow]) -> dict[str, int]:
    feeds: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        feeds[flow.target].add(flow.source)
    column: dict[str, int] = {}
    for key in TopologicalSorter({key: feeds[key] for key in known}).static_order():
        column[key] = max((column[source] + 1 for source in feeds[key]), default=0)
    last = max(column.values(), default=0)
    return {key: last if known[key].end else place for key, place in column.items()}


def _amounts(flows: Sequence[Flow]) -> dict[str, int]:
    """Return what passes through each node: the larger of what comes and what goes."""
    comes, goes = defaultdict[str, int](int), defaultdict[str, int](int)
    for flow in flows:
        comes[flow.target] += flow.amount
        goes[flow.source] += flow.amount
    return {key: max(comes[key], goes[key]) for key in {**comes, **goes}}


def _placed(rows: Mapping[int, list[Node]], amounts: Mapping[str, int], scale: float, *, last: int) -> dict[str, Box]:
    step = (WIDTH - LABELS - BAND) / last if last else 0
    boxes = {}
    for column in sorted(rows):
        y = float(MARGIN)
        for node in rows[column]:
            box = Box(node, amounts[node.key], round(column * step, 1), max(amounts[node.key] * scale, LEAST), y)
            box.left = box.right = box.y
            boxes[node.key] = box
            y += box.height + GAP
    return boxes


def _in_order(flows: Sequence[Flow], boxes: Mapping[str, Box]) -> list[Flow]:
    """Return the flows so that bands which leave or reach the same node do not cross."""
    return sorted(flows, key=lambda flow: (boxes[flow.source].y, boxes[flow.target].y))


def _ribbon(flow: Flow, boxes: Mapping[str, Box], scale: float) -> Ribbon:
    source, target = boxes[flow.source], boxes[flow.target]
    thick = max(flow.amount * scale, LEAST)
    x0, x1, y0, y1 = source.x + BAND, target.x, source.right, target.left
    source.right += flow.amount * scale
    target.left += flow.amount * scale
    bend = (x0 + x1) / 2
    upper = f"M{x0:.1f},{y0:.1f} C{bend:.1f},{y0:.1f} {bend:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    lower = f"L{x1:.1f},{y1 + thick:.1f} C{bend:.1f},{y1 + thick:.1f} {bend:.1f},{y0 + thick:.1f} {x0:.1f},{y0 + thick:.1f} Z"
    return Ribbon(flow, source.node, target.node, f"{upper} {lower}", list(boxes).index(flow.target) % 5)
