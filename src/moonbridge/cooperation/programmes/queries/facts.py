"""What is known about things: claims, milestones and participations, fetched for many addresses with a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from moonbridge.cooperation.programmes.models import Claim, Milestone, Participation
from moonbridge.formats.catalogue import Dates, most_trusted


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known about one address, in writing order."""

    claims: list[Claim] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    participations: list[Participation] = field(default_factory=list)

    def claims_on(self, name: str) -> list[Claim]:
        """Return all claims on the field ``name``."""
        return [claim for claim in self.claims if claim.field == name]

    def claim(self, name: str) -> Claim | None:
        """Return the claim on the field ``name`` to reckon with: the most trusted with a value, then the first written."""
        return most_trusted(self.claims_on(name))

    @property
    def by_field(self) -> dict[str, list[Claim]]:
        """The claims by field, envelopes left out; fields in writing order."""
        fields: dict[str, list[Claim]] = {}
        for claim in self.claims:
            if not claim.field.startswith("envelope/"):
                fields.setdefault(claim.field, []).append(claim)
        return fields

    @property
    def dates(self) -> Dates:
        """The dates by field, with what can be computed from them."""
        best = {name: self.claim(name) for name in self.by_field}
        return Dates({name: date for name, claim in best.items() if claim and (date := claim.date) is not None})

    def amount(self, name: str) -> int | None:
        """Return the amount in base units of the claim to reckon with; None if unknown."""
        claim = self.claim(name)
        return claim.amount if claim else None

    def number(self, name: str) -> int | None:
        """Return the whole number of the claim to reckon with; None if unknown or only bounded."""
        claim = self.claim(name)
        return claim.value if claim and isinstance(claim.value, int) else None


def known_about(addresses: Iterable[str]) -> dict[str, Known]:
    """Return what is known about each of ``addresses``; five queries, however many there are."""
    wanted = list(addresses)
    known: dict[str, Known] = defaultdict(Known)
    claims = Claim.objects.filter(subject__in=wanted).select_related("conflict").prefetch_related("sources")
    for claim in claims:
        known[claim.subject].claims.append(claim)
    for milestone in Milestone.objects.filter(subject__in=wanted).prefetch_related("sources"):
        known[milestone.subject].milestones.append(milestone)
    for participation in Participation.objects.filter(subject__in=wanted).select_related("partner"):
        known[participation.subject].participations.append(participation)
    return known
