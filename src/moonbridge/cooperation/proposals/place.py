"""What an option asks for, held against the place where it is to stand: the night to live through, and the hours to send in.

Plain arithmetic on what is asked and on the site's year. How much a battery holds, what sleeps at night or how fast a link is are
not known here, and nothing is assumed about them.
"""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Final

from django.utils.formats import localize
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Opportunity, Resource
from moonbridge.cooperation.proposals.content import Option
from moonbridge.cooperation.proposals.fit import lines_for
from moonbridge.cooperation.sites.landing import Reckoned
from moonbridge.cooperation.sites.queries import brief_of, relay_of
from moonbridge.cooperation.sites.reports import Brief, ByRelay
from moonbridge.quantities import ENERGY, POWER

SYNODIC_MONTH: Final = timedelta(days=29.530589)
"""The mean lunar day from noon to noon (Meeus, Astronomical Algorithms, 2nd edition, chapter 49)."""
_HOUR: Final = timedelta(hours=1)
_DAY_S: Final = 86_400
_BITS: Final = 8
_PERCENT: Final = 100


def sentences(option: Option, opportunity: Opportunity, reckoned: Reckoned) -> list[str]:
    """Return what the place means for ``option``, a sentence each, the first one saying for which year and why.

    None where no site, or nothing that bears on it, is stated.
    """
    site = opportunity.site
    brief = None if site is None else brief_of(site, reckoned.year)
    if site is None or brief is None:
        return []
    asked = {line.resource: option.demands.get(line.pk) for line in lines_for(option, opportunity)}
    power, data = asked.get(Resource.POWER_AVERAGE), asked.get(Resource.DATA_PER_DAY)
    found = [
        *(_power(power, brief) if power else ()),
        *(_data(data, brief, relay_of(site, reckoned.year)) if data else ()),
    ]
    return [reckoned.why, *found] if found else []


def _power(milliwatts: int, brief: Brief) -> Iterator[str]:
    month = {"power": POWER.text(milliwatts), "energy": _energy(milliwatts, SYNODIC_MONTH)}
    yield _("%(power)s without a pause are %(energy)s in a mean lunar day of 29.5 days.") % month
    if brief.night is not None:
        night = {"night": brief.longest_night, "energy": _energy(milliwatts, brief.night), "year": brief.year}
        yield (
            _("Through the longest night of %(year)s, %(night)s, the same power takes %(energy)s from storage.") % night
        )


def _energy(milliwatts: int, duration: timedelta) -> str:
    """Return the energy in words, to three figures: a forecast has no more."""
    exact = milliwatts * duration / _HOUR
    digits = len(str(int(exact))) - 3
    return ENERGY.text(int(round(exact, -digits)) if digits > 0 else round(exact))


def _data(bytes_per_day: int, brief: Brief, relay: ByRelay | None) -> Iterator[str]:
    share = {"share": localize(round(brief.contact, 1)), "year": brief.year}
    yield _("Sun and Earth are in view together for %(share)s %% of %(year)s.") % share
    if brief.contact > 0:
        rate = {"rate": _rate(bytes_per_day, brief.contact)}
        yield _("To send it in those hours alone takes %(rate)s kbit/s in the mean.") % rate
    if relay is not None and relay.share > 0:
        way = {"relay": relay.title, "share": localize(round(relay.share, 1)), "year": brief.year}
        yield _(
            "By way of a relay, where the mission may use one, contact is possible for %(share)s %% of %(year)s, "
            "at %(rate)s kbit/s in the mean (%(relay)s)."
        ) % (way | {"rate": _rate(bytes_per_day, relay.share)})


def _rate(bytes_per_day: int, percent: float) -> str:
    """Return the kbit/s at which a day's data are sent in that part of the day, in the reader's words."""
    seconds = Fraction(percent) / _PERCENT * _DAY_S
    return localize(_rounded(float(Fraction(bytes_per_day * _BITS) / seconds) / 1000))


def _rounded(number: float) -> float:
    """Return three figures of a number."""
    return float(f"{number:.3g}")
