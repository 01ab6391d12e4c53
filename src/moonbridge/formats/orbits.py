"""A relay's orbit in words: a published one by name, changed where ``node=40, anomaly=180, epoch=2027-01-01`` says so."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from moonbridge.engines.moon.frames import MOON
from moonbridge.engines.moon.orbit import Orbit
from moonbridge.engines.moon.relay import Preset, preset
from moonbridge.errors import InputError
from moonbridge.formats.instants import instant

_ANGLES: Final = {
    "inclination": "inclination_deg",
    "node": "ascending_node_deg",
    "argument": "argument_of_perilune_deg",
    "anomaly": "mean_anomaly_deg",
}
_KEYS: Final = ("perilune", "apolune", *_ANGLES, "epoch")


def relay(name: str, changes: str = "") -> Preset:
    """Return the published orbit ``name`` with ``changes``, ``key=value`` with commas between.

    ``perilune`` and ``apolune`` are altitudes in km, ``inclination``, ``node``, ``argument`` (of perilune) and ``anomaly`` (mean) degrees,
    ``epoch`` is a UTC instant. What is given is no longer among the preset's ``assumed`` elements. Raises :class:`InputError`
    for an unknown name or key and for values that make no orbit.
    """
    published = preset(name)
    given = _pairs(changes)
    if not given:
        return published
    changed: dict[str, Any] = {_ANGLES[key]: _number(key, value) for key, value in given.items() if key in _ANGLES}
    epoch = instant(given["epoch"], field="orbit") if "epoch" in given else published.orbit.epoch
    size: dict[str, float] = {key: _number(key, given[key]) for key in ("perilune", "apolune") if key in given}
    orbit = _resized(replace(published.orbit, **changed, epoch=epoch), size)
    settled = set(changed) | ({"epoch"} if "epoch" in given else set())
    return replace(
        published,
        title=f"{published.title}, changed: {', '.join(f'{key}={value}' for key, value in given.items())}",
        orbit=orbit,
        assumed=tuple(element for element in published.assumed if element not in settled),
    )


def words(published: Preset) -> tuple[str, ...]:
    """Return what a reader must know about a relay's orbit: what it is, from where, and what was only assumed."""
    said = (
        f"Relay: {published.title}; sources: {'; '.join(published.sources.values())}; period {published.orbit.period_h:.2f} h by Kepler,"
        f" {published.published_period_h:g} h published. {published.note}"
    )
    if not published.assumed:
        return (said,)
    assumed = ", ".join(name.removesuffix("_deg").replace("_", " ") for name in published.assumed)
    return (
        said,
        f"Assumed, not published: {assumed}. Hours of single passes are examples; lengths, gaps and numbers hold.",
    )


def _resized(orbit: Orbit, size: dict[str, float]) -> Orbit:
    """Return the orbit between other altitudes, where some are given."""
    if not size:
        return orbit
    low = MOON.radius_km + size["perilune"] if "perilune" in size else orbit.perilune_km
    high = MOON.radius_km + size["apolune"] if "apolune" in size else orbit.apolune_km
    if not low <= high:
        raise InputError("the perilune is higher than the apolune", field="orbit", perilune_km=low, apolune_km=high)
    return replace(orbit, semi_major_axis_km=(low + high) / 2, eccentricity=(high - low) / (high + low))


def _pairs(changes: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in changes.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in _KEYS or not equals or key in found:
            raise InputError(
                f"{part!r} changes nothing of an orbit; write each once: {', '.join(_KEYS)} = value", field="orbit"
            )
        found[key] = value
    return found


def _number(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise InputError(f"{key} = {value!r} is not a number", field="orbit")
    return number
