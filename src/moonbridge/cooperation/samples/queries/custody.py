"""From the mission to present custody: how the mass of one piece, or of a whole book, came to where it is.

A piece counts as one thing wherever its mass is: in store, on its way, with a borrower, left over, used up. Between pieces mass
flows by what made one of the other; what flowed to and fro cancels out, so that what is left is the way of what is there now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from moonbridge.cooperation.samples.models import Collection, LoanLine, Split
from moonbridge.cooperation.samples.sankey import Flow, Node
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind
from moonbridge.ledger.models import Account, Entry

MOST: Final = 40
"""Pieces of one family that are shown one by one; the others together."""
WITH_A_PIECE: Final = frozenset(
    {AccountKind.STORE, AccountKind.TRANSIT, AccountKind.LOAN, AccountKind.RESIDUE, AccountKind.CONSUMED}
)
"""Accounts that belong to a piece; the others are ends of their own."""
OTHERS: Final = "others"
SURPLUS_NODE: Final = "surplus"
ADJUSTED: Final = f"end:{AccountKind.ADJUST}"

_ANCESTORS = """
WITH RECURSIVE above(id) AS (
    SELECT %s::uuid UNION SELECT p.parent_id FROM samples_parentage AS p JOIN above ON p.child_id = above.id
) SELECT id FROM above
"""
_DESCENDANTS = """
WITH RECURSIVE below(id, depth) AS (
    SELECT %s::uuid, 0 UNION SELECT p.child_id, depth + 1 FROM samples_parentage AS p JOIN below ON p.parent_id = below.id
) SELECT id FROM below GROUP BY id ORDER BY min(depth), id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class History:
    """Nodes and flows of a diagram, and whether pieces were left out of it."""

    nodes: list[Node]
    flows: list[Flow]
    cut: bool = False


def family(split: Split) -> list[Split]:
    """Return what a piece was made of, itself, and what was made of it, the nearest first, one more than are shown at most."""
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTORS, [split.pk])
        keys = [row[0] for row in cursor.fetchall()]
        cursor.execute(_DESCENDANTS, [split.pk, MOST + 1])
        keys += [row[0] for row in cursor.fetchall()]
    found = Split.objects.in_bulk(list(dict.fromkeys(keys)))
    return [found[key] for key in dict.fromkeys(keys)]


def of_piece(split: Split) -> History:
    """Return how the mass of ``split`` (with its collection), of what it was made of and of what was made of it came to where it is."""
    related = family(split)
    shown = {piece.name: piece for piece in related[:MOST]}
    shown[split.name] = split
    lines = {line.label: line for line in _lines(shown.values())}
    piece_of = {name: name for name in shown} | {label: (line.lent or line.split).name for label, line in lines.items()}
    flows = _net(_between(split.collection, piece_of))
    ends, holders = _held(split.collection, piece_of, lines)
    nodes = [
        *sources(split.collection),
        *(_piece_node(piece, split) for piece in sorted(shown.values(), key=_as_counted)),
        *_ends(flows, holders),
    ]
    return History(nodes, [*flows, *ends], cut=len(related) > MOST)


def _lines(pieces: Iterable[Split]) -> Iterable[LoanLine]:
    return LoanLine.objects.filter(lent__in=list(pieces)).select_related("loan", "lent", "split")


def _as_counted(piece: Split) -> tuple[int, str]:
    """Order names as people count: 9 before 10."""
    return len(piece.name), piece.name


def _piece_node(piece: Split, asked: Split) -> Node:
    return Node(
        f"piece:{piece.name}", piece.name, reverse("sample-history", args=[piece.pk]), marked=piece.pk == asked.pk
    )


def sources(collection: Collection) -> list[Node]:
    """Return where amounts come from: the mission, and what weighings found beyond it."""
    origin = collection.mission.name if collection.mission else collection.name
    return [Node("origin", origin), Node(SURPLUS_NODE, _("surplus of weighings")), Node(OTHERS, _("other pieces"))]


