"""Where the samples of each mission are: what is published, with its sources, and what the books of this site say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from moonbridge.cooperation.programmes import queries
from moonbridge.cooperation.programmes.models import Claim, EntryKind, Mission, PartnerRole
from moonbridge.cooperation.programmes.queries import Item, Known
from moonbridge.cooperation.samples.models import Collection
from moonbridge.cooperation.samples.queries.custody import History
from moonbridge.cooperation.samples.queries.whereabouts import Whereabouts, of_book, public_collections, whereabouts
from moonbridge.cooperation.samples.sankey import Flow, Node, Sankey, drawn

HOME, ABROAD, REST = "home", "abroad", "rest"
RETURNED = "sample_mass"
"""The field of a mission's claims that says what it brought home."""


@dataclass(frozen=True, slots=True)
class Share:
    """Something published: a batch for researchers at home, or a loan abroad, with the claim on its mass (None: none was made)."""

    item: Item
    abroad: bool
    claim: Claim | None

    @property
    def amount(self) -> int | None:
        """Nanograms; None where the mass is not published."""
        return self.claim.amount if self.claim else None

    @property
    def institutions(self) -> list[str]:
        """Who borrowed, as far as published."""
        lent_to = [part for part in self.item.known.participations if part.role == PartnerRole.BORROWER]
        return [part.partner.name for part in lent_to or self.item.known.participations]


@dataclass
class Published:
    """What is published of the samples of one mission."""

    mission: Mission
    known: Known
    shares: list[Share]

    @property
    def returned(self) -> Claim | None:
        """The claim on the mass that the mission brought home."""
        return self.known.claim(RETURNED)

    @property
    def lent(self) -> int:
        """Nanograms lent, as far as masses are published."""
        return sum(share.amount or 0 for share in self.shares)

    @property
    def unknown(self) -> int:
        """How many loans and batches have no published mass."""
        return sum(share.amount is None for share in self.shares)

    @property
    def rest(self) -> int | None:
        """What is kept, or of which nothing is published; None where nobody said how much there is."""
        whole = self.returned.amount if self.returned else None
        return None if whole is None else max(0, whole - self.lent)

    @property
    def all_known(self) -> Iterable[Known]:
        """Everything that the page leans on, for its list of sources."""
        return [self.known, *(share.item.known for share in self.shares)]

    @cached_property
    def chart(self) -> Sankey:
        """From the mission to those who were lent something."""
        history = self._history()
        return drawn(history.nodes, history.flows)

    def _history(self) -> History:
        nodes = [
            Node("origin", self.mission.name), Node(HOME, _("lent at home")), Node(ABROAD, _("lent abroad")),
            Node(REST, _("kept, or nothing published"), end=True),
        ]  # fmt: skip
        flows = [Flow("origin", REST, self.rest)] if self.rest else []
        for share in self.shares:
            if share.amount:
                nodes.append(Node(share.item.entry.address, share.item.entry.name, end=True))
                flows.append(Flow(ABROAD if share.abroad else HOME, share.item.entry.address, share.amount))
        middle = {place: sum(flow.amount for flow in flows if flow.source == place) for place in (HOME, ABROAD)}
        flows += [Flow("origin", place, amount) for place, amount in middle.items() if amount]
        return History(nodes, flows)


@dataclass
class Kept:
    """What the books say of one collection."""

    where: Whereabouts

    @cached_property
    def chart(self) -> Sankey:
        """From the mission to present custody, by institution."""
        history = of_book(self.where)
        return drawn(history.nodes, history.flows)

    @property
    def collection(self) -> Collection:
        """The collection."""
        return self.where.collection

    @property
    def said(self) -> dict[str, object]:
        """What the diagram says of itself."""
        title = _("%(name)s: from the mission to present custody") % {"name": self.collection.name}
        return {"title": title, "synthetic": self.collection.book.synthetic, "key": self.collection.slug}


def published(slug: str) -> Published:
    """Return what is published of a mission's samples; raises ``Mission.DoesNotExist``."""
    page = queries.mission_page(slug)
    loans = queries.items(EntryKind.LOAN) if any(one.entry.kind == EntryKind.ROUND for one in page.samples) else []
    return Published(page.mission, page.known, list(_shares(page.samples, loans)))


def _shares(samples: Iterable[Item], loans: list[Item]) -> Iterator[Share]:
    """Yield the batches, and the loans of each round."""
    for item in samples:
        if item.entry.kind == EntryKind.BATCH:
            yield Share(item, abroad=False, claim=item.known.claim("given_mass"))
        for loan in loans:
            if item.entry.kind == EntryKind.ROUND and loan.entry.parent_id == item.entry.pk:
                yield Share(loan, abroad=True, claim=loan.known.claim("mass"))


def kept(*, mission: Mission | None = None, slug: str = "") -> list[Kept]:
    """Return what the books of this site say of all public collections, of those of a mission, or of one."""
    found = public_collections()
    if mission is not None:
        found = found.filter(mission=mission)
    if slug:
        found = found.filter(slug=slug)
    return [Kept(one) for one in whereabouts(found)]


def missions_with_samples() -> list[tuple[Mission, Known]]:
    """Return the missions that brought samples home, or from which samples were shared, each with what is known about it."""
    found = list(queries.missions())
    known = queries.known_about(mission.address for mission in found)
    prefetch_related_objects(found, "sample_offers")
    return [(one, known[one.address]) for one in found if known[one.address].claim(RETURNED) or one.sample_offers.all()]
