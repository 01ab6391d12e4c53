"""Where the mass of whole collections is now: by kind of account, and with which institution; the figures of desks and public pages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from moonbridge.cooperation.samples.models import Collection
from moonbridge.cooperation.samples.queries.custody import SURPLUS_NODE, History, place_name, sources
from moonbridge.cooperation.samples.sankey import Flow, Node
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind
from moonbridge.ledger.models import Account

ORDER: Final = tuple(kind for kind in AccountKind if kind is not AccountKind.ORIGIN)
"""How pages list where mass is."""

HELD_BY_BORROWERS: Final = frozenset({AccountKind.LOAN, AccountKind.TRANSIT, AccountKind.RESIDUE})
LENT: Final = "lent"
_LENT = """
SELECT c.id, l.institution, l.country, sum(a.balance)::bigint, count(DISTINCT l.id)
FROM samples_loan AS l JOIN samples_loanline AS n ON n.loan_id = l.id JOIN samples_split AS s ON s.id = n.split_id
JOIN samples_collection AS c ON c.id = s.collection_id
JOIN ledger_account AS a ON a.book_id = c.book_id AND a.kind IN ('loan', 'transit', 'residue') AND a.label = l.code || '/' || n.number
WHERE c.id = ANY(%s) AND a.balance > 0 GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """An institution that holds material on loan now: how much (nanograms), under how many loans."""

    institution: str
    country: str
    amount: int
    loans: int

    @property
    def name(self) -> str:
        """The institution with its country."""
        return f"{self.institution} ({self.country})" if self.country else self.institution


@dataclass
class Whereabouts:
    """Where the mass of one collection is, in nanograms; what is in no account of a kind is zero."""

    collection: Collection
    totals: dict[AccountKind, int] = field(default_factory=lambda: defaultdict(int))
    surplus: int = 0
    lent: list[Holder] = field(default_factory=list)
    ceded: list[tuple[str, int]] = field(default_factory=list)

    @property
    def returned(self) -> int:
        """What the mission brought home, as far as it was taken in; surpluses of weighings are not in it."""
        return -self.totals[AccountKind.ORIGIN] - self.surplus

    @property
    def stored(self) -> int:
        """What is in store."""
        return self.totals[AccountKind.STORE]

    @property
    def consumed(self) -> int:
        """What was used up."""
        return self.totals[AccountKind.CONSUMED]

    @property
    def with_borrowers(self) -> int:
        """What borrowers answer for: with them, on its way, left over."""
        return sum(self.totals[kind] for kind in HELD_BY_BORROWERS)

    @property
    def rows(self) -> list[tuple[AccountKind, str, int]]:
        """Kind, words and amount of each place in which there is something."""
        return [(kind, place_name(kind), self.totals[kind]) for kind in ORDER if self.totals[kind]]

    @property
    def table(self) -> list[tuple[str, str, int]]:
        """Place, holder and amount, row by row; the rows of holders stand below the places that they are part of."""
        parts = {AccountKind.CEDED: [("", name, amount) for name, amount in self.ceded]}
        parts[self._last_with_borrowers] = [("", one.name, one.amount) for one in self.lent]
        if self.unnamed:
            parts[self._last_with_borrowers].append(("", _("whom the books do not name"), self.unnamed))
        return [row for kind, words, amount in self.rows for row in ((words, "", amount), *parts.get(kind, ()))]

    @property
    def _last_with_borrowers(self) -> AccountKind:
        return next(
            (kind for kind in reversed(ORDER) if kind in HELD_BY_BORROWERS and self.totals[kind]), AccountKind.LOAN
        )

    @property
    def unnamed(self) -> int:
        """What is with borrowers of whom the books know no loan, as in collections that came with their own records."""
        return max(0, self.with_borrowers - sum(one.amount for one in self.lent))

    @property
    def adds_up(self) -> bool:
        """Whether what was taken in is all accounted for: the book's accounts add up to zero."""
        return sum(self.totals.values()) == 0


def whereabouts(collections: Iterable[Collection]) -> list[Whereabouts]:
    """Return where the mass of ``collections`` is, in four queries."""
    found = {one.book_id: Whereabouts(one) for one in collections}
    accounts = Account.objects.filter(book__in=list(found))
    for row in accounts.values("book", "kind").annotate(together=Sum("balance")).order_by():
        found[row["book"]].totals[AccountKind(row["kind"])] = int(row["together"])
    named = Q(kind=AccountKind.CEDED, balance__gt=0) | Q(kind=AccountKind.ORIGIN, label=SURPLUS.label)
    for book, kind, label, balance in (
        accounts.filter(named).order_by("-balance").values_list("book", "kind", "label", "balance")
    ):
        if kind == AccountKind.ORIGIN:
            found[book].surplus = -balance
        else:
            found[book].ceded.append((label, balance))
    by_key = {one.collection.pk: one for one in found.values()}
    for key, holder in _lent(list(by_key)):
        by_key[key].lent.append(holder)
    return list(found.values())


def _lent(keys: list[UUID]) -> Iterator[tuple[UUID, Holder]]:
    """Yield what institutions hold, by collection, the largest amount first."""
    with connection.cursor() as cursor:
        cursor.execute(_LENT, [keys])
        for key, institution, country, amount, loans in cursor.fetchall():
            yield key, Holder(institution, country, amount, loans)


def public_collections() -> QuerySet[Collection]:
    """Return the collections of which everybody may read: those of agencies that lend."""
    lent = Collection.objects.filter(agency__lender__isnull=False)
    return lent.select_related("agency", "mission", "book").order_by("book__synthetic", "slug")


def of_book(found: Whereabouts) -> History:
    """Return the diagram of a whole book: from the mission over where mass is to who holds it."""
    nodes = {node.key: node for node in sources(found.collection)}
    flows = list(_from_sources(found, {key: amount for key, _name, amount in _places(found)}))
    nodes |= {key: Node(key, name) for key, name, _amount in _places(found)}
    for place, key, name, amount in _holders(found):
        nodes[key] = Node(key, name, end=True)
        flows.append(Flow(place, key, amount))
    return History(list(nodes.values()), flows)


def _places(found: Whereabouts) -> list[tuple[str, str, int]]:
    """Return key, words and amount of the middle column; all that borrowers answer for is one place."""
    held = found.with_borrowers
    others = [(kind.value, name, amount) for kind, name, amount in found.rows if kind not in HELD_BY_BORROWERS]
    return [*others[:1], *([(LENT, place_name(AccountKind.LOAN), held)] if held else []), *others[1:]]


def _from_sources(found: Whereabouts, places: Mapping[str, int]) -> Iterator[Flow]:
    """Yield what came from the mission, and what weighings found beyond it: that is first what was adjusted, then in store."""
    surplus = found.surplus
    for key in sorted(places, key=_adjusted_first):
        beyond = min(surplus, places[key])
        surplus -= beyond
        if beyond:
            yield Flow(SURPLUS_NODE, key, beyond)
        if places[key] > beyond:
            yield Flow("origin", key, places[key] - beyond)


def _adjusted_first(key: str) -> tuple[bool, bool]:
    return key != AccountKind.ADJUST, key != AccountKind.STORE


def _holders(found: Whereabouts) -> Iterator[tuple[str, str, str, int]]:
    """Yield place, key, name and amount of those who hold something."""
    for one in found.lent:
        yield LENT, f"holder:{one.institution}:{one.country}", one.institution, one.amount
    if found.unnamed:
        yield LENT, "holder", _("whom the books do not name"), found.unnamed
    for receiver, amount in found.ceded:
        yield AccountKind.CEDED, f"receiver:{receiver}", receiver, amount
