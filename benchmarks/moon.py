"""Horizons and light over the Moon: how many pixel-azimuths a CPU-second, beside named rivals and a memory copy, and how true.

    python benchmarks/moon.py                    synthetic craters, 1000 x 1000 and 4000 x 4000, one site, a map at three sizes
    python benchmarks/moon.py --terrain FOLDER   with the real grids in FOLDER as well: truth, and the 18.6-year map of the cap (minutes)
    python benchmarks/moon.py --rivals           also topocalc and whitebox-workflows, installed into a temporary environment
                                                 where the network allows, and GRASS r.horizon where it is installed

Times are CPU seconds of one thread of this process; rates are medians over eight directions. Every row names a rival of the same run:
the memory copy moves the same bytes as a sweep must, four read and four written for each pixel; numpy counts, and looks a skyline up,
in its own plain way. Aims are those that the project set itself.
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
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.frames import EARTH, SUN
from moonbridge.engines.moon.horizon import Panorama, skyline
from moonbridge.engines.moon.light import hours, illumination
from moonbridge.engines.moon.maps import Survey
from moonbridge.engines.moon.projections import SOUTH
from moonbridge.engines.moon.skies import Sky, sky
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.tallies import count_visible, to_centre
from moonbridge.engines.moon.terrain import Grid, Heights, Stack
from moonbridge.formats import ephemeris
from moonbridge.formats.terrain.reading import read

AZIMUTHS = (10.3, 33.0, 61.0, 100.0, 160.0, 200.0, 250.0, 310.0)
CYCLE = ("2018-01-01", "2036-08-12")
GRIDS = ("site01_connecting_ridge_10m", "lola_southpole_cap_240m_1536", "lola_southpole_far_1787m_512")
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


def row(what: str, measured: str, aim: str, rival: str) -> None:
    """Print one line of the table."""
    print(f"  {what:<46} {measured:>26}   {f'(aim {aim})' if aim else '':<16} {rival}")


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
    row(
        f"sweep {size} x {size}", f"{rate:.1f} M pixel-azimuths/s", ">= 30 M",
        f"memory copy {copied:.0f} M: 1/{copied / rate:.0f} of it (aim 1/2)",
    )  # fmt: skip


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
    mine = statistics.median(s for s, _ in spent)
    copied = sum(level.stored.size for level in stack.levels) / copy_rate(stack.finest.stored.size) / 1e6
    row(
        "720 azimuths to 450 km", f"{1000 * mine:.1f} CPU-ms", "<= 100 ms",
        f"memory copy of the terrain {1000 * copied:.1f} ms: {mine / copied:.0f} times as long",
    )  # fmt: skip
    year_s, theirs = statistics.median(both), 2 * plain_lookup_s(around, year.size)
    row(
        "Sun and Earth, hourly for a year", f"{1000 * year_s:.2f} CPU-ms", "<= 2 ms",
        f"numpy.interp and a disc's area alone {1000 * theirs:.2f} ms: {year_s / theirs:.1f} times as long",
    )  # fmt: skip


def plain_lookup_s(around: Skyline, count: int) -> float:
    """Return what numpy takes to look a body's elevation up in a skyline and to cut its disc, positions given."""
    rng = np.random.default_rng(2)
    azimuth, elevation = rng.uniform(0, 360, count), rng.uniform(-2, 2, count)
    known, heights = np.append(around.azimuth_deg, 360.0), np.append(around.elevation_deg, around.elevation_deg[0])

    def work() -> None:
        above = np.clip((elevation - np.interp(azimuth, known, heights)) / 0.266, -1.0, 1.0)
        _ = 0.5 + (above * np.sqrt(1.0 - above * above) + np.arcsin(above)) / np.pi

    return statistics.median(cpu(work)[0] for _ in range(31))


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
    copied, plain = copy_rate(needed.size) * 1e6, needed.size / plain_count_s(needed, above)
    row(
        "turning to the map's centre", f"{1e-9 * needed.size / turn:.2f} G values/s", "",
        f"memory copy {1e-9 * copied:.2f} G: 1/{copied * turn / needed.size:.0f} of it",
    )  # fmt: skip
    rate = needed.size / add
    row(
        "counting", f"{1e-9 * rate:.2f} G values/s", ">= 1 G",
        f"memory copy {1e-9 * copied:.2f} G: 1/{copied / rate:.0f} of it; "
        f"numpy's own way {1e-9 * plain:.3f} G: {rate / plain:.0f} times as fast",
    )  # fmt: skip
    row(
        "the same in pixel-hours",
        f"{1e-9 * rate * instants:.0f} G/s",
        "",
        f"each lookup stands for {instants:.0f} hours",
    )


