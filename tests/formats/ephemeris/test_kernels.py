"""A kernel of orientation, written here byte by byte as NAIF's DAF manual says, and files that are none."""

import gc
import struct
from pathlib import Path

import numpy as np
import pytest
import skyfield_data

from moonbridge.engines.moon import orientation
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

DE421 = Path(skyfield_data.__file__).with_name("data") / "de421.bsp"
FIRST, LAST = np.datetime64("2026-08-01"), np.datetime64("2026-10-04")
STRETCH_S, TERMS = 2 * 86_400.0, 12


def principal_axes_angles(tdb_s: np.ndarray) -> np.ndarray:
    """The Euler angles (3, n) of the principal axes of DE421, as the IAU series and NAIF's three constants have them."""
    z, y, x = np.radians(np.array(orientation.MEAN_EARTH_OFFSETS_ARCSEC["DE421"]) / 3600)
    to_axes = orientation._about_z(z) @ orientation._about_y(y) @ orientation._about_x(x)
    matrices = np.einsum("ij,jkn->ikn", to_axes, orientation.by_series(tdb_s))
    return np.array([
        np.arctan2(matrices[2, 0], -matrices[2, 1]),
        np.arccos(matrices[2, 2]),
        np.unwrap(np.arctan2(matrices[0, 2], matrices[1, 2])),
    ])  # fmt: skip


def orientation_kernel(
    path: Path, frame: int = 31006, span: tuple[np.datetime64, np.datetime64] = (FIRST, LAST)
) -> Path:
    """Write a binary PCK with one segment of type 2 (Chebyshev angles)."""
    start_s, end_s = ((day - np.datetime64("2000-01-01T12", "s")) / np.timedelta64(1, "s") for day in span)
    count = int((end_s - start_s) / STRETCH_S)
    points = np.polynomial.chebyshev.chebpts1(TERMS)
    middles = start_s + (np.arange(count) + 0.5) * STRETCH_S
    angles = principal_axes_angles(np.ravel(middles[:, None] + points * STRETCH_S / 2)).reshape(3, count, TERMS)
    records = np.empty((count, 2 + 3 * TERMS))
    records[:, 0], records[:, 1] = middles, STRETCH_S / 2
    for piece in range(count):
        fits = np.polynomial.chebyshev.chebfit(points, angles[:, piece].T, TERMS - 1)
        records[piece, 2:] = fits.T.ravel()
    data = np.concatenate([records.ravel(), [start_s, STRETCH_S, records.shape[1], count]])
    begin = 3 * 128 + 1
    head = struct.pack(
        "<8sii60siii8s603s28s297s", b"DAF/PCK ", 2, 5, b"made by a test".ljust(60), 2, 2, begin + data.size, b"LTL-IEEE",
        b"", b"FTPSTR:\r:\n:\r\n:\r\x00:\x81:\x10\xce:ENDFTP", b"",
    )  # fmt: skip
    summary = struct.pack("<3d", 0, 0, 1) + struct.pack(
        "<2d5i", start_s, end_s, frame, 1, 2, begin, begin + data.size - 1
    )
    path.write_bytes(b"".join((head, summary.ljust(1024, b"\0"), b"MADE-UP".ljust(1024), data.astype("<f8").tobytes())))
    return path


def test_a_binary_kernel_of_orientation_gives_the_same_sky(tmp_path: Path) -> None:
    sky = ephemeris.load(DE421, orientation_kernel(tmp_path / "moon_pa.bpc"))
    assert (sky.name, str(sky.first), str(sky.last)) == ("DE421, moon_pa.bpc in MOON_ME", "2026-08-02", "2026-10-02")
    times = np.arange("2026-08-02", "2026-10-03", dtype="datetime64[h]")
    for ours, default in ((sky.sun, ephemeris.default().sun), (sky.earth, ephemeris.default().earth)):
        apart = np.linalg.norm(ours(times).vector_km - default(times).vector_km, axis=0) / ours(times).distance_km
        assert np.degrees(apart.max()) * 3600 < 0.01


def test_files_that_are_no_kernels_are_refused_by_name(tmp_path: Path) -> None:
    nothing, words = tmp_path / "nothing.bsp", tmp_path / "words.bsp"
    words.write_text("not a kernel\n" * 200)
    with pytest.raises(InputError, match=r"nothing\.bsp: cannot be opened: No such file"):
        ephemeris.load(nothing)
    with pytest.raises(InputError, match=r"words\.bsp: is no kernel of positions"):
        ephemeris.load(words)
    with pytest.raises(InputError, match=r"nothing\.bsp: cannot be opened"):
        ephemeris.load(DE421, nothing)
    with pytest.raises(InputError, match=r"words\.bsp: is no kernel of orientation"):
        ephemeris.load(DE421, words)
    earth = orientation_kernel(tmp_path / "earth.bpc", frame=3000)
    with pytest.raises(InputError, match=r"earth\.bpc: holds no orientation of the Moon"):
        ephemeris.load(DE421, earth)
    with pytest.raises(InputError, match=r"earth\.bpc: is no kernel of positions"):
        ephemeris.load(earth)


def test_kernels_without_a_common_time_are_refused(tmp_path: Path) -> None:
    later = orientation_kernel(tmp_path / "later.bpc", span=(np.datetime64("2060-01-01"), np.datetime64("2060-02-02")))
    with pytest.raises(InputError, match="the kernels have no time in common"):
        ephemeris.load(DE421, later)


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_no_file_stays_open(tmp_path: Path) -> None:
    ephemeris.load(DE421, orientation_kernel(tmp_path / "moon_pa.bpc"))
    with pytest.raises(InputError):
        ephemeris.load(DE421, orientation_kernel(tmp_path / "earth.bpc", frame=3000))
    gc.collect()
