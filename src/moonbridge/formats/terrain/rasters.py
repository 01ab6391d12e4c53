"""Write maps as GeoTIFF: where every pixel lies on the Moon, in which unit, and what the map was made from."""

import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.projections import NORTH, SOUTH, Equirectangular, Projection
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Provenance
from moonbridge.engines.moon.terrain import Grid

CODES: Final = {SOUTH: "IAU_2015:30135", NORTH: "IAU_2015:30130", Equirectangular(): "IAU_2015:30110"}
"""The projections that have a name."""


def write_geotiff(
    path: Path, values: npt.NDArray[np.float32], grid: Grid, *, title: str, unit: str, provenance: Provenance
) -> None:
    """Write ``values`` (rows, columns) on the pixels of ``grid``; NaN is nodata, ``provenance`` goes into a tag as JSON."""
    import rasterio
    from affine import Affine

    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "nodata": float("nan"),
        "crs": crs(grid.projection),
        "transform": Affine(grid.dx_m, 0.0, grid.x_m - grid.dx_m / 2, 0.0, grid.dy_m, grid.y_m - grid.dy_m / 2),
        "compress": "deflate",
        "predictor": 3,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(values.astype(np.float32), 1)
        file.set_band_unit(1, unit)
        file.set_band_description(1, title)
        file.update_tags(
            TIFFTAG_SOFTWARE="moonbridge",
            TIFFTAG_IMAGEDESCRIPTION=title,
            MOONBRIDGE_PROVENANCE=json.dumps(provenance.as_dict(), ensure_ascii=False),
        )


def crs(projection: Projection) -> str:
    """Return the projection for PROJ: by its IAU name, else in full."""
    if projection in CODES:
        return CODES[projection]
    sphere = f"+R={MOON_RADIUS_M:.0f} +units=m +no_defs"
    if isinstance(projection, Equirectangular):
        return f"+proj=eqc +lon_0={projection.longitude_deg} +lat_ts={projection.true_scale_latitude_deg} {sphere}"
    return f"+proj=stere +lat_0={projection.latitude_deg} +lon_0={projection.longitude_deg} +k=1 {sphere}"
