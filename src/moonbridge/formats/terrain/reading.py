"""Read grids of lunar heights: GeoTIFF (also cloud-optimised), PDS3 (IMG with LBL) and PDS4 (XML label).

What a file says of itself in two places must agree. A wrong sign of the central latitude, which labels of southern LOLA products carry,
is put right by the label's own latitudes and reported; a scale or an offset that a tag contradicts is refused until the caller decides.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from moonbridge.engines.moon.projections import Equirectangular, Projection, Stereographic
from moonbridge.engines.moon.skyline import MOON_RADIUS_M
from moonbridge.engines.moon.terrain import Grid
from moonbridge.errors import InputError
from moonbridge.formats.terrain.sheets import Sheet, layout_of

RADIUS_TOLERANCE_M: Final = 500.0
"""Spheres that differ by more are not the same Moon: 1738.0 and 1737.4 km both occur."""
_FORMULA: Final = re.compile(r"=\s*(?:(?P<offset>-?[\d.]+)\s*\+\s*)?(?P<scale>-?[\d.]+)\s*\*\s*DN", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Reading:
    """A grid as read, and ``notes``: sentences on what the file says of itself twice and differently, and how that was settled."""

    grid: Grid
    notes: tuple[str, ...] = ()


def read(
    path: Path,
    name: str | None = None,
    *,
    scale: float | None = None,
    offset_m: float | None = None,
    sha256: str | None = None,
) -> Reading:
    """Return the whole grid in ``path``, as :func:`open_sheet` finds it; of a file larger than memory read parts of a sheet."""
    sheet = open_sheet(path, name, scale=scale, offset_m=offset_m, sha256=sha256)
    return Reading(sheet.whole(), sheet.notes)


def open_sheet(
    path: Path,
    name: str | None = None,
    *,
    scale: float | None = None,
    offset_m: float | None = None,
    sha256: str | None = None,
) -> Sheet:
    """Open the grid in ``path`` (a GeoTIFF, a PDS3 image or label, or a PDS4 label) without reading its heights.

    ``scale`` and ``offset_m`` overrule the file's. ``sha256`` spares the hashing of a big file that is known. Raises
    :class:`~moonbridge.errors.InputError` for what cannot be read, is not of the Moon, or contradicts itself.
    """
    import rasterio
    from rasterio.errors import RasterioError

    label = _label(path)
    try:
        with rasterio.open(label) as file:
            about = _About.of(file, _said(label))
    except RasterioError as problem:
        raise InputError(f"this is no terrain that can be read ({problem})", file=str(path)) from None
    notes: list[str] = []
    projection, x_m, y_m, dx_m, dy_m = _placed(about, str(path), notes)
    if scale is None and offset_m is None:
        scale, offset_m = _scaled(about, str(path), notes)
    layout = Grid(
        name or path.stem,
        layout_of(about.shape, about.dtype),
        projection,
        x_m,
        y_m,
        dx_m,
        dy_m,
        1.0 if scale is None else scale,
        0.0 if offset_m is None else offset_m,
        about.nodata,
        sha256 or digest(data_file(path)),
    )
    return Sheet(label, layout, tuple(notes))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def data_file(path: Path) -> Path:
    """Return the file that holds the heights: the image beside a PDS3 or PDS4 label, else the file itself."""
    return _beside(path, (".img",)) or path if path.suffix.casefold() in {".lbl", ".xml"} else path


def _label(path: Path) -> Path:
    """Return the file that GDAL must be shown: the label beside a PDS image, else the file itself."""
    if not path.is_file():
        raise InputError("there is no such file", file=str(path))
    found = _beside(path, (".lbl", ".xml")) if path.suffix.casefold() == ".img" else path
    if found is None:
        raise InputError("an IMG file needs its label (.LBL or .xml) beside it", file=str(path))
    return found


def _beside(path: Path, suffixes: tuple[str, ...]) -> Path | None:
    for other in sorted(path.parent.iterdir()):
        if other.stem.casefold() == path.stem.casefold() and other.suffix.casefold() in suffixes:
            return other
    return None


@dataclass(frozen=True, eq=False)
class _About:
    """What a file says of itself."""

    shape: tuple[int, int]
    dtype: str
    transform: Any
    projected: Mapping[str, Any]
    scale: float
    offset: float
    nodata: float | None
    units: str
    label: Mapping[str, str]

    @classmethod
    def of(cls, file: Any, label: Mapping[str, str]) -> "_About":
        """Read it from an open dataset and its PDS3 label."""
        if file.crs is None:
            raise InputError("the file does not say where on the Moon it lies (no projection)", file=file.name)
        units = file.units[0] or file.tags().get("units", "") or label.get("UNIT", "")
        said = file.crs.to_dict()
        return cls(
            file.shape, file.dtypes[0], file.transform, said, file.scales[0], file.offsets[0], file.nodata, units, label
        )


def _said(label: Path) -> Mapping[str, str]:
    """Return what a PDS3 label says in words (`KEY = value`); nothing for other files."""
    if label.suffix.casefold() != ".lbl":
        return {}
    lines = label.read_text(encoding="latin-1").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key.strip(): value.strip().strip('"') for key, value in pairs}


def _placed(about: _About, file: str, notes: list[str]) -> tuple[Projection, float, float, float, float]:
    """Return projection, coordinates of the first pixel's centre, and signed steps, all in metres."""
    said, move = about.projected, about.transform
    if move.b or move.d:
        raise InputError("the grid is rotated against its projection; resample it first", file=file)
    _check_moon(said, file)
    projection, unit, true_scale = _projection(about, file, notes)
    easting, northing = float(said.get("x_0", 0.0)), float(said.get("y_0", 0.0))
    # a projection with true scale away from its centre is the same map, drawn smaller or larger
    metres = unit / true_scale
    dx, dy = move.a * metres, move.e * metres
    return projection, (move.c - easting) * metres + dx / 2, (move.f - northing) * metres + dy / 2, dx, dy


