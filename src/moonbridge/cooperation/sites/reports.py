"""A year at a place, with everything that a page says of it; what comes with the catalogue is computed once for each worker."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final

from django.utils.translation import gettext as _

from moonbridge.cooperation.sites import pictures
from moonbridge.engines.moon.relay import PRESETS, Preset
from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.engines.moon.windows import SECOND, Window
from moonbridge.engines.moon.years import CYCLE_YEARS, Year, mean_light, relay_by_day, year_at
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris, orbits, skylines
from moonbridge.formats import windows as exported
from moonbridge.formats.coordinates import Coordinates
from moonbridge.formats.instants import instant
from moonbridge.formats.skylines import years as files

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2050
"""Years that pages answer for; the ephemeris knows a few more on both sides."""
CYCLE_FIRST: Final = 2017
"""The published means over many years begin here."""
RELAY: Final = "queqiao2-24h"
"""The relay that a far side is served by, on the orbit that its agency published."""
HALF_A_YEAR: Final = timedelta(days=184)
MOST_ROWS: Final = 14
"""Windows in a table; a file has all of them."""
MOST_NIGHTS: Final = 6
COUNTED: Final = "sun: any point of the disc; earth: any point of the disc"


def coming_year(today: date) -> int:
    """Return the year that a page shows unless asked: from July on the next one, for whoever plans."""
    return min((today + HALF_A_YEAR).year, LAST_YEAR)


def checked_year(year: int) -> int:
    """Return ``year`` if pages answer for it; :class:`InputError` otherwise."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            _("Years from %(first)s to %(last)s can be shown, not %(year)s.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR, "year": year},
            field="year",
        )
    return year


@dataclass(frozen=True, slots=True)
class Download:
    """A file that can be had: what it is called, and where."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Span:
    """A window as a table shows it; ``begun`` and ``lasting`` say that the search cuts it."""

    start: datetime
    end: datetime
    begun: bool
    lasting: bool

    @property
    def length(self) -> str:
        """How long it lasts, in the reader's words."""
        return duration_words(self.end - self.start)

    @property
    def at_least(self) -> str:
        """The same, or that it is more, where the search cuts it."""
        return _("more than %(length)s") % {"length": self.length} if self.begun or self.lasting else self.length


@dataclass(frozen=True, slots=True)
class MonthRow:
    """The means over one month, in percent; ``relays`` in the order of the presets."""

    first: date
    light: float
    earth: float
    contact: float
    relays: list[float]


@dataclass(frozen=True, eq=False)
class Report:
    """A year at a place."""

    skyline: Skyline
    year: Year
    cycle: float
    """The mean light over many years, as :func:`~moonbridge.engines.moon.years.mean_light` counts it."""

    @property
    def place(self) -> Coordinates:
        """Where it is."""
        return Coordinates(self.skyline.latitude_deg, self.skyline.longitude_deg)

    @property
    def provenance(self) -> Provenance:
        """What the horizon was made from."""
        return self.skyline.provenance

    @property
    def finest_m(self) -> float | None:
        """The side of the smallest pixel of the terrain; None for the bare sphere."""
        return min((one.pixel_m for one in self.provenance.terrain), default=None)

    @property
    def ephemeris(self) -> str:
        """The name of the ephemeris."""
        return ephemeris.default().name

    @property
    def presets(self) -> list[Preset]:
        """The relays that are shown."""
        return list(PRESETS.values())

    @property
    def relays(self) -> list[tuple[Preset, float]]:
        """Each relay with its share of the year, in percent."""
        return [(preset, 100 * float(self.year.relays[preset.name].mean())) for preset in self.presets]

    @property
    def light(self) -> float:
        """The mean visible share of the Sun's disc, in percent."""
        return 100 * self.year.sunlight.mean

    @property
    def cycle_light(self) -> float:
        """The same over many years."""
        return 100 * self.cycle

    @property
    def cycle_years(self) -> tuple[int, int]:
        """The first and the last of those years."""
        return CYCLE_FIRST, CYCLE_FIRST + CYCLE_YEARS - 1

    @property
    def earth(self) -> float:
        """For which part of the year any of the Earth is in view, in percent."""
        return 100 * self.year.earthlight.any_share

    @property
    def contact(self) -> float:
        """For which part of the year any of the Sun and any of the Earth are in view, in percent."""
        return 100 * float(self.year.contact_by_day.mean())

    @property
    def longest_night(self) -> Span | None:
        """The longest time without any Sun; None where it never sets."""
        longest = self.year.longest_night
        return None if longest is None else _span(longest)

    @property
    def longest_light(self) -> Span | None:
        """The longest time with always some Sun; None where it never rises."""
        longest = self.year.longest_light
        return None if longest is None else _span(longest)

    @property
    def nights(self) -> list[Span]:
        """The longest nights, the longest first."""
        longest = sorted(self.year.nights, key=lambda night: -night.duration)[:MOST_NIGHTS]
        return [_span(night) for night in longest]

    @property
    def contacts(self) -> list[Span]:
        """The longest windows with Sun and Earth, in the order of time."""
        longest = sorted(self.year.contacts, key=lambda window: -window.duration)[:MOST_ROWS]
        return [_span(window) for window in sorted(longest, key=lambda window: window.start)]

    @property
    def more_contacts(self) -> int:
        """How many windows the table leaves out."""
        return max(0, len(self.year.contacts) - MOST_ROWS)

    @cached_property
    def months(self) -> list[MonthRow]:
        """The year by the month."""
        year = self.year
        daily = [year.light_by_day, year.earth_by_day, year.contact_by_day, *year.relays.values()]
        rows = []
        for days in year.months():
            light, earth, contact, *relays = (100 * float(shares[days].mean()) for shares in daily)
            rows.append(MonthRow(year.days[days.start].item(), light, earth, contact, relays))
        return rows

    @cached_property
    def panorama(self) -> "pictures.Panorama":
        """The skyline with the ways of Sun and Earth."""
        return pictures.panorama(self.skyline, ephemeris.default(), self.year.year)

    @cached_property
    def strip(self) -> list["pictures.StripRow"]:
        """The year as rows of days."""
        return pictures.strip(self.year, {preset.name: preset.title for preset in self.presets})

    @property
    def horizon(self) -> list[tuple[int, float, float]]:
        """Azimuth, elevation and distance (km) of the horizon every 30 degrees: the picture as a table."""
        step = self.skyline.elevation_deg.size // 12
        return [
            (30 * k, float(self.skyline.elevation_deg[k * step]), float(self.skyline.distance_m[k * step]) / 1000)
            for k in range(12)
        ]

    def days_csv(self) -> bytes:
        """Return the shares by day as CSV."""
        return files.days_csv(self.year, self.skyline, self._asked().provenance)

    def windows_csv(self) -> bytes:
        """Return the windows with Sun and Earth as CSV."""
        return exported.as_csv(self._asked(), exported.window_records(self.year.contacts))

    def calendar(self, now: datetime) -> bytes:
        """Return the windows with Sun and Earth as iCalendar, stamped ``now``."""
        return exported.as_calendar(self._asked(), exported.window_records(self.year.contacts), now=now)

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        notes = [line for preset in self.presets for line in orbits.words(preset)]
        return files.year_data(self.year, self.skyline, self._asked().provenance, tuple(notes), self.cycle)

    def _asked(self) -> exported.Asked:
        made_from = self.provenance.as_dict() | {"ephemeris": self.ephemeris, "threshold": COUNTED}
        return exported.Asked(
            site=self.place,
            condition="sun and earth",
            start=instant(f"{self.year.year}-01-01", field="year"),
            end=instant(f"{self.year.year + 1}-01-01", field="year"),
            minimum=SECOND,
            provenance=Provenance.from_dict(made_from),
        )


