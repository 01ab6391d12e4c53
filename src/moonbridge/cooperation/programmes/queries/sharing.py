"""What was shared: calls with their figures, samples, membership of the station, sources, conflicts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from moonbridge.cooperation.programmes.models import CatalogueEntry, Claim, Conflict, EntryKind, PartnerKind, Source
from moonbridge.cooperation.programmes.queries.facts import Known
from moonbridge.cooperation.programmes.queries.missions import Item, items
from moonbridge.cooperation.programmes.queries.things import Thing, things


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples shared so far: batches at home, rounds for the world with their loans, gifts."""

    batches: list[Item]
    rounds: list[tuple[Item, list[Item]]]
    gifts: list[Item]

    @property
    def given_at_home(self) -> int:
        """Nanograms lent to researchers at home, as far as masses are published."""
        return _sum(batch.known.amount("given_mass") for batch in self.batches)

    @property
    def lent_abroad(self) -> int:
        """Nanograms lent abroad, as far as masses are published."""
        return _sum(loan.known.amount("mass") for _round, loans in self.rounds for loan in loans)

    @property
    def unknown_abroad(self) -> int:
        """How many loans abroad have no published mass."""
        return sum(loan.known.amount("mass") is None for _round, loans in self.rounds for loan in loans)


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership: who says what."""

    entry: CatalogueEntry
    known: Known

    @property
    def said(self) -> list[Claim]:
        """The claims that the partner is, or is not, a member."""
        return self.known.claims_on("member")

    @property
    def disputed(self) -> bool:
        """Whether some say member and others say not."""
        return len({claim.value for claim in self.said}) > 1


def calls() -> list[Item]:
    """Return all past calls, the latest released first; days and promises are in ``item.known.dates``."""
    return sorted(items(EntryKind.CALL), key=_released, reverse=True)


def samples() -> Samples:
    """Return all sample batches, loan rounds with their loans, and gifts."""
    loans = items(EntryKind.LOAN)
    rounds = [
        (found, [loan for loan in loans if loan.entry.parent_id == found.entry.pk]) for found in items(EntryKind.ROUND)
    ]
    return Samples(items(EntryKind.BATCH), rounds, items(EntryKind.GIFT))


def memberships(programme: str) -> dict[PartnerKind, list[Membership]]:
    """Return the memberships in the programme with this slug by kind of partner, in writing order."""
    found: dict[PartnerKind, list[Membership]] = {kind: [] for kind in PartnerKind}
    for item in items(EntryKind.MEMBERSHIP):
        if item.entry.programme.slug == programme and item.entry.partner:
            found[PartnerKind(item.entry.partner.kind)].append(Membership(item.entry, item.known))
    return {kind: members for kind, members in found.items() if members}


def sources() -> QuerySet[Source]:
    """Return all sources with the numbers of claims (``claim_count``) and milestones (``milestone_count``) that name them."""
    return Source.objects.annotate(
        claim_count=Count("claims", distinct=True), milestone_count=Count("milestones", distinct=True)
    ).order_by("position")


def conflicts() -> list[tuple[Conflict, Thing]]:
    """Return all conflicts with their sides and the sources of each, beside the thing that they are about."""
    found = list(Conflict.objects.prefetch_related("sides__sources"))
    about = things(conflict.subject for conflict in found)
    return [(conflict, about[conflict.subject]) for conflict in found]


def told_by(source: Source) -> list[tuple[Thing, list[Claim]]]:
    """Return what ``source`` says, by the things that it speaks of, in the catalogue's order."""
    by_subject: dict[str, list[Claim]] = {}
    for claim in source.claims.all():
        by_subject.setdefault(claim.subject, []).append(claim)
    return [(thing, by_subject[address]) for address, thing in things(by_subject).items()]


def _released(call: Item) -> str:
    opened = call.known.dates.opened
    return opened.earliest.isoformat() if opened else ""


def _sum(amounts: Iterable[int | None]) -> int:
    return sum(amount for amount in amounts if amount is not None)
