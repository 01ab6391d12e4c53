"""Skylines as files: the horizon of a place with what it was computed from, and those that come with Moonbridge.

A file holds what :class:`~moonbridge.engines.moon.skyline.Skyline` holds, elevations to a thousandth of a degree and distances to ten
metres: both are finer than any terrain knows.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.errors import InputError

FORMAT: Final = "moonbridge-skyline"
VERSION: Final = 1
_PLACES: Final = 3
_DISTANCE_M: Final = 10


def as_dict(skyline: Skyline) -> dict[str, Any]:
    """Return plain data for JSON; :func:`from_dict` reads it back."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "latitude_deg": skyline.latitude_deg,
        "longitude_deg": skyline.longitude_deg,
        "height_m": round(skyline.height_m, 1),
        "provenance": skyline.provenance.as_dict(),
        "elevation_deg": [round(float(value), _PLACES) + 0.0 for value in skyline.elevation_deg],
        "distance_m": [_DISTANCE_M * round(float(value) / _DISTANCE_M) for value in skyline.distance_m],
    }


def from_dict(data: Mapping[str, Any]) -> Skyline:
    """Return what :func:`as_dict` wrote; :class:`InputError` for anything else."""
    if data.get("format") != FORMAT or data.get("version") != VERSION:
        raise InputError(f"this is no skyline of version {VERSION}", field="format")
    try:
        return Skyline(
            float(data["latitude_deg"]),
            float(data["longitude_deg"]),
            float(data["height_m"]),
            np.array(data["elevation_deg"], np.float64),
            np.array(data["distance_m"], np.float64),
            Provenance.from_dict(data["provenance"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(f"this skyline is not whole: {problem!r}", field="skyline") from None


def as_text(skyline: Skyline) -> str:
    """Return a file's text: one line for each part, so that two versions can be compared."""
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in as_dict(skyline).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def from_text(text: str) -> Skyline:
    """Return the skyline in a file's text; :class:`InputError` for anything else."""
    try:
        data = json.loads(text)
    except ValueError as problem:
        raise InputError(f"this is no JSON: {problem}", field="skyline") from None
    if not isinstance(data, dict):
        raise InputError("this is no skyline", field="skyline")
    return from_dict(data)


@cache
def shipped(slug: str) -> Skyline | None:
    """Return the skyline that comes with Moonbridge for a site of its catalogue; None if there is none."""
    file = resources.files("moonbridge") / "catalogue" / "skylines" / f"{slug}.json"
    return from_text(file.read_text(encoding="utf-8")) if file.is_file() else None
