"""Does it fit? Against hand-computed cases and, for boxes, against trying all six orientations."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.cooperation.opportunities.models import Accommodation, EnvelopeLine
from moonbridge.cooperation.proposals import fit
from moonbridge.cooperation.proposals.content import Mode, Option

KG = 1_000_000
LANDER, ROVER = uuid4(), uuid4()


def line(resource: str, total: int | None = None, per_item: int | None = None, **more) -> EnvelopeLine:
    return EnvelopeLine(resource=resource, total=total, per_item=per_item, **{"element_id": LANDER} | more)


def call(*lines: EnvelopeLine, room: Accommodation | None = None) -> SimpleNamespace:
    """What the fit asks of a call, without a database."""
    every = SimpleNamespace
    return every(
        envelope=every(all=lambda: list(lines)),
        accommodations=every(all=lambda: [room] if room else []),
        elements=every(all=lambda: [LANDER]),
    )


def option(**amounts) -> Option:
    return Option(uuid4(), name="Full", element_id=LANDER, **amounts)


@pytest.mark.parametrize(
    ("asked", "over", "share", "problem"),
    [
        (10 * KG, 0, "50", ""),
        (10 * KG + 1, 1, "50", "mass is 1 mg above the limit of 10 kg per item"),
        (25 * KG, 15 * KG, "125", "mass is 15 kg above the limit of 10 kg per item"),
        (0, 0, "0", ""),
        (6_666_667, 0, "33.3", ""),
    ],
)
def test_a_line_says_by_how_much_it_is_too_much_and_its_share_of_all(asked, over, share, problem) -> None:
    found = fit.LineFit(line("mass", 20 * KG, 10 * KG), asked)
    assert (found.over, found.share, found.problem) == (over, share, problem)


def test_what_is_held_back_is_not_offered_and_no_limit_limits_nothing() -> None:
    assert (
        fit.LineFit(line("mass", 20 * KG, margin=5 * KG), 16 * KG).problem
        == "mass is 1 kg above all that is offered, 15 kg"
    )
    unlimited = fit.LineFit(line("mass"), 10**12)
    assert (unlimited.over, unlimited.share, unlimited.text) == (0, "", "1000000 kg asked; no limit stated")


def test_only_lines_of_the_own_element_and_of_the_whole_mission_count() -> None:
    ours, whole, theirs = (
        line("mass", 20 * KG),
        line("slots", 4, element_id=None),
        line("mass", 1 * KG, element_id=ROVER),
    )
    full = option(demands={ours.pk: 5 * KG, whole.pk: 1, theirs.pk: 9 * KG})
    found = fit.of(full, call(ours, whole, theirs))
    assert [one.line for one in found.lines] == [ours, whole]
    assert (found.fits, found.verdict) == (True, "It fits: every amount is within what is offered.")


def test_what_is_not_stated_is_named_and_what_is_too_much_wins() -> None:
    mass, power = line("mass", 20 * KG, 10 * KG), line("power-average", 50_000)
    open_question = fit.of(option(demands={mass.pk: KG}), call(mass, power))
    assert open_question.fits is None
    assert open_question.verdict == "Nothing is too much so far; still to state: average power."
    too_much = fit.of(option(demands={mass.pk: 12 * KG}), call(mass, power))
    assert too_much.fits is False
    assert too_much.verdict == "It does not fit: mass is 2 kg above the limit of 10 kg per item."


SIDES = st.integers(1, 6)


@given(st.tuples(SIDES, SIDES, SIDES), st.lists(SIDES | st.none(), min_size=3, max_size=3))
def test_a_box_fits_exactly_if_it_fits_in_one_of_its_six_orientations(box, room) -> None:
    turned = any(
        all(theirs is None or mine <= theirs for mine, theirs in zip(sides, room, strict=True))
        for sides in permutations(box)
    )
    length, width, height = box
    offered = Accommodation(length_um=room[0], width_um=room[1], height_um=room[2])
    full = option(length_um=length, width_um=width, height_um=height)
    assert fit.of(full, call(room=offered)).fits is turned


@pytest.mark.parametrize(
    ("ends", "fits"),
    [
        ((-3000, 5000), True),
        ((-2000, 5000), True),
        ((-1999, 5000), False),
        ((-3000, 4999), False),
        ((None, 5000), None),
    ],
)
def test_it_must_endure_at_least_what_the_element_demands(ends, fits) -> None:
    room = Accommodation(coldest_centidegree=-2000, hottest_centidegree=5000)
    full = option(coldest_centidegree=ends[0], hottest_centidegree=ends[1])
    assert fit.of(full, call(room=room)).fits is fits


def test_modes_that_need_more_power_than_is_asked_are_pointed_out() -> None:
    average, peak = line("power-average", 50_000), line("power-peak", 90_000)
    modes = (Mode("measure", 30_000, 0, 500), Mode("idle", 3_001, 0, 500))
    assert (fit.average_power(modes), fit.peak_power(modes)) == (16_501, 30_000)
    full = option(demands={average.pk: 16_500, peak.pk: 30_000}, modes=modes)
    assert fit.of(full, call(average, peak)).notes == ("average power: the modes need 16.501 W, 16.5 W is asked",)
    assert fit.of(replace(full, demands={average.pk: 16_501, peak.pk: 30_000}), call(average, peak)).notes == ()