def _check_moon(said: Mapping[str, Any], file: str) -> None:
    radius = said.get("R") or said.get("a")
    if radius is None or abs(float(radius) - MOON_RADIUS_M) > RADIUS_TOLERANCE_M:
        raise InputError(
            f"the projection's body has the radius {radius or said.get('datum') or said.get('ellps')}, not the Moon's 1737400 m",
            file=file,
        )


def _projection(about: _About, file: str, notes: list[str]) -> tuple[Projection, float, float]:
    """Return the projection, the metres of the file's unit, and the scale at the centre."""
    said = about.projected
    longitude = float(said.get("lon_0", 0.0))
    unit = 1000.0 if said.get("units") == "km" else 1.0
    match said.get("proj"):
        case "stere":
            latitude = _centre(about, float(said.get("lat_0", -90.0)), notes)
            scale = float(said.get("k", said.get("k_0", 1.0)))
            if "lat_ts" in said:
                scale = (1.0 + np.sin(np.radians(abs(float(said["lat_ts"]))))) / 2.0
            return Stereographic(latitude, longitude), unit, scale
        case "eqc":
            return Equirectangular(longitude, float(said.get("lat_ts", 0.0))), unit, 1.0
        case "longlat":
            return Equirectangular(longitude), np.radians(1.0) * MOON_RADIUS_M, 1.0
        case other:
            raise InputError(f"the projection {other} is neither stereographic nor equirectangular", file=file)


def _centre(about: _About, latitude: float, notes: list[str]) -> float:
    """Return the central latitude, its sign put right where the label's own latitudes contradict it."""
    low, high = (_number(about.label.get(key)) for key in ("MINIMUM_LATITUDE", "MAXIMUM_LATITUDE"))
    if low is None or high is None or not latitude * (low + high) < 0:
        return latitude
    notes.append(
        f"the label says that the centre of the projection is at {latitude:g} N, and that the grid reaches from {low:g} to {high:g} N; "
        f"taken: {-latitude:g} N"
    )
    return -latitude


def _number(text: str | None) -> float | None:
    """Return a label's number, with or without its unit."""
    found = re.match(r"-?[\d.]+", text or "")
    return float(found[0]) if found else None


def _scaled(about: _About, file: str, notes: list[str]) -> tuple[float, float]:
    """Return metres per stored unit and the offset to heights above the sphere."""
    scale, offset = about.scale, about.offset
    told = _FORMULA.search(about.units)
    if told and not np.allclose((scale, offset), (float(told["scale"]), float(told["offset"] or 0)), rtol=1e-6):
        raise InputError(
            f"the band says height = {offset:g} + {scale:g} * DN, a tag says '{about.units}'; "
            "give --scale and --offset to say which holds",
            file=file,
            scale=scale,
            offset_m=offset,
        )
    kilometres = about.units.strip("\"' <>").casefold() in {"km", "kilometer", "kilometre", "kilometers"}
    metres = 1000.0 if kilometres else 1.0
    scale, offset = scale * metres, offset * metres
    if abs(offset - MOON_RADIUS_M) < RADIUS_TOLERANCE_M:
        notes.append(
            f"the label's offset of {offset:.0f} m makes radii; heights are above the sphere of {MOON_RADIUS_M:.0f} m"
        )
        offset -= MOON_RADIUS_M
    return scale, offset
