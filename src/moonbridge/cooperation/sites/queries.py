"""What is known of the years at named places, without terrain; who may see which study."""

from typing import Final

from django.db.models import QuerySet

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.programmes.models import Site
from moonbridge.cooperation.sites import reports
from moonbridge.cooperation.sites.models import Study
from moonbridge.cooperation.sites.reports import Brief, ByRelay, Report
from moonbridge.engines.moon.frames import distance_m
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.formats import skylines

SAME_PLACE_M: Final = 10.0
"""A skyline belongs to a site whose coordinates lie within so many metres of its own: so far they are rounded."""


def skyline_of(site: Site) -> Skyline | None:
    """Return the skyline that is shipped for a site; None where there is none of this very place."""
    skyline = skylines.shipped(site.slug)
    if skyline is None:
        return None
    here = float(site.latitude_deg), float(site.longitude_deg)
    away = distance_m(*here, skyline.latitude_deg, skyline.longitude_deg)
    return skyline if float(away) <= SAME_PLACE_M else None


def year_of(site: Site, year: int) -> Report | None:
    """Return a year at a site; None where no skyline of this very place is shipped."""
    return None if skyline_of(site) is None else reports.shipped_report(site.slug, year)


def brief_of(site: Site, year: int) -> Brief | None:
    """Return a year at a site in brief; None where no skyline of this very place is shipped."""
    return None if skyline_of(site) is None else reports.brief(site.slug, year)


def relay_of(site: Site, year: int) -> ByRelay | None:
    """Return for which part of a year a relay is in view at a site; None where no skyline of this very place is shipped."""
    return None if skyline_of(site) is None else reports.by_relay(site.slug, year)


def studies_visible_to(user: Visitor) -> QuerySet[Study]:
    """Return the studies that ``user`` made; nobody sees those of others."""
    return Study.objects.filter(by=user.pk) if user.is_authenticated else Study.objects.none()


def listed(user: Visitor) -> QuerySet[Study]:
    """Return a person's studies for a list, without their answers."""
    return studies_visible_to(user).defer("answer")


def report_of(study: Study) -> Report | None:
    """Return the year that a study found; None as long as there is no answer."""
    return reports.report(skylines.from_dict(study.answer["skyline"]), study.year) if study.answer else None