def _between(collection: Collection, piece_of: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Return what flowed between nodes in all movements that touched these pieces."""
    touched = Entry.objects.filter(account__book=collection.book_id, account__label__in=list(piece_of)).values(
        "movement_id"
    )
    entries = Entry.objects.filter(movement_id__in=touched).exclude(amount=0)
    rows = entries.order_by("movement_id", "leg").values_list(
        "movement_id", "account__kind", "account__label", "amount"
    )
    gained: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for movement, kind, label, amount in rows:
        gained[movement][_node(AccountKind(kind), label, piece_of)] += amount
    flows: dict[tuple[str, str], int] = defaultdict(int)
    for changes in gained.values():
        for source, target, amount in _matched(changes):
            flows[source, target] += amount
    return flows


def _node(kind: AccountKind, label: str, piece_of: Mapping[str, str]) -> str:
    if kind == AccountKind.ORIGIN:
        return SURPLUS_NODE if label == SURPLUS.label else "origin"
    if kind in WITH_A_PIECE:
        return f"piece:{piece_of[label]}" if label in piece_of else OTHERS
    return f"end:{kind.value}:{label}" if kind == AccountKind.CEDED else f"end:{kind.value}"


def _matched(changes: Mapping[str, int]) -> Iterable[tuple[str, str, int]]:
    """Return who gave how much to whom, where one movement says only who gave and who got."""
    givers = [(node, -amount) for node, amount in changes.items() if amount < 0]
    for target, wanted in ((node, amount) for node, amount in changes.items() if amount > 0):
        still = wanted
        while still:
            source, left = givers.pop()
            passed = min(left, still)
            yield source, target, passed
            still -= passed
            if left > passed:
                givers.append((source, left - passed))


def _net(flows: Mapping[tuple[str, str], int]) -> list[Flow]:
    """Return the flows without what went round in circles: there and back, or over several pieces."""
    left = {step: amount for step, amount in _without_passing(flows).items() if amount > 0}
    while circle := _circle(left):
        least = min(left[step] for step in circle)
        for step in circle:
            left[step] -= least
            if not left[step]:
                del left[step]
    return [Flow(source, target, amount) for (source, target), amount in left.items()]


def _without_passing(flows: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Return the flows with each surplus coming from where surpluses come from; in the books it passes through ADJUST, an end here."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (source, target), amount in flows.items():
        found[SURPLUS_NODE if source == ADJUSTED else source, target] += amount
        if source == ADJUSTED:
            found[SURPLUS_NODE, ADJUSTED] -= amount
    return found


def _circle(steps: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the steps of one circle; nothing where there is none."""
    feeds: dict[str, set[str]] = defaultdict(set)
    for source, target in steps:
        feeds[target].add(source)
    try:
        TopologicalSorter(feeds).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        return list(pairwise(ring))
    return []


def _held(
    collection: Collection, piece_of: Mapping[str, str], lines: Mapping[str, LoanLine]
) -> tuple[list[Flow], dict[str, str]]:
    """Return what of each piece is where now, and the names of these places."""
    accounts = Account.objects.filter(
        book=collection.book_id, label__in=list(piece_of), kind__in=list(WITH_A_PIECE), balance__gt=0
    )
    held: dict[tuple[str, str], int] = defaultdict(int)
    names: dict[str, str] = {}
    for kind, label, balance in accounts.order_by("kind", "label").values_list("kind", "label", "balance"):
        key, name = _place(AccountKind(kind), lines.get(label))
        held[f"piece:{piece_of[label]}", key] += balance
        names[key] = name
    return [Flow(source, target, amount) for (source, target), amount in held.items()], names


def _place(kind: AccountKind, line: LoanLine | None) -> tuple[str, str]:
    """Return who or what holds an amount, as the key and the name of a node."""
    if kind in {AccountKind.LOAN, AccountKind.TRANSIT} and line is not None:
        sent = kind == AccountKind.TRANSIT
        name = _("on the way: %(institution)s") if sent else "%(institution)s"
        return f"end:{kind.value}:{line.loan.institution}", name % {"institution": line.loan.institution}
    return f"end:{kind.value}", place_name(kind)


def place_name(kind: AccountKind) -> str:
    """Return what an account of this kind stands for, in the reader's language."""
    return {
        AccountKind.ORIGIN: _("taken in"), AccountKind.STORE: _("in store"), AccountKind.TRANSIT: _("on the way"),
        AccountKind.LOAN: _("with borrowers"), AccountKind.RESIDUE: _("left over from analyses"), AccountKind.CONSUMED: _("used up"),
        AccountKind.PREP_LOSS: _("dust of preparation"), AccountKind.LOST: _("missing"), AccountKind.CEDED: _("given away"),
        AccountKind.ADJUST: _("adjusted after weighing"),
    }[kind]  # fmt: skip


def _ends(flows: Iterable[Flow], holders: Mapping[str, str]) -> list[Node]:
    names = dict(holders)
    for flow in flows:
        if flow.target.startswith("end:"):
            kind, _colon, label = flow.target.removeprefix("end:").partition(":")
            names[flow.target] = f"{place_name(AccountKind(kind))}: {label}" if label else place_name(AccountKind(kind))
    return [Node(key, name, end=True) for key, name in sorted(names.items())]
