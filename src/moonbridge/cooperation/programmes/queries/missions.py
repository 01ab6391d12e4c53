"""Programmes and missions, each with all that is known about it."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from moonbridge.cooperation.programmes.models import CatalogueEntry, Element, EntryKind, Mission, Programme, Standing
from moonbridge.cooperation.programmes.queries.facts import Known, known_about

ENVELOPE = "envelope"
WHOLE_MISSION = "all"
PER_ITEM = "_per_item"


@dataclass(frozen=True, slots=True)
class Item:
    """A payload, call or other entry with what is known about it."""

    entry: CatalogueEntry
    known: Known


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """A payload on an element, its mass in milligrams (None: unknown) and whether it still has its place."""

    payload: Item
    mass: int | None
    lost: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """The payloads of one element against the mass that calls offered on it.

    ``element`` is None for payloads whose host is not known. ``offered`` is in milligrams, None where no call said; ``known_mass`` is
    the sum of the masses that are known, of payloads that have their place; ``unknown`` counts the others.
    """

    element: Element | None
    offered: int | None
    lines: list[ManifestLine]

    @property
    def known_mass(self) -> int:
        """Milligrams taken as far as masses are known."""
        return sum(line.mass for line in self.lines if line.mass is not None and not line.lost)

    @property
    def unknown(self) -> int:
        """How many payloads have their place and no known mass."""
        return sum(line.mass is None and not line.lost for line in self.lines)

    @property
    def heaviest(self) -> int:
        """The length of a bar chart in milligrams: the offer, or what is taken if that is more."""
        return max(self.offered or 0, self.known_mass, *(line.mass or 0 for line in self.lines), 0)


@dataclass(frozen=True, slots=True)
class MissionPage:
    """Everything that the page of a mission shows."""

    mission: Mission
    known: Known
    elements: list[tuple[Element, Known]]
    manifests: list[Manifest]
    payloads: list[Item]
    calls: list[Item]
    samples: list[Item]


def programmes() -> QuerySet[Programme]:
    """Return all programmes with their agency, their missions, and the number of entries of each (``shared``)."""
    return (
        Programme.objects.select_related("agency")
        .prefetch_related(Prefetch("missions", queryset=missions()))
        .annotate(shared=Count("entries", filter=~Q(entries__kind__in=[EntryKind.LESSON, EntryKind.QUESTION])))
        .order_by("position", "slug")
    )


def missions() -> QuerySet[Mission]:
    """Return all missions with agency, programme, and the numbers of ``payloads`` that have a place and of ``calls``."""
    return (
        Mission.objects.select_related("agency", "programme")
        .prefetch_related("elements")
        .annotate(
            payloads=Count("entries", filter=Q(entries__kind=EntryKind.PAYLOAD) & ~Q(entries__standing=Standing.LOST)),
            calls=Count("entries", filter=Q(entries__kind=EntryKind.CALL)),
        )
        .order_by("position", "slug")
    )


def programme_items(programme: Programme) -> tuple[Known, dict[str, list[Item]]]:
    """Return what is known about ``programme`` itself, and its entries by kind, each with what is known about it."""
    items, known = _with_facts(programme.entries.all(), extra=[programme.address])
    by_kind: dict[str, list[Item]] = {}
    for item in items:
        by_kind.setdefault(item.entry.kind, []).append(item)
    return known[programme.address], by_kind


def mission_page(slug: str) -> MissionPage:
    """Return the mission ``slug`` with everything on its page; raises ``Mission.DoesNotExist``. Eleven queries at most."""
    mission = Mission.objects.select_related("agency", "programme__agency").get(slug=slug)
    elements = list(mission.elements.select_related("mission"))
    entries = CatalogueEntry.objects.filter(Q(mission=mission) | Q(sampled=mission)).distinct()
    items, known = _with_facts(entries, extra=[mission.address, *(element.address for element in elements)])
    payloads = [item for item in items if item.entry.kind == EntryKind.PAYLOAD]
    calls = [item for item in items if item.entry.kind == EntryKind.CALL]
    return MissionPage(
        mission=mission,
        known=known[mission.address],
        elements=[(element, known[element.address]) for element in elements],
        manifests=_manifests(elements, payloads, calls),
        payloads=payloads,
        calls=calls,
        samples=[item for item in items if item.entry.kind in (EntryKind.BATCH, EntryKind.ROUND)],
    )


def item(kind: str, slug: str) -> Item:
    """Return one entry with what is known about it; raises ``CatalogueEntry.DoesNotExist``."""
    entry = CatalogueEntry.objects.select_related("programme", "mission", "element", "partner", "parent").get(
        kind=kind, slug=slug
    )
    return Item(entry, known_about([entry.address])[entry.address])


def items(kind: str) -> list[Item]:
    """Return all entries of ``kind`` in writing order, each with what is known about it; a constant number of queries."""
    return _with_facts(CatalogueEntry.objects.filter(kind=kind))[0]


def _with_facts(
    entries: QuerySet[CatalogueEntry], extra: list[str] | None = None
) -> tuple[list[Item], dict[str, Known]]:
    rows = list(entries.select_related("programme", "mission", "element", "partner", "parent"))
    known = known_about([row.address for row in rows] + (extra or []))
    return [Item(row, known[row.address]) for row in rows], known


def offered_masses(call: Known) -> dict[str, int]:
    """Return the milligrams that a call offers in total, by element key; ``all`` stands for the whole mission."""
    fields = {claim.field.split("/")[1]: claim.field for claim in call.claims if claim.field.startswith(f"{ENVELOPE}/")}
    masses = {element: call.amount(f"{ENVELOPE}/{element}/mass") for element in fields}
    return {element: mass for element, mass in masses.items() if mass is not None}


def _manifests(elements: list[Element], payloads: list[Item], calls: list[Item]) -> list[Manifest]:
    """Return one manifest for each element that carries or offers something, then one for payloads without a known host."""
    offered: dict[str, int] = {}
    for call in calls:
        offered |= offered_masses(call.known)
    manifests = [Manifest(element, offered.get(element.slug), _lines(payloads, element.pk)) for element in elements]
    homeless = Manifest(None, None, _lines(payloads, None))
    return [manifest for manifest in [*manifests, homeless] if manifest.lines or manifest.offered]


def _lines(payloads: list[Item], element_id: object) -> list[ManifestLine]:
    return [
        ManifestLine(payload, payload.known.amount("mass"), payload.entry.standing == Standing.LOST)
        for payload in payloads
        if payload.entry.element_id == element_id
    ]
