"""Partners, and everything that each takes part in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from moonbridge.cooperation.programmes.models import CatalogueEntry, Participation, Partner, PartnerKind, PartnerRole
from moonbridge.cooperation.programmes.queries.things import Thing, things


@dataclass(frozen=True, slots=True)
class TakingPart:
    """A partner takes part in a thing in some roles; ``through`` is the institution by which a country or a parent does."""

    thing: Thing
    roles: list[PartnerRole]
    through: list[Partner]


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """Everything that the page of a partner shows: its things by kind, its memberships, its institutions."""

    partner: Partner
    by_kind: dict[str, list[TakingPart]]
    members: list[CatalogueEntry]
    belonging: list[Partner]


def partners(kind: PartnerKind | None = None) -> QuerySet[Partner]:
    """Return the catalogued partners by name, each with the number of participations (``part_count``)."""
    found = Partner.objects.filter(catalogued=True).select_related("parent")
    found = found.filter(kind=kind) if kind else found
    return found.annotate(
        part_count=Count("participations", distinct=True) + Count("memberships", distinct=True)
    ).order_by("name")


def partner_page(slug: str) -> PartnerPage:
    """Return the partner ``slug`` and all it takes part in, itself or through those who belong to it.

    A country takes part through its agencies and institutions, an academy through its institutes. Raises ``Partner.DoesNotExist``.
    """
    partner = Partner.objects.select_related("parent").get(slug=slug)
    belonging = list(_belonging(partner).order_by("name"))
    everybody = [partner.pk, *(other.pk for other in belonging)]
    participations = Participation.objects.filter(partner__in=everybody).select_related("partner")
    members = CatalogueEntry.objects.filter(partner__in=everybody).select_related("programme", "partner")
    return PartnerPage(partner, _grouped(partner, participations), list(members), belonging)


def _belonging(partner: Partner) -> QuerySet[Partner]:
    others = Partner.objects.filter(catalogued=True).exclude(pk=partner.pk)
    if partner.kind == PartnerKind.COUNTRY:
        return others.filter(country=partner.country)
    return others.filter(Q(parent=partner) | Q(parent__parent=partner))


def _grouped(partner: Partner, participations: Iterable[Participation]) -> dict[str, list[TakingPart]]:
    by_subject: dict[str, list[Participation]] = {}
    for participation in participations:
        by_subject.setdefault(participation.subject, []).append(participation)
    by_kind: dict[str, list[TakingPart]] = {}
    for address, thing in things(by_subject).items():
        roles = dict.fromkeys(PartnerRole(p.role) for p in by_subject[address])
        through = dict.fromkeys(p.partner for p in by_subject[address] if p.partner_id != partner.pk)
        by_kind.setdefault(address.partition("/")[0], []).append(TakingPart(thing, list(roles), list(through)))
    return by_kind
