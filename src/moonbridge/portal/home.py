"""The home page: what is open now, and what was shared with whom, in figures and one chart."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import (
    CatalogueEntry,
    EntryKind,
    Participation,
    Partner,
    PartnerKind,
    PartnerRole,
)
from moonbridge.cooperation.programmes.queries import HomeFigures, home_figures
from moonbridge.portal import charts, links
from moonbridge.quantities import SAMPLE_MASS

SERIES: dict[str, Promise] = {
    EntryKind.PAYLOAD: _("payloads on missions"),
    EntryKind.EXPERIMENT: _("station experiments"),
    EntryKind.LOAN: _("loans of lunar samples"),
    EntryKind.MEMBERSHIP: _("named as member of the Moon station"),
}
"""What the chart counts."""

MOST_BARS = 16


@dataclass(frozen=True, slots=True)
class Country:
    """A country and how much it takes part in, by kind."""

    partner: Partner
    counts: dict[str, int]

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return links.name_of(self.partner)

    @property
    def total(self) -> int:
        """The sum over all kinds."""
        return sum(self.counts.values())

    @property
    def cells(self) -> list[int]:
        """The counts in the order of :data:`SERIES`."""
        return [self.counts.get(kind, 0) for kind in SERIES]


class Home:
    """Everything that the home page says about what was shared."""

    @cached_property
    def countries(self) -> list[Country]:
        """The countries that others share with, the one with the most first."""
        partners = Partner.objects.filter(kind=PartnerKind.COUNTRY)
        by_code = {partner.country: partner for partner in partners}
        counted = _counts()
        found = [Country(by_code[code], counts) for code, counts in counted.items() if code in by_code]
        return sorted(found, key=lambda country: (-country.total, country.partner.slug))

    @cached_property
    def figures(self) -> HomeFigures:
        """The counts."""
        return home_figures()

    @property
    def lent_abroad(self) -> str:
        """The mass of the samples lent abroad."""
        return SAMPLE_MASS.text(self.figures.lent_abroad)

    @property
    def answer_range(self) -> str:
        """The shortest and the longest wait for a public answer to a call, in days; empty where no call was answered."""
        waits = sorted(days for _call, days in self.figures.answer_days)
        return "–".join(str(days) for days in dict.fromkeys([waits[0], waits[-1]])) if waits else ""

    @property
    def chart(self) -> SafeString:
        """The countries that take part in the most, as bars."""
        rows = [
            (country.name, str(title), country.counts[kind])
            for country in self.countries[:MOST_BARS]
            for kind, title in SERIES.items()
            if kind in country.counts
        ]
        description = gettext("Bars by country; the table below holds the same numbers for every country.")
        return charts.stacked_bars(rows, title=gettext("What was shared with whom"), description=description)

    @property
    def series(self) -> list[Promise]:
        """The heads of the table's columns."""
        return list(SERIES.values())


def _counts() -> dict[str, Counter[str]]:
    """Return how many things each country takes part in, by code and kind; the host's own country is left out."""
    hosts = dict(CatalogueEntry.objects.values_list("pk", "programme__agency__country"))
    entries = CatalogueEntry.objects.filter(kind__in=list(SERIES)).values_list("kind", "slug", "pk", "partner__country")
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    host_of = {}
    for kind, slug, pk, country in entries:
        host_of[f"{kind}/{slug}"] = hosts[pk]
        if country and country != hosts[pk]:
            shared[country, kind].add(slug)
    parts = Participation.objects.exclude(role=PartnerRole.COUNTERPART)
    for subject, country in parts.values_list("subject", "partner__country"):
        if country and subject in host_of and country != host_of[subject]:
            shared[country, subject.partition("/")[0]].add(subject.partition("/")[2])
    return _by_country(shared)


def _by_country(shared: dict[tuple[str, str], set[str]]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (country, kind), slugs in shared.items():
        counts[country][kind] = len(slugs)
    return counts
