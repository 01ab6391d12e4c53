"""What the commands about the sky share: site, skyline and ephemeris from options, and where the answer goes."""

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.engines.moon.uncertainty import Ellipse, Place, known_within, snap_to_crest
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris as kernels
from moonbridge.formats import windows as exported
from moonbridge.formats.coordinates import Coordinates, parse
from moonbridge.formats.instants import instant
from moonbridge.formats.uncertainty import parse as parse_uncertainty
from moonbridge.quantities import DURATION

if TYPE_CHECKING:
    from moonbridge.engines.moon.terrain import Stack

_PIPE_WIDTH = 160
"""Columns of a table that nobody looks at in a window."""
_PLACES = 6
"""Decimals of degrees: three centimetres on the ground."""


@dataclass(frozen=True)
class Sky:
    """A site with what surrounds it and what moves above it; ``ground`` of None is the bare sphere."""

    site: Coordinates
    mast_m: float
    ground: "Stack | None"
    ephemeris: Ephemeris
    uncertainty: Ellipse | None = None

    @classmethod
    def opened(
        cls,
        site: str,
        mast_m: float,
        terrain: Sequence[str],
        *,
        kernel: Path | None,
        orientation: Path | None,
        uncertainty: str | None = None,
        level: bool = False,
        within_m: float = 0.0,
    ) -> "Sky":
        """Return the sky that the options describe: over ``terrain``, else over what is installed there, unless it is to be ``level``.

        ``within_m``: the site may move so far, onto a crest, say.
        """
        place = parse(site)
        if mast_m < 0:
            raise InputError(f"a mast stands up, not {mast_m:g} m", field="--mast")
        ellipse = None if uncertainty is None else parse_uncertainty(uncertainty, field="--uncertainty")
        if orientation is not None and kernel is None:
            raise InputError("an orientation belongs to an ephemeris: name its kernel too", field="--ephemeris")
        if level and terrain:
            raise InputError("a level horizon has no terrain: leave out one of both", field="--level")
        ground = None if level else _ground(terrain, place, within_m + (ellipse.semi_major_m if ellipse else 0.0))
        moving = kernels.default() if kernel is None else kernels.load(kernel, orientation)
        return cls(place, mast_m, ground, moving, ellipse)

    @property
    def notes(self) -> tuple[str, ...]:
        """What an answer must tell of the terrain: how far it reaches."""
        if self.ground is None or (known_m := self.ground.known_to_m(*self.site)) >= self.ground.reach_m:
            return ()
        known = f"known to {known_m / 1000:.0f} km on all sides, of the {self.ground.reach_m / 1000:.0f} km"
        return (f"The terrain is {known} from which it can hide a low Sun; what stands farther away is not seen.",)

    @cached_property
    def skyline(self) -> Skyline:
        """The horizon of the site, through the terrain if there is one."""
        if self.ground is None:
            level = Skyline.level(*self.site, self.mast_m)
            return replace(level, provenance=known_within(self.uncertainty, level.provenance))
        from moonbridge.engines.moon.horizon import skyline

        return skyline(self.ground, *self.site, self.mast_m, uncertainty=self.uncertainty)

    def at(self, place: Place) -> "Sky":
        """Return the sky of another place over the same ground."""
        return replace(self, site=Coordinates(*place))

    def snapped(self, within_m: float) -> tuple["Sky", str]:
        """Return the sky of the crest within so many metres, and a sentence on how far the site moved."""
        if self.ground is None:
            raise InputError("a crest is found in terrain: name some with --terrain", field="--snap")
        finest = self.ground.knowing(*self.site)
        found = snap_to_crest(finest.at, Place(*self.site), within_m=within_m, spacing_m=finest.pixel_m)
        moved = f"The highest point within {within_m:g} m of {self.site} in {finest.name}"
        if not found.moved_m:
            return self, f"{moved} is the place itself."
        crest = Place(*(round(degrees, _PLACES) for degrees in found.place))
        return self.at(crest), (
            f"{moved} is {Coordinates(*crest)}: moved {found.moved_m:.0f} m towards {found.azimuth_deg:.0f}°, "
            f"{found.gained_m:.1f} m higher."
        )

    def provenance(self, threshold: str) -> Provenance:
        """Return from what an answer is computed, with the command that was typed."""
        command = f"moonbridge {shlex.join(sys.argv[1:])}"
        return replace(self.skyline.provenance, ephemeris=self.ephemeris.name, threshold=threshold, command=command)


def _ground(terrain: Sequence[str], place: Coordinates, within_m: float) -> "Stack | None":
    """Return the files or installed terrains that --terrain names joined outward, else what is installed there."""
    from moonbridge.cli.terrain import sheets, store
    from moonbridge.formats.terrain.regions import stack_around, unknown

    if not terrain:
        return store().around(*place, within_m=within_m)
    named = sheets(terrain)
    found = stack_around(named, *place, within_m=within_m)
    if found is None:
        raise unknown(named, *place)
    return found


def span(start: str, until: str) -> tuple[np.datetime64, np.datetime64]:
    """Return the instants of --from and --until."""
    first, last = instant(start, field="--from"), instant(until, field="--until")
    if not first < last:
        raise InputError(f"{until} is not after {start}", field="--until")
    return first, last


def at_least(text: str) -> np.timedelta64:
    """Return the duration of --min, a second or more."""
    return np.timedelta64(max(1, DURATION.parse(text, field="--min")), "s")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where an answer goes besides the screen."""

    calendar: Path | None
    table: Path | None
    as_json: bool

    def write(self, asked: exported.Asked, records: Sequence[exported.Record], **more: Any) -> None:
        """Write the files that were asked for, and JSON to standard output if that was asked for."""
        if self.calendar is not None:
            self.calendar.write_bytes(exported.as_calendar(asked, records, now=datetime.now(UTC)))
        if self.table is not None:
            self.table.write_bytes(exported.as_csv(asked, records))
        if self.as_json:
            print(json.dumps(exported.as_json(asked, records, **more), ensure_ascii=False, indent=2))


def show(asked: exported.Asked, heading: Sequence[str], rows: Sequence[Sequence[str]], last_line: str) -> None:
    """Print a table with its title, a last line, and what the answer rests on."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    console.print(asked.title, style="bold", markup=False, soft_wrap=True)
    if rows:
        table = Table(*heading, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(last_line, markup=False, soft_wrap=True)
    for line in (*asked.notes, origin(asked.provenance)):
        console.print(line, style="dim", markup=False, soft_wrap=True)


def origin(made_from: Provenance) -> str:
    """Return from what an answer was computed, in one sentence."""
    known = f"; coordinates known to {made_from.known_to}" if made_from.known_to else ""
    filled = "".join(f"; {one}" for one in made_from.filled)
    return (
        f"Terrain: {_levels(made_from) or 'none, level horizon'}{filled}; mast {made_from.mast_m:g} m{known}; "
        f"ephemeris: {made_from.ephemeris}; counted: {made_from.threshold}."
    )


def _levels(made_from: Provenance) -> str:
    """Return each file once, with its pixels where it was read at several."""
    pixels: dict[tuple[str, str], list[str]] = {}
    for one in made_from.terrain:
        pixels.setdefault((one.name, one.hash), []).append(f"{one.pixel_m:g}")
    return ", ".join(
        f"{name} ({digits})" if len(sides) == 1 else f"{name} ({digits}, pixels of {', '.join(sides)} m)"
        for (name, digits), sides in pixels.items()
    )


def clock(moment: np.datetime64) -> str:
    """Return a UTC instant as a person reads it."""
    return exported.text_of(moment).replace("T", " ").removesuffix("Z")
