"""Realistic calls, drawn from a seed, for benchmarks, tests and demonstrations; all their proposals are synthetic."""

import random
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.problem import Limit, Option, Place, Problem, Proposal
from moonbridge.engines.selection.rules import Rule, at_most, not_together, partners_at_least
from moonbridge.quantities import COUNT, custom

PLACES: Final[tuple[Place, ...]] = (
    ("lander", "mass"),
    ("lander", "power"),
    ("lander", "peak power"),
    ("lander", "data"),
    ("lander", "volume"),
    ("lander", "slots"),
    ("rover", "mass"),
    ("rover", "power"),
)
"""The eight resources of a synthetic call."""
_TYPICAL: Final = dict(zip(PLACES, (10_000_000, 20_000, 45_000, 50_000_000, 15_000, 1, 4_000_000, 8_000), strict=True))
_STEP: Final = dict(zip(PLACES, (100_000, 100, 100, 1_000_000, 500, 1, 100_000, 100), strict=True))
_TIGHTNESS: Final = 0.35
_COUNTRIES: Final = 24
_DESCOPED: Final = 0.4


def synthetic_call(proposals: int, seed: int) -> Problem:
    """Return a call with that many proposals, 8 resources, interferences and country rules.

    40 % of the proposals have a descoped option. Sizes are log-normal; merits lie between 40 and 100 in steps of a
    hundredth and grow a little with size; about a third of what is asked for fits.
    """
    draw = random.Random(seed)  # noqa: S311 - a reproducible call, no secret
    made = tuple(_proposal(draw, number) for number in range(proposals))
    asked = {place: sum(p.options[0].demands.get(place, 0) for p in made) for place in PLACES}
    limits = tuple(
        Limit(*place, capacity=max(int(total * _TIGHTNESS), 3 * _TYPICAL[place]), synthetic=True)
        for place, total in asked.items()
    )
    return Problem(
        limits=limits,
        proposals=made,
        rules=_rules(draw, proposals),
        resources={"volume": custom("l"), "slots": COUNT},
        title=f"Synthetic call with {proposals} proposals, seed {seed}",
    )


def _proposal(draw: random.Random, number: int) -> Proposal:
    size = draw.lognormvariate(0, 0.7)
    on_rover = draw.random() < 0.3  # noqa: PLR2004 - the share of rover instruments
    full = {place: _demand(draw, place, size) for place in PLACES if (place[0] == "rover") == on_rover}
    merit = Fraction(round(100 * min(100, max(40, draw.gauss(66, 11) + 4 * size))), 100)
    options = [Option("full", merit, full)]
    if draw.random() < _DESCOPED:
        less = {
            place: max(_STEP[place], amount * 6 // 10 // _STEP[place] * _STEP[place]) for place, amount in full.items()
        }
        options.append(Option("descoped", Fraction(round(merit * draw.randint(70, 90)), 100), less))
    return Proposal(
        f"P{number + 1:04}",
        tuple(options),
        title=f"Synthetic proposal {number + 1}",
        groups=_groups(draw),
        synthetic=True,
    )


def _demand(draw: random.Random, place: Place, size: float) -> int:
    if place[1] == "slots":
        return 1
    steps = _TYPICAL[place] * size * draw.lognormvariate(0, 0.4) / _STEP[place]
    return max(1, round(steps)) * _STEP[place]


def _groups(draw: random.Random) -> dict[str, Fraction]:
    countries = draw.sample(range(_COUNTRIES), k=draw.choice((1, 1, 1, 2, 3)))
    groups = {f"country:S{country:02}": Fraction(1, len(countries)) for country in countries}
    if draw.random() < 0.25:  # noqa: PLR2004 - the share of first-timers
        groups["first-time"] = Fraction(1)
    return groups


def _rules(draw: random.Random, proposals: int) -> tuple[Rule, ...]:
    pairs = [draw.sample(range(proposals), k=2) for _ in range(proposals // 10)]
    conflicts = [not_together(*(f"P{n + 1:04}" for n in pair), why="electromagnetic interference") for pair in pairs]
    cap = max(2, proposals // 20)
    caps = [at_most(cap, f"country:S{country:02}") for country in range(_COUNTRIES)]
    return (*conflicts, *caps, partners_at_least(min(8, max(1, proposals // 5))))
