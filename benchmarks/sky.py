"""How long the sky over a lunar site takes, beside skyfield doing the same, and how far apart the two are.

    python benchmarks/sky.py               a year of hourly Sun and Earth; a year of windows; a month of relay passes
    python benchmarks/sky.py --rounds 30   more rounds for steadier medians

Times are CPU seconds of this process, medians over rounds in which both sides take turns. skyfield gets the same kernel
(DE421), the same orientation of the Moon and the same site; only its own code is timed.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import skyfield_data
from skyfield.api import load, load_file
from skyfield.searchlib import find_discrete

from moonbridge.engines.moon import orientation
from moonbridge.engines.moon.frames import MOON, Topocentric, azimuth_elevation, local_axes
from moonbridge.engines.moon.relay import passes, preset
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.visibility import Disc, earth_visible, sun_visible
from moonbridge.engines.moon.windows import windows
from moonbridge.formats import ephemeris

LATITUDE, LONGITUDE = -88.8, 123.4
YEAR = ("2027-01-01", "2028-01-01")
J2000_JD = 2_451_545.0


def cpu_ms(work: Callable[[], object]) -> float:
    """Return how much CPU ``work`` took, in milliseconds."""
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def side_by_side(title: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> None:
    """Print the medians of both and their ratio."""
    pairs = [(cpu_ms(ours), cpu_ms(theirs)) for _ in range(rounds)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title:<44} moonbridge {mine:10.2f} ms   skyfield {other:10.2f} ms   {other / mine:7.1f} x")


class Rival:
    """The same site by skyfield's own observe(), apparent() and search."""

    def __init__(self) -> None:
        self._kernel = load_file(str(Path(skyfield_data.__file__).with_name("data") / "de421.bsp"))
        self.scale = load.timescale(builtin=True)
        self._axes = local_axes(LATITUDE, LONGITUDE)

    def seen(self, body: str, times: Any) -> Topocentric:
        """Return azimuth, elevation and distance of a body."""
        away = self._kernel["moon"].at(times).observe(self._kernel[body]).apparent(deflectors=()).position.km
        turned = np.einsum("ijn,jn->in", orientation.by_series((times.tdb - J2000_JD) * 86_400), away)
        east, north, up = self._axes @ turned
        up = up - MOON.radius_km
        level = np.hypot(east, north)
        return Topocentric(
            np.degrees(np.arctan2(east, north)) % 360, np.degrees(np.arctan2(up, level)), np.hypot(level, up)
        )

    def year(self, hours: int) -> tuple[Topocentric, Topocentric]:
        """Return Sun and Earth at each hour of 2027."""
        times = self.scale.utc(2027, 1, 1, range(hours))
        return self.seen("sun", times), self.seen("earth", times)

    def windows(self) -> Any:
        """Return the instants at which the centres of Sun and Earth begin or cease to be both above the level horizon."""

        def both(times: Any) -> Any:
            return (self.seen("sun", times).elevation_deg > 0) & (self.seen("earth", times).elevation_deg > 0)

        both.step_days = 10 / 1440
        return find_discrete(self.scale.utc(2027, 1, 1), self.scale.utc(2028, 1, 1), both, epsilon=1 / 86_400)


def main() -> None:
    """Print preparation, then each task beside the rival, then how far apart the answers are."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=11)
    rounds = arguments.parse_args().rounds
    preparing = statistics.median(cpu_ms(ephemeris.default.__wrapped__) for _ in range(3))
    sky, rival = ephemeris.default(), Rival()
    print(f"preparing DE421, 1960 to 2053, once per process: {preparing:.0f} ms\n")
    hours = np.arange(*YEAR, dtype="datetime64[h]")
    site = Skyline.level(LATITUDE, LONGITUDE)

    def year() -> tuple[Topocentric, Topocentric]:
        return (
            azimuth_elevation(sky.sun(hours), LATITUDE, LONGITUDE),
            azimuth_elevation(sky.earth(hours), LATITUDE, LONGITUDE),
        )

    def open_windows() -> Any:
        both = sun_visible(site, sky, disc=Disc.CENTRE) & earth_visible(site, sky, disc=Disc.CENTRE)
        return windows(both, *YEAR)

    year()
    side_by_side("hourly year, Sun and Earth (8,760 x 2)", year, lambda: rival.year(hours.size), rounds)
    side_by_side("windows of a year, Sun and Earth, 10-min steps", open_windows, rival.windows, max(3, rounds // 4))
    relay = preset("queqiao2-24h").orbit
    month = statistics.median(
        cpu_ms(lambda: passes(site, relay, sky, "2027-01-01", "2027-02-01")) for _ in range(rounds)
    )
    print(f"{'passes of Queqiao-2 in a month, 1-min steps':<44} moonbridge {month:10.2f} ms")
    report_differences(year(), rival.year(hours.size), open_windows(), rival)


def report_differences(
    ours: tuple[Topocentric, ...], theirs: tuple[Topocentric, ...], found: list[Any], rival: Rival
) -> None:
    """Print the largest differences of angles, and of the edges of windows."""
    print()
    for name, mine, other in zip(("Sun", "Earth"), ours, theirs, strict=True):
        apart = 3600 * np.abs(mine.elevation_deg - other.elevation_deg).max()
        print(f"largest difference of the {name}'s elevation: {apart:.4f} arcsec")
    edges = np.array(
        [edge for one in found for edge in (one.start, one.end)][: 2 * len(found) - int(found[-1].lasting)]
    )
    their_edges = np.array(rival.windows()[0].utc_strftime("%Y-%m-%dT%H:%M:%S"), "datetime64[s]")
    assert edges.size == their_edges.size
    print(f"largest difference of {edges.size} edges of windows: {np.abs(edges - their_edges).max()}")


if __name__ == "__main__":
    main()