def report(skyline: Skyline, year: int) -> Report:
    """Return a year at the place of a skyline; :class:`InputError` for a year that pages do not answer for."""
    moving = ephemeris.default()
    relays = {preset.name: preset.orbit for preset in PRESETS.values()}
    return Report(
        skyline, year_at(skyline, moving, checked_year(year), relays), mean_light(skyline, moving, CYCLE_FIRST)
    )


@lru_cache(maxsize=64)
def shipped_report(slug: str, year: int) -> Report | None:
    """Return a year at a site of the catalogue; None for a site without a skyline."""
    skyline = skylines.shipped(slug)
    return None if skyline is None else report(skyline, year)


@dataclass(frozen=True, slots=True)
class Brief:
    """A year at a site in a few figures: shares in percent; ``night`` is the longest one, None where the Sun never sets."""

    year: int
    light: float
    contact: float
    night: timedelta | None

    @property
    def longest_night(self) -> str:
        """The longest night in the reader's words."""
        return _("none") if self.night is None else duration_words(self.night)


@lru_cache(maxsize=256)
def brief(slug: str, year: int) -> Brief | None:
    """Return the year at a site of the catalogue in brief; None for a site without a skyline."""
    skyline = skylines.shipped(slug)
    if skyline is None:
        return None
    found = year_at(skyline, ephemeris.default(), checked_year(year))
    night = found.longest_night
    length = None if night is None else timedelta(seconds=exported.seconds_of(night.duration))
    return Brief(year, 100 * found.sunlight.mean, 100 * float(found.contact_by_day.mean()), length)


@dataclass(frozen=True, slots=True)
class ByRelay:
    """For which part of a year, in percent, a relay is in view; ``title`` is the relay's name with its source."""

    title: str
    share: float


@lru_cache(maxsize=256)
def by_relay(slug: str, year: int) -> ByRelay | None:
    """Return how long the relay of :data:`RELAY` is in view at a site of the catalogue; None for a site without a skyline."""
    skyline = skylines.shipped(slug)
    if skyline is None:
        return None
    relay = PRESETS[RELAY]
    seen = relay_by_day(skyline, ephemeris.default(), relay.orbit, checked_year(year))
    return ByRelay(relay.title, 100 * float(seen.mean()))


def duration_words(duration: timedelta) -> str:
    """Return days and hours, or hours and minutes, rounded to the smaller one."""
    hours = round(duration / timedelta(hours=1))
    if hours >= 24:  # noqa: PLR2004 - a day
        return _("%(days)s d %(hours)s h") % {"days": hours // 24, "hours": hours % 24}
    minutes = round(duration / timedelta(minutes=1))
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


def _span(window: Window) -> Span:
    start, end = (moment.astype("datetime64[s]").item().replace(tzinfo=UTC) for moment in (window.start, window.end))
    return Span(start, end, window.begun, window.lasting)
