"""Horizons and light over the Moon: how many pixel-azimuths a CPU-second, beside named rivals and a memory copy, and how true.

    python benchmarks/moon.py                    synthetic craters, 1000 x 1000 and 4000 x 4000, one site, a map at three sizes
    python benchmarks/moon.py --terrain FOLDER   with the real grids in FOLDER as well: truth, and the 18.6-year map of the cap (minutes)
    python benchmarks/moon.py --rivals           also topocalc and whitebox-workflows, installed into a temporary environment
                                                 where the network allows, and GRASS r.horizon where it is installed

Times are CPU seconds of one thread of this process; rates are medians over eight directions. The memory copy moves the same bytes as
a sweep must: four read and four written for each pixel.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.frames import EARTH, SUN
from moonbridge.engines.moon.horizon import Panorama, skyline
from moonbridge.engines.moon.light import hours, illumination
from moonbridge.engines.moon.maps import Survey
from moonbridge.engines.moon.projections import SOUTH
from moonbridge.engines.moon.skies import Sky, sky
from moonbridge.engines.moon.tallies import count_visible, to_centre
from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.formats import ephemeris
from moonbridge.formats.terrain.reading import read

AZIMUTHS = (10.3, 33.0, 61.0, 100.0, 160.0, 200.0, 250.0, 310.0)
CYCLE = ("2018-01-01", "2036-08-12")
RIVAL_LIMIT_S = 600
RIVAL = """
import sys, time, numpy as np
z = np.load(sys.argv[1]).astype(float)
if sys.argv[2] == "topocalc":
    from topocalc.horizon import horizon
    work = lambda azimuth: horizon(azimuth, z, float(sys.argv[3]))
    count = 2
else:
    import whitebox_workflows as wbw
    wbe = wbw.WbEnvironment()
    wbe.max_procs = 1
    dem = wbe.read_raster(sys.argv[1].replace(".npy", ".tif"))
    work = lambda azimuth: wbe.horizon_angle(dem, azimuth=azimuth, max_dist=1e9)
    count = 2
begun = time.process_time()
for azimuth in (33.0, -100.0)[:count]:
    work(azimuth if sys.argv[2] == "topocalc" else azimuth % 360)
print(count * z.size / (time.process_time() - begun) / 1e6)
"""


def cpu[T](work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of ``work`` and what it returned."""
    begun = time.process_time()
    value = work()
    return time.process_time() - begun, value


def sweep_rate(terrain: Grid | Stack, mast_m: float = 2.0) -> float:
    """Return millions of pixel-azimuths per CPU-second."""
    panorama = Panorama(terrain, mast_m)
    out = panorama.horizon_deg(AZIMUTHS[0])
    panorama.horizon_deg(AZIMUTHS[3], out)
    spent = [cpu(lambda a=azimuth: panorama.horizon_deg(a, out))[0] for azimuth in AZIMUTHS]  # type: ignore[misc]
    return float(panorama.stack.finest.stored.size / statistics.median(spent) / 1e6)


def copy_rate(pixels: int) -> float:
    """Return millions of float32 pixels that a plain copy moves per CPU-second."""
    source, target = np.ones(pixels, np.float32), np.empty(pixels, np.float32)
    np.copyto(target, source)
    spent = [cpu(lambda: [np.copyto(target, source) for _ in range(5)])[0] / 5 for _ in range(7)]
    return float(pixels / statistics.median(spent) / 1e6)


def field(size: int) -> Grid:
    """Return synthetic craters of ``size`` x ``size`` pixels of 60 m."""
    return crater_field(1, rows=size, columns=size)


