"""From files to a terrain: what surrounds one place, and a region with what surrounds it, reading no more than is needed."""

from collections.abc import Sequence

import numpy as np

from moonbridge.engines.moon.extent import Part
from moonbridge.engines.moon.projections import Stereographic, degrees, unit_vectors
from moonbridge.engines.moon.terrain import REACH_M, Grid, Stack
from moonbridge.errors import InputError
from moonbridge.formats.terrain.sheets import Sheet

_DIAGONAL = float(np.sqrt(2))


def stack_around(
    sheets: Sequence[Sheet], latitude_deg: float, longitude_deg: float, *, within_m: float = 0.0
) -> Stack | None:
    """Return what the sheets know around a place and all places up to ``within_m`` from it; None where none knows the place."""
    place = latitude_deg, longitude_deg
    here = [sheet for sheet in sheets if sheet.layout.covers(unit_vectors(*place))]
    if not any(sheet.knows(*place) for sheet in here):
        return None
    return Stack.of(*(grid for sheet in here for grid in sheet.around(*place, within_m=within_m)))


def square_around(
    sheets: Sequence[Sheet], latitude_deg: float, longitude_deg: float, half_m: float, most_pixels: int
) -> Stack:
    """Return the square within ``half_m`` of a place, from the finest sheet that knows it, and the coarser ground around.

    A sheet that is not stereographic is resampled. Raises :class:`~moonbridge.errors.InputError` where no sheet knows the place, or
    where the square has more than ``most_pixels``.
    """
    ordered = _finest_first(sheets)
    known = next((number for number, sheet in enumerate(ordered) if sheet.knows(latitude_deg, longitude_deg)), None)
    if known is None:
        raise unknown(sheets, latitude_deg, longitude_deg)
    region = _square(ordered[known], latitude_deg, longitude_deg, half_m, most_pixels)
    return _surrounded(region, ordered[known:], latitude_deg, longitude_deg, half_m)


def whole_region(sheets: Sequence[Sheet], most_pixels: int) -> Stack:
    """Return all of the finest sheet and the coarser ground around.

    Raises :class:`~moonbridge.errors.InputError` where it is not stereographic, or has more than ``most_pixels``.
    """
    finest, *coarser = _finest_first(sheets)
    layout = finest.layout
    if not isinstance(layout.projection, Stereographic):
        raise InputError(f"{layout.name} is not in a stereographic projection; name a region", field="--centre")
    part = Part(0, 0, *layout.shape)
    _check(part.pixels, layout, most_pixels)
    half_m = max(part.rows * abs(layout.dy_m), part.columns * abs(layout.dx_m)) / 2
    x, y = layout.x_m + layout.dx_m * (part.columns - 1) / 2, layout.y_m + layout.dy_m * (part.rows - 1) / 2
    latitude, longitude = (float(value) for value in degrees(layout.projection.to_vectors(x, y)))
    return _surrounded(finest.part(part), coarser, latitude, longitude, half_m)


def unknown(sheets: Sequence[Sheet], latitude_deg: float, longitude_deg: float) -> InputError:
    """Return the error that says that no sheet knows a place."""
    names = ", ".join(sheet.layout.name for sheet in sheets)
    return InputError(
        f"no terrain knows {latitude_deg} N {longitude_deg} E; its grids are {names}", field="coordinates"
    )


def _finest_first(sheets: Sequence[Sheet]) -> list[Sheet]:
    return sorted(sheets, key=lambda sheet: sheet.layout.pixel_m)


def _square(sheet: Sheet, latitude_deg: float, longitude_deg: float, half_m: float, most_pixels: int) -> Grid:
    layout = sheet.layout
    if isinstance(layout.projection, Stereographic):
        x, y = layout.projection.from_vectors(unit_vectors(latitude_deg, longitude_deg))
        part = Part(*layout.square_window(float(x), float(y), half_m))
        _check(part.pixels, layout, most_pixels)
        return sheet.part(part)
    _check((2 * round(half_m / layout.pixel_m)) ** 2, layout, most_pixels)
    known = sheet.within(latitude_deg, longitude_deg, _DIAGONAL * half_m + layout.pixel_m)
    if known is None:
        raise unknown([sheet], latitude_deg, longitude_deg)
    return known.resampled(Stereographic(latitude_deg, longitude_deg), 0.0, 0.0, half_m, layout.pixel_m)


def _surrounded(
    region: Grid, sheets: Sequence[Sheet], latitude_deg: float, longitude_deg: float, half_m: float
) -> Stack:
    around = (
        grid
        for sheet in sheets
        for grid in sheet.around(latitude_deg, longitude_deg, reach_m=REACH_M, within_m=_DIAGONAL * half_m)
    )
    return Stack((region, *sorted(around, key=lambda grid: grid.pixel_m)))


def _check(pixels: int, layout: Grid, most_pixels: int) -> None:
    if pixels > most_pixels:
        raise InputError(
            f"the region has {pixels} pixels of {layout.pixel_m:g} m in {layout.name}, more than the {most_pixels} that fit into "
            "--memory: ask for a smaller one (--centre, --half), or allow more",
            field="--memory",
            pixels=pixels,
        )
