"""The searcher against a look at every single second, and the algebra of windows."""

import subprocess
import sys
from functools import reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.moon.windows import Condition, Window, total, windows
from moonbridge.errors import InputError

START, END = np.datetime64("2027-01-01T00:00:00"), np.datetime64("2027-01-01T02:00:00")
STEP = np.timedelta64(60, "s")
EVERY_SECOND = np.arange(START, END)


def switched(name: str, gaps: list[int]) -> Condition:
    """Return what changes after each of ``gaps`` seconds, counted from ten minutes before the search."""
    moments = START - np.timedelta64(600, "s") + np.cumsum(gaps).astype("timedelta64[s]")

    def holds(times: np.ndarray) -> np.ndarray:
        return np.searchsorted(moments, times, side="right") % 2 == 1

    return Condition(name, holds, STEP)


# No state lasts less than one step, so no change may be missed.
lists_of_gaps = st.lists(st.integers(61, 2_000), min_size=0, max_size=20)
a_condition = st.builds(lambda gaps: switched("a", gaps), lists_of_gaps)
b_condition = st.builds(lambda gaps: switched("b", gaps), lists_of_gaps)


def seconds_of(found: list[Window]) -> np.ndarray:
    return reduce(np.logical_or, (window.holds(EVERY_SECOND) for window in found), np.zeros(EVERY_SECOND.size, bool))


@given(a_condition)
def test_the_windows_are_exactly_the_seconds_at_which_it_holds(a: Condition) -> None:
    found = windows(a, START, END)
    assert np.array_equal(seconds_of(found), a(EVERY_SECOND))
    assert all(one.end < two.start for one, two in pairwise(found))
    assert total(found) == np.timedelta64(int(a(EVERY_SECOND).sum()), "s")


@given(a_condition, b_condition)
def test_windows_of_a_and_b_lie_in_both(a: Condition, b: Condition) -> None:
    in_a, in_b = windows(a, START, END), windows(b, START, END)
    for window in windows(a & b, START, END):
        assert any(one.start <= window.start and window.end <= one.end for one in in_a)
        assert any(one.start <= window.start and window.end <= one.end for one in in_b)


@given(a_condition, b_condition)
def test_windows_of_a_or_b_hold_every_window_of_either(a: Condition, b: Condition) -> None:
    either = windows(a | b, START, END)
    for window in windows(a, START, END) + windows(b, START, END):
        assert any(one.start <= window.start and window.end <= one.end for one in either)
    single = windows(a, START, END) + windows(b, START, END)
    unseen = len(single) * min(a.step, b.step)  # a gap between two of them that is shorter than a step may stay unseen
    assert total(either) <= total(single) + unseen


@given(a_condition)
def test_windows_of_not_a_fill_what_a_leaves(a: Condition) -> None:
    inside, outside = windows(a, START, END), windows(~a, START, END)
    assert np.array_equal(seconds_of(inside), ~seconds_of(outside))
    assert windows(~~a, START, END) == inside


@given(a_condition, st.integers(1, 5_000))
def test_a_minimum_keeps_the_long_ones_and_changes_none(a: Condition, minimum: int) -> None:
    every = windows(a, START, END)
    shortest = np.timedelta64(minimum, "s")
    assert windows(a, START, END, minimum=shortest) == [window for window in every if window.duration >= shortest]


@given(a_condition, st.integers(1, 7_199))
def test_a_search_in_two_parts_finds_the_same(a: Condition, cut: int) -> None:
    middle = START + np.timedelta64(cut, "s")
    first, second = windows(a, START, middle), windows(a, middle, END)
    assert np.array_equal(seconds_of(first + second), seconds_of(windows(a, START, END)))
    if first and first[-1].lasting:
        assert second[0].begun


def test_the_edges_of_the_search_are_told_from_those_of_the_window() -> None:
    # Open from 10:00 to 40:00 minutes and from 80:00 on.
    found = windows(switched("a", [1_200, 1_800, 2_400]), START, END)
    at = [START + np.timedelta64(minute, "m") for minute in (10, 40, 80, 120)]
    assert found == [Window(at[0], at[1]), Window(at[2], at[3], lasting=True)]
    assert windows(~switched("a", []), "2027-01-01", "2027-01-02") == [
        Window(np.datetime64("2027-01-01T00:00:00"), np.datetime64("2027-01-02T00:00:00"), begun=True, lasting=True)
    ]
    assert windows(switched("a", []), "2027-01-01", "2027-01-02") == []


def test_one_second_can_be_searched() -> None:
    (window,) = windows(~switched("a", []), START, START + np.timedelta64(1, "s"))
    assert window.duration == np.timedelta64(1, "s")


def test_a_search_over_many_chunks_misses_no_change() -> None:
    """More than 65,536 samples, which is where the memory of a search is bounded."""
    day = np.timedelta64(1, "D")

    def even_days(times: np.ndarray) -> np.ndarray:
        return times.astype("datetime64[D]").astype(int) % 2 == 0

    found = windows(Condition("even days", even_days, STEP), "2027-01-01", "2027-07-01")
    assert len(found) == 90  # of 181 days, of which the first, the 20,819th since 1970, is odd
    assert {window.duration for window in found} == {day.astype("timedelta64[s]")}


def test_the_names_of_combinations_say_what_they_are() -> None:
    a, b = switched("sun", []), switched("earth", [])
    assert (a & ~b).name == "(sun and not earth)"
    assert (a | b).name == "(sun or earth)"
    assert (a & Condition("relay", a.holds, np.timedelta64(5, "s"))).step == np.timedelta64(5, "s")


def test_a_search_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError, match="needs its end after its start"):
        windows(switched("a", []), END, START)


def test_the_example_script_runs() -> None:
    example = Path(__file__).parents[3] / "examples" / "moon_windows.py"
    done = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines()[1] == "  2027-01-10T16:52:33 to 2027-01-23T10:53:07"
    assert done.stdout.splitlines()[-1] == "  2027-01-02T01:23:24 to 2027-01-02T23:31:18, up to 59 degrees"
