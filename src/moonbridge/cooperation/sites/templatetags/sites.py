"""How pages speak of places: directions, lengths, rows of a year."""

from typing import Final

from django import template
from django.utils.formats import localize
from django.utils.translation import gettext, pgettext

from moonbridge.cooperation.sites.pictures import StripRow
from moonbridge.engines.moon.skyline import Skyline

register = template.Library()

_KILOMETRE: Final = 1000.0


@register.filter
def unlocalized(number: float) -> str:
    """Return a number as SVG reads it, whatever the language of the page."""
    return f"{number:g}"


@register.filter
def compass(azimuth: str) -> str:
    """Return the letter of a main direction, or the degrees of any other."""
    letters = {
        "0": pgettext("compass", "N"), "90": pgettext("compass", "E"), "180": pgettext("compass", "S"),
        "270": pgettext("compass", "W"), "360": pgettext("compass", "N"),
    }  # fmt: skip
    return letters.get(azimuth, f"{azimuth}°")


@register.filter
def metres(length: float) -> str:
    """Return a length in metres, or in kilometres from ten of them on."""
    if length < _KILOMETRE or (length < 10 * _KILOMETRE and length != round(length, -3)):
        return (
            f"{localize(round(length))} m" if length < _KILOMETRE else f"{localize(round(length / _KILOMETRE, 1))} km"
        )
    return f"{localize(round(length / _KILOMETRE))} km"


@register.filter
def highest(skyline: Skyline) -> str:
    """Return where the horizon is highest, and how high."""
    return _at(skyline, int(skyline.elevation_deg.argmax()))


@register.filter
def lowest(skyline: Skyline) -> str:
    """Return where the horizon is lowest, and how low."""
    return _at(skyline, int(skyline.elevation_deg.argmin()))


def _at(skyline: Skyline, k: int) -> str:
    elevation, azimuth = float(skyline.elevation_deg[k]), float(skyline.azimuth_deg[k])
    return gettext("%(elevation)s° at azimuth %(azimuth)s°") % {
        "elevation": localize(round(elevation, 1)),
        "azimuth": localize(round(azimuth)),
    }


@register.filter
def row_name(row: StripRow) -> str:
    """Return what a row of days shows."""
    names = {"light": gettext("Light"), "earth": gettext("Earth"), "contact": gettext("Sun and Earth")}
    return names.get(row.name) or gettext("Relay: %(title)s") % {"title": row.title}
