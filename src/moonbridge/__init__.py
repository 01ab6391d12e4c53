"""Moonbridge as a library, flat: ``import moonbridge; print(moonbridge.select(problem))``.

Names are resolved when they are first used, so that importing costs next to nothing: the solver alone takes half a second
to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moonbridge.engines.moon.craters import crater_field
    from moonbridge.engines.moon.frames import EARTH, SUN
    from moonbridge.engines.moon.horizon import horizon, skyline
    from moonbridge.engines.moon.light import hours, illumination, statistics
    from moonbridge.engines.moon.maps import Survey
    from moonbridge.engines.moon.relay import passes, relay_visible
    from moonbridge.engines.moon.relay import preset as relay_preset
    from moonbridge.engines.moon.skies import sky, sky_in_order
    from moonbridge.engines.moon.skyline import Skyline
    from moonbridge.engines.moon.sun import colongitude_deg, solar_events, solar_hour
    from moonbridge.engines.moon.terrain import Stack
    from moonbridge.engines.moon.uncertainty import Ellipse, snap_to_crest, uncertain_windows
    from moonbridge.engines.moon.visibility import earth_visible, sun_visible
    from moonbridge.engines.moon.windows import windows
    from moonbridge.engines.reviewing.affinity import affinity
    from moonbridge.engines.reviewing.assignment import assign
    from moonbridge.engines.reviewing.calibration import calibrate
    from moonbridge.engines.reviewing.floor import assign_fairly
    from moonbridge.engines.reviewing.panel import Quota, panel
    from moonbridge.engines.reviewing.sampling import lottery
    from moonbridge.engines.selection.alternatives import near_optimal
    from moonbridge.engines.selection.check import check_choices as check
    from moonbridge.engines.selection.doubt import information
    from moonbridge.engines.selection.envy import envy
    from moonbridge.engines.selection.explain import explain
    from moonbridge.engines.selection.fairness import fairness
    from moonbridge.engines.selection.frontier import capacity_steps, frontier
    from moonbridge.engines.selection.optimum import optimum as select
    from moonbridge.engines.selection.prices import rule_prices
    from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal, Synergy, overlap, synergy
    from moonbridge.engines.selection.reserve import repaired, reserve_list
    from moonbridge.engines.selection.result import Explanation, Result
    from moonbridge.engines.selection.robustness import robustness
    from moonbridge.engines.selection.sentences import sentence
    from moonbridge.engines.selection.spoken import joint, limit, option, proposal
    from moonbridge.engines.selection.weighting import by_size
    from moonbridge.errors import Infeasible, InputError, MoonbridgeError, NotProven
    from moonbridge.formats.calls.read import read_call
    from moonbridge.formats.ephemeris import default as default_ephemeris
    from moonbridge.formats.terrain.reading import open_sheet as open_terrain
    from moonbridge.formats.terrain.reading import read as read_terrain

__all__ = [
    "EARTH",
    "SUN",
    "Ellipse",
    "Explanation",
    "Infeasible",
    "InputError",
    "Limit",
    "MoonbridgeError",
    "NotProven",
    "Option",
    "Problem",
    "Proposal",
    "Quota",
    "Result",
    "Skyline",
    "Stack",
    "Survey",
    "Synergy",
    "affinity",
    "assign",
    "assign_fairly",
    "by_size",
    "calibrate",
    "capacity_steps",
    "check",
    "colongitude_deg",
    "crater_field",
    "default_ephemeris",
    "earth_visible",
    "envy",
    "explain",
    "fairness",
    "frontier",
    "horizon",
    "hours",
    "illumination",
    "information",
    "joint",
    "limit",
    "lottery",
    "near_optimal",
    "open_terrain",
    "option",
    "overlap",
    "panel",
    "passes",
    "proposal",
    "read_call",
    "read_terrain",
    "relay_preset",
    "relay_visible",
    "repaired",
    "reserve_list",
    "robustness",
    "rule_prices",
    "select",
    "sentence",
    "sky",
    "sky_in_order",
    "skyline",
    "snap_to_crest",
    "solar_events",
    "solar_hour",
    "statistics",
    "sun_visible",
    "synergy",
    "uncertain_windows",
    "windows",
]

_ERRORS = "moonbridge.errors"
_MOON = "moonbridge.engines.moon"
_REVIEWING = "moonbridge.engines.reviewing"
_SELECTION = "moonbridge.engines.selection"
_HOMES = {
    "affinity": (f"{_REVIEWING}.affinity", "affinity"),
    "assign": (f"{_REVIEWING}.assignment", "assign"),
    "assign_fairly": (f"{_REVIEWING}.floor", "assign_fairly"),
    "calibrate": (f"{_REVIEWING}.calibration", "calibrate"),
    "lottery": (f"{_REVIEWING}.sampling", "lottery"),
    "panel": (f"{_REVIEWING}.panel", "panel"),
    "Quota": (f"{_REVIEWING}.panel", "Quota"),
    "open_terrain": ("moonbridge.formats.terrain.reading", "open_sheet"),
    "read_terrain": ("moonbridge.formats.terrain.reading", "read"),
    "Stack": (f"{_MOON}.terrain", "Stack"),
    "EARTH": (f"{_MOON}.frames", "EARTH"),
    "SUN": (f"{_MOON}.frames", "SUN"),
    "Survey": (f"{_MOON}.maps", "Survey"),
    "colongitude_deg": (f"{_MOON}.sun", "colongitude_deg"),
    "crater_field": (f"{_MOON}.craters", "crater_field"),
    "Ellipse": (f"{_MOON}.uncertainty", "Ellipse"),
    "uncertain_windows": (f"{_MOON}.uncertainty", "uncertain_windows"),
    "hours": (f"{_MOON}.light", "hours"),
    "sky": (f"{_MOON}.skies", "sky"),
    "sky_in_order": (f"{_MOON}.skies", "sky_in_order"),
    "snap_to_crest": (f"{_MOON}.uncertainty", "snap_to_crest"),
    "solar_events": (f"{_MOON}.sun", "solar_events"),
    "solar_hour": (f"{_MOON}.sun", "solar_hour"),
    "statistics": (f"{_MOON}.light", "statistics"),
    "illumination": (f"{_MOON}.light", "illumination"),
    "skyline": (f"{_MOON}.horizon", "skyline"),
    "horizon": (f"{_MOON}.horizon", "horizon"),
    "Skyline": (f"{_MOON}.skyline", "Skyline"),
    "earth_visible": (f"{_MOON}.visibility", "earth_visible"),
    "passes": (f"{_MOON}.relay", "passes"),
    "relay_preset": (f"{_MOON}.relay", "preset"),
    "relay_visible": (f"{_MOON}.relay", "relay_visible"),
    "sun_visible": (f"{_MOON}.visibility", "sun_visible"),
    "windows": (f"{_MOON}.windows", "windows"),
    "default_ephemeris": ("moonbridge.formats.ephemeris", "default"),
    "Explanation": (f"{_SELECTION}.result", "Explanation"),
    "Infeasible": (_ERRORS, "Infeasible"),
    "InputError": (_ERRORS, "InputError"),
    "Limit": (f"{_SELECTION}.problem", "Limit"),
    "MoonbridgeError": (_ERRORS, "MoonbridgeError"),
    "NotProven": (_ERRORS, "NotProven"),
    "Option": (f"{_SELECTION}.problem", "Option"),
    "Problem": (f"{_SELECTION}.problem", "Problem"),
    "Proposal": (f"{_SELECTION}.problem", "Proposal"),
    "Result": (f"{_SELECTION}.result", "Result"),
    "Synergy": (f"{_SELECTION}.problem", "Synergy"),
    "check": (f"{_SELECTION}.check", "check_choices"),
    "explain": (f"{_SELECTION}.explain", "explain"),
    "overlap": (f"{_SELECTION}.problem", "overlap"),
    "read_call": ("moonbridge.formats.calls.read", "read_call"),
    "capacity_steps": (f"{_SELECTION}.frontier", "capacity_steps"),
    "frontier": (f"{_SELECTION}.frontier", "frontier"),
    "near_optimal": (f"{_SELECTION}.alternatives", "near_optimal"),
    "repaired": (f"{_SELECTION}.reserve", "repaired"),
    "reserve_list": (f"{_SELECTION}.reserve", "reserve_list"),
    "robustness": (f"{_SELECTION}.robustness", "robustness"),
    "by_size": (f"{_SELECTION}.weighting", "by_size"),
    "envy": (f"{_SELECTION}.envy", "envy"),
    "fairness": (f"{_SELECTION}.fairness", "fairness"),
    "information": (f"{_SELECTION}.doubt", "information"),
    "rule_prices": (f"{_SELECTION}.prices", "rule_prices"),
    "limit": (f"{_SELECTION}.spoken", "limit"),
    "option": (f"{_SELECTION}.spoken", "option"),
    "proposal": (f"{_SELECTION}.spoken", "proposal"),
    "joint": (f"{_SELECTION}.spoken", "joint"),
    "select": (f"{_SELECTION}.optimum", "optimum"),
    "sentence": (f"{_SELECTION}.sentences", "sentence"),
    "synergy": (f"{_SELECTION}.problem", "synergy"),
}
"""Where each public name lives, and what it is called there."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _HOMES[name]
    value = globals()[name] = getattr(import_module(module), there)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
