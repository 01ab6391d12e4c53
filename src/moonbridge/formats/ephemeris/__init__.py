"""Ephemeris kernels: JPL's positions (.bsp) and, if wanted, the Moon's integrated orientation (.bpc).

Nothing is downloaded: DE421 comes with the package skyfield-data, leap seconds with skyfield.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon import orientation
from moonbridge.engines.moon.ephemeris import Ephemeris, LeapSeconds, State, grid_over
from moonbridge.engines.moon.orientation import DAY_S
from moonbridge.errors import InputError

type Floats = npt.NDArray[np.float64]

_J2000_JD: Final = 2_451_545.0
_UTC_BEGINS_JD: Final = 2_436_934.5
"""1960-01-01: there was no UTC before. Until 1972 it ran at rates of its own; taken as TAI - 10 s it is at most 9 s off."""
_LAST_JD: Final = 2_506_331.5
"""2150-01-01: nobody knows the leap seconds until then; a longer table would only cost time and memory."""
_FIRST_UTC: Final = np.datetime64("1960-01-01")
_TAI_MINUS_FIRST_UTC_S: Final = 10.0
_UNIX_EPOCH_JD: Final = 2_440_587.5
_NEEDED: Final = {(0, 3), (0, 10), (3, 301), (3, 399)}
"""Centre and target of what is read, in NAIF's numbers: the Earth-Moon barycentre, the Sun, and Moon and Earth about that barycentre."""
_FRAMES: Final = {31006: "DE421", 31008: "DE440"}
"""Principal-axes frames of NAIF's moon_pa kernels, and the ephemeris whose offsets to the mean-Earth frame they need."""


@cache
def default() -> Ephemeris:
    """Return DE421 (1960 to October 2053) with the IAU orientation series, prepared once per process."""
    import skyfield_data

    return load(Path(skyfield_data.__file__).with_name("data") / "de421.bsp")


def load(positions: Path, orientation_kernel: Path | None = None) -> Ephemeris:
    """Return the ephemeris of a JPL kernel (.bsp), and of a kernel of the Moon's orientation (.bpc) where one is given.

    It covers what both cover, 1960 to 2150 at most. Raises :class:`InputError` for a file that is missing, is no such kernel, or
    lacks the Sun, the Earth or the Moon, and for two that have no time in common.
    """
    with (
        _opened(positions) as kernel,
        nullcontext() if orientation_kernel is None else _Turning(orientation_kernel) as turning,
    ):
        return _prepared(positions.stem.upper(), _segments(kernel, positions), turning)


def _prepared(name: str, segments: Mapping[tuple[int, int], Any], turning: "_Turning | None") -> Ephemeris:
    """Read states and orientation at the nodes of a grid over the whole span."""
    grid = grid_over(*_span(segments, turning))
    if grid.count < 1:
        raise InputError("the kernels have no time in common", field="ephemeris")
    nodes = grid.nodes()
    days = _J2000_JD + nodes / DAY_S
    barycentre = _state(segments[0, 3], days)
    return Ephemeris.prepared(
        f"{name}, {turning.name if turning else 'IAU orientation series'}",
        _leap_seconds(),
        grid,
        moon=_sum(barycentre, _state(segments[3, 301], days)),
        sun=_state(segments[0, 10], days),
        earth=_sum(barycentre, _state(segments[3, 399], days)),
        to_moon=turning.at(days) if turning else orientation.by_series(nodes),
    )


def _opened(positions: Path) -> Any:
    from jplephem.spk import SPK

    try:
        return SPK.open(str(positions))
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror}", file=str(positions)) from None
    except ValueError as error:
        raise InputError(f"is no kernel of positions: {error}", file=str(positions)) from None


def _segments(kernel: Any, positions: Path) -> dict[tuple[int, int], Any]:
    """Return the segments of a kernel by centre and target; of several for the same pair the last, as in SPICE."""
    found = {(one.center, one.target): one for one in kernel.segments}
    if not found.keys() >= _NEEDED:
        raise InputError("a kernel with the Sun, the Earth and the Moon is needed", file=str(positions))
    return found


class _Turning:
    """The Moon's orientation from a binary kernel, open between ``with`` and its end."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot be opened: {error.strerror}", file=str(path)) from None
        try:
            self._segment = _orientation_segment(self._file, path)
        except InputError:
            self._file.close()
            raise
        self._ephemeris = _FRAMES[self._segment.body]
        self.name = f"{path.name} in MOON_ME"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def span_jd(self) -> tuple[float, float]:
        return (
            _J2000_JD + self._segment.initial_second / DAY_S,
            _J2000_JD + self._segment.final_second / DAY_S,
        )

    def at(self, days: Floats) -> Floats:
        angles = self._segment.compute(days, 0.0, False)
        return orientation.from_euler_angles(np.asarray(angles), self._ephemeris)


def _orientation_segment(file: BinaryIO, path: Path) -> Any:
    from jplephem.pck import DAF, PCK

    try:
        segments = PCK(DAF(file)).segments
    except ValueError as error:
        raise InputError(f"is no kernel of orientation: {error}", file=str(path)) from None
    known = [segment for segment in segments if segment.body in _FRAMES]
    if not known:
        raise InputError("holds no orientation of the Moon (frame 31006 or 31008)", file=str(path))
    return known[-1]


def _span(segments: Mapping[tuple[int, int], Any], turning: _Turning | None) -> tuple[float, float]:
    """Return from when to when everything is known, in TDB seconds after J2000."""
    spans = [(segments[pair].start_jd, segments[pair].end_jd) for pair in _NEEDED]
    spans += [turning.span_jd] if turning else []
    first = max(_UTC_BEGINS_JD, *(start for start, _ in spans))
    last = min(_LAST_JD, *(end for _, end in spans))
    return (first - _J2000_JD) * DAY_S, (last - _J2000_JD) * DAY_S


def _state(segment: Any, days: Floats) -> State:
    position, velocity = segment.compute_and_differentiate(days)
    return State(position, velocity / DAY_S)


def _sum(base: State, relative: State) -> State:
    return State(base.position_km + relative.position_km, base.velocity_km_s + relative.velocity_km_s)


def _leap_seconds() -> LeapSeconds:
    from skyfield.api import load as skyfield_load

    scale = skyfield_load.timescale(builtin=True)
    days = np.round(scale.leap_dates - _UNIX_EPOCH_JD).astype(np.int64)
    since = np.concatenate([[_FIRST_UTC], days.astype("datetime64[D]")]).astype("datetime64[ms]")
    return LeapSeconds(since, np.concatenate([[_TAI_MINUS_FIRST_UTC_S], np.asarray(scale.leap_offsets, float)]))
