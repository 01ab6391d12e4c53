"""For which year a place is reckoned: that of the mission's landing where it is known, else the coming one, and why."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from moonbridge.cooperation.programmes.models import Claim, Confidence, Mission
from moonbridge.cooperation.sites.reports import FIRST_YEAR, LAST_YEAR, coming_year

LANDING: Final = "landing"
LAUNCH: Final = "launch"
_TRUST: Final = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A year, and in a sentence why it is this one."""

    year: int
    why: str


def year_for(mission: Mission, today: date) -> Reckoned:
    """Return the year of the landing, else that of the launch, as the catalogue's claims give them; else the coming year.

    Of several claims the most trusted one counts, of equals the first; of a date that spans several years the first year. One query.
    """
    claims = Claim.objects.filter(
        subject=mission.address, field__in=(LANDING, LAUNCH), earliest__year__range=(FIRST_YEAR, LAST_YEAR)
    )
    best = min(claims, key=_rank, default=None)
    if best is None or best.earliest is None:
        return _coming(mission, today)
    told = {"year": best.earliest.year, "mission": mission, "date": best.text}
    if best.field == LANDING:
        why = _("Reckoned for %(year)s: the catalogue gives %(date)s for the landing of %(mission)s.") % told
    else:
        why = (
            _(
                "Reckoned for %(year)s: the catalogue gives %(date)s for the launch of %(mission)s, and no date of its landing."
            )
            % told
        )
    return Reckoned(best.earliest.year, why)


def _rank(claim: Claim) -> tuple[bool, int, int]:
    return claim.field != LANDING, _TRUST[Confidence(claim.confidence)], claim.position


def _coming(mission: Mission, today: date) -> Reckoned:
    year = coming_year(today)
    told = {"year": year, "mission": mission}
    return Reckoned(
        year,
        _("Reckoned for the coming year, %(year)s: neither landing nor launch of %(mission)s has a known date.") % told,
    )
