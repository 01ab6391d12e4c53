import itertools
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from engines.moon.real import cap, far, needs_real
from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.frames import EARTH, SUN, Subpoint
from moonbridge.engines.moon.horizon import horizon, skyline
from moonbridge.engines.moon.light import hours, illumination, statistics
from moonbridge.engines.moon.maps import Survey, Tally
from moonbridge.engines.moon.projections import SOUTH, Stereographic
from moonbridge.engines.moon.skies import sky, sky_in_order
from moonbridge.engines.moon.terrain import Stack
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

FIELD = Stack((crater_field(5, rows=60, columns=60, pixel_m=120.0),))
YEAR = hours("2027-01-01", "2028-01-01")
PIXELS = ((10, 12), (30, 31), (45, 20), (22, 50), (33, 8))


@pytest.fixture(scope="module")
def moving():
    return ephemeris.default()


@pytest.fixture(scope="module")
def ordered(moving) -> Survey:
    return Survey(FIELD, sky_in_order(SOUTH, SUN, moving.sun(YEAR), YEAR), 2.0)


@pytest.fixture(scope="module")
def whole(ordered: Survey) -> Tally:
    return ordered.whole()


def at_pixel(row: int, column: int):
    latitudes, longitudes = FIELD.finest.positions_deg()
    return skyline(FIELD, latitudes[row, column], longitudes[row, column], 2.0)


def test_a_map_of_means_is_what_every_pixel_s_own_hours_add_up_to(ordered, whole, moving) -> None:
    mean = ordered.mean(whole)
    for pixel in PIXELS:
        assert mean[pixel] == pytest.approx(illumination(at_pixel(*pixel), moving, YEAR).mean(), abs=0.006)


def test_a_map_of_nights_is_each_pixel_s_longest_night(ordered, whole, moving) -> None:
    nights = ordered.longest_night_h(whole)
    for pixel in PIXELS:
        longest = statistics(YEAR, illumination(at_pixel(*pixel), moving, YEAR)).longest_dark
        assert nights[pixel] == pytest.approx(longest.hours, rel=0.02, abs=6.0)


def test_the_earth_is_mapped_from_the_few_directions_in_which_it_stands(moving) -> None:
    survey = Survey(FIELD, sky(SOUTH, EARTH, moving.earth(YEAR)), 2.0)
    assert survey.directions < 80
    mean = survey.mean(survey.whole())
    for pixel in PIXELS:
        assert mean[pixel] == pytest.approx(illumination(at_pixel(*pixel), moving, YEAR, EARTH).mean(), abs=0.01)


@pytest.mark.parametrize("cuts", [(1, 719), (100, 350, 351), tuple(range(7, 720, 113))])
def test_any_division_of_the_directions_gives_the_same_map_bit_for_bit(ordered, whole, cuts) -> None:
    ends = [0, *cuts, 720]
    parts = [ordered.part(first, last) for first, last in itertools.pairwise(ends)]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.then(part)
    np.testing.assert_array_equal(joined.visible, whole.visible)
    np.testing.assert_array_equal(ordered.longest_night_h(joined), ordered.longest_night_h(whole))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_threads_and_processes_give_the_same_map_bit_for_bit(moving, pool) -> None:
    few = moving.sun(hours("2027-01-01", "2027-01-09"))
    survey = Survey(FIELD, sky(SOUTH, SUN, few), 2.0)
    with pool(2) as workers:
        *_, last = survey.tallies(executor=workers, part=40)
    np.testing.assert_array_equal(last.visible, survey.whole().visible)


class Cluster(Executor):
    """An executor as a Dask client's: what it is given travels to other machines, and many at once need lists of known length."""

    def __init__(self) -> None:
        self.taken: list[Future] = []

    def submit(self, function, /, *arguments, **named):
        sent, *rest = pickle.loads(pickle.dumps((function, *arguments)))  # noqa: S301 - what this test wrote itself
        self.taken.append(Future())
        self.taken[-1].set_result(sent(*rest, **named))
        return self.taken[-1]

    def map(self, function, *iterables, **options):
        assert all(hasattr(each, "__len__") for each in iterables), "distributed asks for the length of each"
        return super().map(function, *iterables, **options)