def plain_count_s(needed: Heights, above: Sky) -> float:
    """Return what numpy takes to count the same lookups."""
    counts, table = np.zeros(needed.shape, np.int32), above.table[0]

    def work() -> None:
        place = np.clip((needed - above.first_deg) * above.per_deg + 0.5, 0, table.size - 1).astype(np.int32)
        counts[...] += table[place]

    return statistics.median(cpu(work)[0] for _ in range(5))


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
    copied = survey.directions * pixels / copy_rate(pixels) / 1e6
    row(
        f"map of {name}", f"{whole:.1f} CPU-s", "", f"{1e6 * whole / pixels:.1f} CPU-s per million pixels; "
        f"{survey.directions} memory copies {copied:.1f} s: {whole / copied:.0f} times as long",
    )  # fmt: skip
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


def grids(folder: Path) -> tuple[Grid, Grid, Grid]:
    """Return the site, the cap and the far ring of :data:`GRIDS`."""
    site, cap, far = (read(folder / f"{name}.tif").grid for name in GRIDS)
    return site, cap, far


def whole_cap(folder: Path) -> tuple[float, float, float]:
    """Return CPU seconds and peak gigabytes of the map of the whole cap, and the share that is never lit within +-75.84 km."""
    _, cap, far = grids(folder)
    survey = Survey(Stack.of(cap, far), full_cycle())
    survey.part(0, 2)
    spent, tally = cpu(survey.whole)
    xs, ys = cap.coordinates_m()
    square = np.ix_(np.abs(ys) <= 75_840, np.abs(xs) <= 75_840)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return spent, peak, float(survey.never(tally)[square].mean())


def show_real(folder: Path, above: Sky) -> None:
    """Print the truth and the cost on the real grids."""
    site, cap, far = grids(folder)
    print("Real terrain: truth")
    show_truth("Connecting Ridge, 10 m, 2 m mast", site, 2.0)
    show_truth("cap, 240 m, no mast", cap, 0.0)
    print("Real terrain, the whole stack")
    copied = copy_rate(cap.stored.size)
    for name, terrain in (("the cap alone", cap), ("the cap and the far ring", Stack.of(cap, far))):
        rate = sweep_rate(terrain)
        row(
            f"sweep of {name}",
            f"{rate:.1f} M pixel-azimuths/s",
            ">= 30 M",
            f"memory copy {copied:.0f} M: 1/{copied / rate:.0f} of it",
        )
    show_site(Stack.of(site, cap, far), -89.4388, 222.857)
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:  # its peak memory is that of this map alone
        spent, peak, never = fresh.submit(whole_cap, folder).result()
    copies = above.azimuth_deg.size * cap.stored.size / copied / 1e6
    row(
        "18.6-year map of the 1536 x 1536 cap",
        f"{spent:.1f} CPU-s",
        "<= 120 s",
        f"as many memory copies {copies:.1f} s: {spent / copies:.0f} times as long",
    )
    row("peak memory of that process", f"{peak:.2f} GB", "< 1 GB", f"the map itself {4e-9 * cap.stored.size:.2f} GB")
    print(f"  permanent shadow within +-75.84 km on 240 m pixels: {never:.4f} (60 m LOLA product: 0.1864)")


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
    options.add_argument("--terrain", type=Path, help=f"the folder of the real grids, {', '.join(GRIDS)} (.tif)")
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
