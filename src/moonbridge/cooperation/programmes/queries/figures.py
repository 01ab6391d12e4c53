"""The figures of the home page: counted from the catalogue, never written down."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet

from moonbridge.cooperation.programmes.models import (
    CatalogueEntry,
    EntryKind,
    LoadedCatalogue,
    Mission,
    Participation,
    Partner,
    PartnerKind,
    PartnerRole,
    Standing,
)
from moonbridge.cooperation.programmes.queries.sharing import calls, samples

_SHARED: Final = (EntryKind.PAYLOAD, EntryKind.EXPERIMENT, EntryKind.LOAN, EntryKind.GIFT)
"""Kinds of entries by which something was shared with somebody."""


@dataclass(frozen=True, slots=True)
class HomeFigures:
    """How much was shared. Masses are in nanograms; ``answer_days`` are the exact days from deadline to public answer by call."""

    missions: int
    payloads: int
    experiments: int
    countries: int
    institutions: int
    calls: int
    loans: int
    lent_abroad: int
    given_at_home: int
    answer_days: list[tuple[CatalogueEntry, int]]

    @property
    def slowest_answer(self) -> int | None:
        """The longest wait for a public answer, in days."""
        return max((days for _call, days in self.answer_days), default=None)


@dataclass(frozen=True, slots=True)
class MissionShare:
    """How many payloads of how many countries a mission carries or will carry."""

    mission: Mission
    payloads: int
    countries: int


def home_figures() -> HomeFigures:
    """Return the figures of the home page."""
    past, shared = calls(), samples()
    answered = [(call.entry, days.exact) for call in past if (days := call.known.dates.days_to_answer) is not None]
    entries, guests = _with_a_place(), _guests()
    return HomeFigures(
        missions=Mission.objects.filter(entries__in=entries.filter(kind=EntryKind.PAYLOAD)).distinct().count(),
        payloads=entries.filter(kind=EntryKind.PAYLOAD).count(),
        experiments=entries.filter(kind=EntryKind.EXPERIMENT).count(),
        countries=len({guest.country for guest in guests if guest.country}),
        institutions=len({guest.pk for guest in guests if guest.kind != PartnerKind.COUNTRY}),
        calls=len(past),
        loans=CatalogueEntry.objects.filter(kind=EntryKind.LOAN).count(),
        lent_abroad=shared.lent_abroad,
        given_at_home=shared.given_at_home,
        answer_days=[(call, days) for call, days in answered if days is not None],
    )


def shares_by_mission() -> list[MissionShare]:
    """Return the missions that carry payloads of partners, with the numbers of payloads and of countries; for the chart."""
    payloads = Q(entries__kind=EntryKind.PAYLOAD) & ~Q(entries__standing=Standing.LOST)
    found = Mission.objects.filter(payloads).annotate(payload_count=Count("entries", filter=payloads, distinct=True))
    countries = _countries_by_mission()
    return [
        MissionShare(mission, mission.payload_count, len(countries.get(mission.slug, ())))
        for mission in found.order_by("position")
    ]


def loaded_catalogue() -> LoadedCatalogue | None:
    """Return which state of the catalogue is shown; for citations."""
    return LoadedCatalogue.objects.first()


def _with_a_place() -> QuerySet[CatalogueEntry]:
    return CatalogueEntry.objects.exclude(standing=Standing.LOST)


def _guests() -> list[Partner]:
    """Return who took part in payloads, experiments, loans, gifts and shared missions of another country's agency."""
    subjects = {mission.address: mission.agency.country for mission in Mission.objects.select_related("agency")}
    for entry in _with_a_place().filter(kind__in=_SHARED).select_related("programme__agency"):
        subjects[entry.address] = entry.programme.agency.country if entry.programme.agency else ""
    participations = Participation.objects.filter(subject__in=subjects).exclude(
        role__in=[PartnerRole.HOST, PartnerRole.COUNTERPART]
    )
    return [
        participation.partner
        for participation in participations.select_related("partner")
        if participation.partner.country != subjects[participation.subject]
    ]


def _countries_by_mission() -> dict[str, set[str]]:
    homes = {entry.address: entry for entry in _with_a_place().filter(kind=EntryKind.PAYLOAD).select_related("mission")}
    countries: dict[str, set[str]] = {}
    for participation in Participation.objects.filter(subject__in=homes, role=PartnerRole.COUNTRY):
        mission = homes[participation.subject].mission
        if mission:
            countries.setdefault(mission.slug, set()).add(str(participation.partner_id))
    return countries
