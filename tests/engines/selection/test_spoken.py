from fractions import Fraction

import pytest

from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.spoken import joint, limit, option, proposal
from moonbridge.errors import InputError, QuantityError
from moonbridge.quantities import SAMPLE_MASS

KG = 1_000_000


def test_a_limit_is_said_with_units_and_what_is_held_back_is_rounded_up() -> None:
    said = limit("lander", "mass", "200 kg", per_item="100 kg", held_back="10 %")
    assert said == Limit("lander", "mass", 200 * KG, per_item=100 * KG, reserved=20 * KG)
    assert limit("lander", "slots", "7", held_back="10 %").reserved == 1
    assert limit("store", "soil", "2 g", held_back="5 mg", kinds={"soil": SAMPLE_MASS}).reserved == 5 * KG


def test_a_proposal_has_one_version_or_several() -> None:
    one = proposal("A", merit="84.5", asks={"lander": {"mass": "12.5 kg", "data": "1 Gbit/day"}}, groups=["first-time"])
    full = Option("full", Fraction("84.5"), {("lander", "mass"): 12_500_000, ("lander", "data"): 125 * 10**6})
    assert one == Proposal("A", (full,), groups={"first-time": Fraction(1)})
    less = option("descoped", merit=60, asks={"lander": {"mass": "8 kg"}}, doubt="2.5")
    two = proposal("B", full, less, groups={"country:TH": "1/3"}, tier=2)
    assert (two.options, two.groups, two.tier) == ((full, less), {"country:TH": Fraction(1, 3)}, 2)


def test_a_joint_proposal_flies_instead_of_its_parts() -> None:
    asks = {"lander": {"mass": "6 kg"}}
    parts = (proposal("A", merit=50, asks=asks), proposal("B", merit=45, asks=asks))
    both = joint(("A", "B"), proposal("AB", merit=80, asks={"lander": {"mass": "9 kg"}}))
    assert optimum(Problem((limit("lander", "mass", "10 kg"),), (*parts, both))).selected == ("AB",)


@pytest.mark.parametrize("wrong", [{}, {"merit": 3, "versions": True}])
def test_a_proposal_without_or_with_two_meanings_is_refused(wrong: dict[str, object]) -> None:
    versions = (option("full", merit=1, asks={}),) if wrong else ()
    with pytest.raises(InputError, match="A needs either versions, or a merit and what it asks for"):
        proposal("A", *versions, merit=3 if wrong else None)


def test_what_has_no_unit_or_another_one_is_refused() -> None:
    with pytest.raises(QuantityError, match="is not a unit of mass"):
        limit("lander", "mass", "200 W")
    with pytest.raises(InputError, match="nothing says what 'soil' is measured in"):
        option("full", merit=1, asks={"store": {"soil": "3 mg"}})