def test_a_cluster_gives_the_same_map_and_never_holds_more_parts_than_asked_for(moving) -> None:
    survey = Survey(FIELD, sky(SOUTH, SUN, moving.sun(hours("2027-01-01", "2027-01-03"))), 2.0)
    cluster = Cluster()
    steps = survey.tallies(executor=cluster, part=10, ahead=3)
    first = next(steps)
    assert (first.last, len(cluster.taken)) == (10, 3)
    *_, last = steps
    np.testing.assert_array_equal(last.visible, survey.whole().visible)


def test_a_stopped_map_goes_on_where_it_was(ordered, whole) -> None:
    steps = ordered.tallies(part=300)
    first = next(steps)
    steps.close()
    kept = first.copy()
    *_, last = ordered.tallies(done=first, part=111)
    assert (last.first, last.last) == (0, 720)
    np.testing.assert_array_equal(first.visible, kept.visible)
    np.testing.assert_array_equal(ordered.longest_night_h(last), ordered.longest_night_h(whole))
    np.testing.assert_array_equal(last.visible, whole.visible)


def test_a_gap_between_parts_is_refused(ordered) -> None:
    with pytest.raises(InputError, match="missing between two parts"):
        ordered.part(0, 1).then(ordered.part(2, 3))


def test_more_of_the_disc_asked_for_is_seen_less(moving) -> None:
    means = []
    for seen in ("any", "share", "centre", "full"):
        survey = Survey(FIELD, sky(SOUTH, SUN, moving.sun(YEAR), seen), 0.0)
        means.append(survey.mean(survey.whole()).mean())
    assert means[0] > means[1] > means[3]
    assert means[0] > means[2] > means[3]
    with pytest.raises(InputError, match="share, any, centre, full"):
        sky(SOUTH, SUN, moving.sun(YEAR), "half")


def test_where_the_sun_does_not_go_round_one_way_there_is_no_map_of_nights(moving) -> None:
    for latitude in (0.5, 5.0, 60.0):
        with pytest.raises(InputError, match="near a pole only"):
            sky_in_order(Stereographic(latitude, 0.0), SUN, moving.sun(YEAR), YEAR)
    survey = Survey(FIELD, sky(SOUTH, SUN, moving.sun(YEAR)))
    with pytest.raises(InputError, match="knows no nights"):
        survey.longest_night_h(survey.part(0, 1))


@pytest.mark.slow
def test_what_is_never_seen_is_what_no_hour_of_the_year_lights(moving) -> None:
    """Each pixel's own hours, one by one: a few of those that are never lit, and of the darkest that are."""
    survey = Survey(FIELD, sky(SOUTH, SUN, moving.sun(YEAR), "any"), 2.0)
    tally = survey.whole()
    never = survey.never(tally)
    dark = np.argwhere(never)[:: max(1, int(never.sum()) // 6)]
    lit = np.argwhere(survey.mean(tally) > 0.02)[::400]
    for pixels, expected in ((dark, False), (lit, True)):
        assert len(pixels) >= 5
        assert [bool((illumination(at_pixel(*pixel), moving, YEAR) > 0.02).any()) for pixel in pixels] == [
            expected
        ] * len(pixels)


def test_a_body_that_stands_still_lights_what_faces_it() -> None:
    """One stand, 5 degrees high in the direction of longitude 90: lit is what has a lower horizon there."""
    still = Subpoint.of(np.full(10, 90.0), np.full(10, -5.0), np.full(10, 1.5e8))
    survey = Survey(FIELD, sky(SOUTH, SUN, still, "centre"))
    assert survey.sky.azimuth_deg.tolist() == [90.0]
    tilt = np.degrees(FIELD.finest.coordinates_m()[0] / 1_737_400.0)[None, :]
    clear = 5.0 + tilt - horizon(FIELD, 90.0)
    lit = survey.mean(survey.whole())
    decided = np.abs(clear) > 0.02
    np.testing.assert_array_equal(lit[decided] > 0.5, clear[decided] > 0)


@needs_real
@pytest.mark.slow
def test_permanent_shadow_around_the_south_pole(moving) -> None:
    """0.1864 of the square of +-75.84 km on LOLA's 60-m product; pixels of 240 m miss the shadows of small craters, and give 0.177.

    All 720 directions: with fewer, a little light between them is missed or doubled.
    """
    square = cap().square(0.0, 0.0, 75_840.0)
    cycle = moving.sun(hours("2018-01-01", "2036-08-12"))
    survey = Survey(Stack.of(square, cap(), far()), sky(SOUTH, SUN, cycle))
    assert survey.never(survey.whole()).mean() == pytest.approx(0.1864, abs=0.01)
