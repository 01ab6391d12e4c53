"""Pictures of maps: the value in colours that everybody can tell apart, the relief below, a graticule and named sites."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.projections import Stereographic, unit_vectors
from moonbridge.engines.moon.skyline import Floats, Provenance
from moonbridge.engines.moon.terrain import Grid
from moonbridge.errors import InputError

COLOURS: Final = "cividis"
"""Even in lightness, and the same for colour-blind readers (Nunez, Anderton and Renslow 2018, doi:10.1371/journal.pone.0199239)."""
LATITUDE_STEPS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LONGITUDE_STEPS: Final = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
HALF_TURN: Final = 180.0
LIGHT: Final = (-1.0, 1.0, 1.5)
"""Where the relief's lamp stands: to the upper left, as readers of maps expect."""


def draw(
    path: Path,
    values: npt.NDArray[np.float32],
    grid: Grid,
    *,
    title: str,
    unit: str,
    provenance: Provenance,
    sites: Mapping[str, tuple[float, float]] | None = None,
    span: tuple[float, float] | None = None,
) -> None:
    """Draw ``values`` (rows, columns) over the relief of ``grid``; the ending of ``path`` (.png, .svg, .pdf) chooses the format.

    ``sites`` are names with latitude and longitude in degrees; those outside the map are left out. ``span`` fixes the ends of the scale.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not isinstance(grid.projection, Stereographic):
        raise InputError("a picture needs a stereographic grid: resample the terrain first", field="grid")
    figure = Figure(figsize=(8.0, 7.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    extent = _extent_km(grid)
    low, high = span or (float(np.nanmin(values)), float(np.nanmax(values)))
    axes.imshow(relief(grid), cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    shown = axes.imshow(values, cmap=COLOURS, vmin=low, vmax=high, extent=extent, interpolation="nearest", alpha=0.72)
    figure.colorbar(shown, ax=axes, shrink=0.85, label=f"{title} ({unit})")
    _graticule(axes, grid)
    for name, (latitude, longitude) in (sites or {}).items():
        _mark(axes, grid, name, latitude, longitude)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.set_xlabel("km")
    axes.set_ylabel("km")
    axes.set_title(title)
    figure.text(0.01, 0.002, _origin(provenance), fontsize=6, color="0.35", va="bottom")
    figure.savefig(path, dpi=160)


def relief(grid: Grid) -> npt.NDArray[np.float32]:
    """Return the brightness, 0 to 1, of the terrain (rows, columns) under a lamp; unknown ground is middle grey."""
    down, right = np.gradient(grid.heights_m, grid.dy_m, grid.dx_m)
    lamp = np.array(LIGHT) / np.linalg.norm(LIGHT)
    bright = (lamp[2] - lamp[0] * right - lamp[1] * down) / np.sqrt(1 + right**2 + down**2)
    return np.asarray(np.nan_to_num(np.clip(bright, 0, 1), nan=0.5), dtype=np.float32)


def _extent_km(grid: Grid) -> tuple[float, float, float, float]:
    x, y = grid.coordinates_m()
    half_x, half_y = grid.dx_m / 2, grid.dy_m / 2
    return (x[0] - half_x) / 1000, (x[-1] + half_x) / 1000, (y[-1] + half_y) / 1000, (y[0] - half_y) / 1000


def graticule(grid: Grid) -> tuple[Floats, Floats]:
    """Return the round latitudes and longitudes in degrees whose lines cross a grid; west of longitude 0 they may be negative."""
    latitudes, longitudes = grid.positions_deg()
    middle = longitudes[longitudes.shape[0] // 2, longitudes.shape[1] // 2]
    # counted from the middle, so that a map across longitude 0 has no gap
    longitudes = middle + np.mod(longitudes - middle + HALF_TURN, 2 * HALF_TURN) - HALF_TURN
    # around a pole a map of all longitudes needs few meridians, a small map far from it many
    return (
        _lines(float(latitudes.min()), float(latitudes.max()), LATITUDE_STEPS),
        _lines(float(longitudes.min()), float(longitudes.max()), LONGITUDE_STEPS),
    )


def _graticule(axes: Any, grid: Grid) -> None:
    parallels, meridians = graticule(grid)
    around = np.linspace(0, 360, 721)
    for latitude in parallels:
        _line(axes, grid, np.full_like(around, latitude), around)
    latitudes = grid.positions_deg()[0]
    along = np.linspace(latitudes.min(), latitudes.max(), 181)
    for longitude in meridians:
        _line(axes, grid, along, np.full_like(along, longitude))
    axes.annotate(
        f"parallels every {_step(parallels):g}°, meridians every {_step(meridians):g}°",
        (0.99, 0.01),
        xycoords="axes fraction",
        ha="right",
        fontsize=7,
        color="white",
    )


def _lines(low: float, high: float, steps: Sequence[float]) -> Floats:
    """Return round values between low and high, at most about a dozen."""
    step = next((one for one in steps if (high - low) / one <= 12), steps[-1])  # noqa: PLR2004 - as the docstring says
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1, dtype=np.float64) * step


def _step(lines: Floats) -> float:
    return float(lines[1] - lines[0]) if lines.size > 1 else 0.0


def _line(axes: Any, grid: Grid, latitudes: Floats, longitudes: Floats) -> None:
    x, y = grid.projection.from_vectors(unit_vectors(latitudes, longitudes))
    axes.plot(x / 1000, y / 1000, color="white", linewidth=0.5, alpha=0.6)


def _mark(axes: Any, grid: Grid, name: str, latitude: float, longitude: float) -> None:
    if not np.isfinite(grid.at(latitude, longitude)):
        return
    x, y = grid.projection.from_vectors(unit_vectors(latitude, longitude))
    axes.plot(x / 1000, y / 1000, marker="o", markersize=4, markerfacecolor="none", markeredgecolor="red")
    axes.annotate(
        name, (float(x) / 1000, float(y) / 1000), xytext=(5, 4), textcoords="offset points", fontsize=8, color="white"
    )


def _origin(provenance: Provenance) -> str:
    terrain = ", ".join(f"{one.name} ({one.pixel_m:g} m, {one.hash})" for one in provenance.terrain)
    holes = "; ".join(map(str, provenance.filled))
    parts = [f"terrain {terrain}", holes, f"mast {provenance.mast_m:g} m", provenance.ephemeris, provenance.threshold]
    return "; ".join(part for part in parts if part)
