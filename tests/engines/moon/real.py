"""The real grids beside the project, where they are."""

from functools import cache
from pathlib import Path

import pytest

from moonbridge.engines.moon.terrain import Grid
from moonbridge.formats.terrain.reading import read

REAL = Path(__file__).parents[4] / "shared" / "lunar"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real grids (../shared/lunar) are not here")


@cache
def real(name: str) -> Grid:
    return read(REAL / name).grid


def site() -> Grid:
    return real("site01_connecting_ridge_10m.tif")


def cap() -> Grid:
    return real("lola_southpole_cap_240m_1536.tif")


def far() -> Grid:
    return real("lola_southpole_far_1787m_512.tif")