def show_compilation() -> None:
    """Print what the first call of all costs, in a fresh process with an empty cache and again with a full one."""
    script = (
        "import time; t = time.process_time()\n"
        "from moonbridge.engines.moon.craters import crater_field\n"
        "from moonbridge.engines.moon.horizon import horizon, skyline\n"
        "g = crater_field(1, rows=64, columns=64); horizon(g, 33.0); skyline(g, -90.0, 0.0); print(time.process_time() - t)"
    )
    with tempfile.TemporaryDirectory() as cache:
        for when in ("first run ever, compiling", "later runs, from the cache"):
            command = [sys.executable, "-c", script]
            environment = {"NUMBA_CACHE_DIR": cache, "PATH": "/usr/bin:/bin"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            print(f"  {when:32}  {float(done.stdout):6.2f} CPU-s")


def show_sweep(size: int) -> None:
    """Print the sweep beside a memory copy."""
    rate, copied = sweep_rate(field(size)), copy_rate(size * size)
    print(
        f"  {size} x {size}: {rate:7.1f} million pixel-azimuths/CPU-s; memory copy {copied:8.0f}; ratio 1/{copied / rate:.0f}"
    )


def show_site(stack: Stack, latitude_deg: float, longitude_deg: float) -> None:
    """Print what one site costs: 720 azimuths, and a year of hours of Sun and Earth."""
    skyline(stack, latitude_deg, longitude_deg, 2.0)
    spent = [cpu(lambda: skyline(stack, latitude_deg, longitude_deg, 2.0)) for _ in range(5)]
    around = spent[0][1]
    moving, year = ephemeris.default(), hours("2027-01-01", "2028-01-01")
    both = [
        cpu(lambda: (illumination(around, moving, year), illumination(around, moving, year, EARTH)))[0]
        for _ in range(9)
    ]
    print(f"  720 azimuths to 450 km: {1000 * statistics.median(s for s, _ in spent):.1f} CPU-ms")
    print(f"  Sun and Earth, hourly for a year: {1000 * statistics.median(both):.2f} CPU-ms")


def show_reduction(above: Sky) -> None:
    """Print the kernels that turn horizons into counts."""
    rng = np.random.default_rng(1)
    needed = rng.uniform(-3, 3, (1000, 1000)).astype(np.float32)
    counts, xs = np.zeros(needed.shape, np.int32), np.linspace(-0.1, 0.1, 1000, dtype=np.float32)
    instants = 163_000 / above.azimuth_deg.size
    to_centre(needed.copy(), xs, xs, 1.0)
    count_visible(needed, above.table[0], above.first_deg, above.per_deg, counts)
    turn = statistics.median(cpu(lambda: [to_centre(needed, xs, xs, 1.0) for _ in range(5)])[0] / 5 for _ in range(7))
    needed = rng.uniform(-3, 3, (1000, 1000)).astype(np.float32)
    add = statistics.median(
        cpu(lambda: count_visible(needed, above.table[0], above.first_deg, above.per_deg, counts))[0] for _ in range(35)
    )
    print(
        f"  turning to the map's centre {1e-9 * needed.size / turn:5.2f}, "
        f"counting {1e-9 * needed.size / add:5.2f} billion pixel-azimuths/CPU-s"
    )
    in_hours = 1e-9 * needed.size * instants / add
    print(f"  counting in pixel-hours (each lookup stands for {instants:.0f} of them): {in_hours:.0f} billion/CPU-s")


def full_cycle() -> Sky:
    """Return the Sun over the south pole, hourly through a whole draconic cycle."""
    return sky(SOUTH, SUN, ephemeris.default().sun(hours(*CYCLE)))


def show_map(name: str, terrain: Stack, above: Sky, directions: int) -> float:
    """Print what the mean map of a terrain costs, scaled from some of its directions; return CPU seconds for all."""
    survey = Survey(terrain, above)
    survey.part(0, 2)
    spent, _ = cpu(lambda: survey.part(0, directions))
    whole = spent * survey.directions / directions
    pixels = terrain.finest.stored.size
    print(
        f"  {name:28} {pixels / 1e6:6.2f} million pixels: {whole:7.1f} CPU-s, {1e6 * whole / pixels:6.1f} CPU-s per million pixels"
    )
    return whole


def show_truth(name: str, grid: Grid, mast_m: float) -> None:
    """Print how far the sweep is from a ray march on the sphere with bilinear heights (the one of the tests): 200 points, 36 azimuths."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from engines.moon.marching import marched_deg

    window = grid.window(268, 268, 1000, 1000)
    points = np.random.default_rng(1).integers(60, 940, (200, 2))
    panorama = Panorama(window, mast_m)
    azimuths = np.arange(0.3, 360.0, 10.0)
    fast = np.array([panorama.horizon_deg(azimuth)[points[:, 0], points[:, 1]] for azimuth in azimuths])
    slow = np.array([[marched_deg(window, *point, azimuth, mast_m) for point in points] for azimuth in azimuths])
    off = fast - slow
    print(f"  {name}: rms {np.sqrt(np.mean(off**2)):.3f}, bias {np.mean(off):+.3f} degrees against a ray march")


def show_real(folder: Path, above: Sky) -> None:
    """Print the truth and the cost on the real grids."""
    site, cap, far = (
        read(folder / f"{name}.tif").grid
        for name in ("site01_connecting_ridge_10m", "lola_southpole_cap_240m_1536", "lola_southpole_far_1787m_512")
    )
    print("Real terrain: truth")
    show_truth("Connecting Ridge, 10 m, 2 m mast", site, 2.0)
    show_truth("cap, 240 m, no mast", cap, 0.0)
    print("Real terrain, the whole stack")
    print(
        f"  cap alone: {sweep_rate(cap):.1f}, cap and far ring: {sweep_rate(Stack.of(cap, far)):.1f} million pixel-azimuths/CPU-s"
    )
    show_site(Stack.of(site, cap, far), -89.4388, 222.857)
    survey = Survey(Stack.of(cap, far), above)
    spent, tally = cpu(survey.whole)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    never = survey.never(tally)
    xs, ys = cap.coordinates_m()
    square = np.ix_(np.abs(ys) <= 75_840, np.abs(xs) <= 75_840)
    print(f"  18.6-year map of the 1536 x 1536 cap: {spent:.1f} CPU-s, peak memory of this process {peak:.2f} GB")
    print(
        f"  permanent shadow within +-75.84 km on 240 m pixels: {never[square].mean():.4f} (60 m LOLA product: 0.1864)"
    )


def show_rivals(size: int) -> None:
    """Print the rivals that can be had here, each in its own process on the same grid, and our rate beside them."""
    grid = field(size)
    ours = sweep_rate(grid)
    print(f"Rivals, {size} x {size} synthetic; ours {ours:.1f} million pixel-azimuths/CPU-s")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "z.npy"
        np.save(file, grid.heights_m)
        _geotiff(file.with_suffix(".tif"), grid)
        subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=True)
        for package, name in (("topocalc", "topocalc"), ("whitebox-workflows", "whitebox")):
            rate = _installed_rival(Path(folder), package, name, file, grid.pixel_m)
            print(
                f"  {name}: "
                + (rate if isinstance(rate, str) else f"{rate:.2f}, ours is {ours / rate:.0f} times as fast")
            )
        print("  GRASS r.horizon: " + _grass(file.with_suffix(".tif"), size, ours))


def _geotiff(path: Path, grid: Grid) -> None:
    from moonbridge.engines.moon.skyline import Provenance
    from moonbridge.formats.terrain.rasters import write_geotiff

    write_geotiff(path, grid.heights_m, grid, title="synthetic", unit="m", provenance=Provenance())


def _installed_rival(folder: Path, package: str, name: str, file: Path, pixel_m: float) -> float | str:
    python = folder / "venv" / "bin" / "python"
    try:
        install = [python, "-m", "pip", "install", "--quiet", package, "numpy", "setuptools"]
        subprocess.run(install, check=True, capture_output=True, timeout=RIVAL_LIMIT_S)
        command = [python, "-c", RIVAL, file, name, str(pixel_m)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=RIVAL_LIMIT_S)
        return float(done.stdout.split()[-1])
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        told = getattr(problem, "stderr", b"") or b""
        lines = (told if isinstance(told, str) else told.decode()).strip().splitlines()
        return f"not measured here ({lines[-1] if lines else problem})"


def _grass(tif: Path, size: int, ours: float) -> str:
    if not shutil.which("grass"):
        return "not installed here"
    commands = f"r.in.gdal -o input={tif} output=z --quiet && g.region raster=z && r.horizon elevation=z direction=33 output=h --quiet"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(["grass", "--tmp-project", "XY", "--exec", "sh", "-c", commands], check=True, capture_output=True)
    rate = size * size / (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before) / 1e6
    return f"{rate:.2f} (its start included), ours is {ours / rate:.0f} times as fast"


def main() -> None:
    """Run what the options ask for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--terrain", type=Path, help="the folder of the real grids")
    options.add_argument("--rivals", action="store_true")
    options.add_argument("--sizes", type=int, nargs="*", default=[1000, 4000])
    asked = options.parse_args()
    print("Horizon and skyline, import included")
    show_compilation()
    print("Horizon sweep, synthetic craters, 2 m mast")
    for size in asked.sizes:
        show_sweep(size)
    print("Counting light")
    above = full_cycle()
    show_reduction(above)
    print("One site, synthetic craters")
    show_site(Stack((field(1000),)), -90.0, 0.0)
    print("18.6-year mean map (from 24 of the 720 directions)")
    for size in (500, 1000, 2000):
        show_map(f"synthetic {size} x {size}", Stack((field(size),)), above, 24)
    if asked.terrain:
        show_real(asked.terrain, above)
    if asked.rivals:
        show_rivals(1000)


if __name__ == "__main__":
    main()
