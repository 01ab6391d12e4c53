"""Instants as people read and type them: local time with its zone, and UTC beside it."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from moonbridge.errors import InputError


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """Return the time zone called ``name``; raises :class:`InputError` when there is none."""
    if name not in zone_names():
        raise InputError(
            _("%(name)s is not a time zone; write for example Asia/Shanghai.") % {"name": name or "—"},
            field="deadline_zone",
        )
    return ZoneInfo(name)


def text(at: datetime, zone_name: str) -> str:
    """Return ``at`` in the zone and in UTC: ``2027-03-01 23:59 Asia/Shanghai (2027-03-01 15:59 UTC)``; seconds where there are any."""
    form = "%Y-%m-%d %H:%M:%S" if at.second else "%Y-%m-%d %H:%M"
    universal = f"{at.astimezone(UTC):{form}} UTC"
    return universal if zone_name == "UTC" else f"{at.astimezone(zone(zone_name)):{form}} {zone_name} ({universal})"


def localised(wall: datetime, zone_name: str, *, field: str) -> datetime:
    """Return the instant at which clocks in the zone show ``wall`` (naive).

    Raises :class:`InputError` where clocks are put forward or back over it: such a time names no instant, or two.
    """
    where = zone(zone_name)
    first, second = wall.replace(tzinfo=where, fold=0), wall.replace(tzinfo=where, fold=1)
    if _offset(first, where) != _offset(second, where):
        raise InputError(
            _("Clocks in %(zone)s change at %(time)s; choose a time an hour before or after.")
            % {"zone": zone_name, "time": f"{wall:%Y-%m-%d %H:%M}"},
            field=field,
        )
    return first.astimezone(UTC)


def wall_clock(at: datetime, zone_name: str) -> datetime:
    """Return what clocks in the zone show at ``at``, as a naive time for a form."""
    return at.astimezone(zone(zone_name)).replace(tzinfo=None)


def _offset(at: datetime, where: tzinfo) -> object:
    return where.utcoffset(at)
