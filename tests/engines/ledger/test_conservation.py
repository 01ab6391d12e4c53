"""When a return closes, who signs, how pieces descend and are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.ledger.conservation import closure
from moonbridge.engines.ledger.genealogy import BrokenDescent, Piece, PieceKind, check_count, check_genealogy
from moonbridge.engines.ledger.naming import scheme
from moonbridge.errors import InputError
from moonbridge.quantities import SAMPLE_MASS

MG = 1_000_000


@pytest.mark.parametrize(
    ("issued", "accounted", "sigmas", "closes", "two"),
    [
        (20 * MG, 20 * MG, [], True, False),
        (20 * MG, 20 * MG - 20_000, [10_000], True, False),  # exactly two deviations
        (20 * MG, 20 * MG - 20_001, [10_000], False, False),
        (20 * MG, 20 * MG + 30_000, [10_000], False, False),  # exactly three, and more than there was
        (20 * MG, 20 * MG + 30_001, [10_000], False, True),
        (20 * MG, 20 * MG - 50_000, [30_000, 40_000], True, False),  # 3, 4, 5: one deviation
        (200 * MG, 199 * MG, [1 * MG], True, False),  # 0.5 % exactly
        (200 * MG, 199 * MG - 1, [1 * MG], True, True),  # more than 0.5 % and than 0.5 mg, however rough the balance
        (20 * MG, 20 * MG - 500_000, [1 * MG], True, False),  # 2.5 %, but not more than 0.5 mg
    ],
)
def test_the_bounds_are_exact(issued, accounted, sigmas, closes, two) -> None:
    found = closure(issued, accounted, sigmas)
    assert (found.remainder, found.closes, found.two_officers) == (issued - accounted, closes, two)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.lists(st.integers(0, 10**9), max_size=5))
def test_whatever_needs_one_signature_more_with_a_better_balance_never_needs_one_less(
    issued, accounted, sigmas
) -> None:
    rough, fine = closure(issued, accounted, sigmas), closure(issued, accounted, [sigma // 2 for sigma in sigmas])
    assert rough.closes >= fine.closes
    assert rough.two_officers <= fine.two_officers


def test_a_genealogy_has_no_circle_and_never_gets_cleaner() -> None:
    root = Piece("10084", PieceKind.SAMPLE)
    child = Piece("10084,1", PieceKind.SPLIT, contamination=1, parents=frozenset({"10084"}))
    assert check_genealogy({piece.name: piece for piece in (child, root)}) == ("10084", "10084,1")
    circle = Piece("10084", PieceKind.SAMPLE, contamination=1, parents=frozenset({"10084,1"}))
    with pytest.raises(BrokenDescent, match="descends from itself"):
        check_genealogy({"10084": circle, "10084,1": child})
    cleaner = Piece("10084,2", PieceKind.MIXTURE, contamination=0, parents=frozenset({"10084", "10084,1"}))
    with pytest.raises(BrokenDescent, match="class 1 cannot be of class 0"):
        check_genealogy({piece.name: piece for piece in (root, child, cleaner)})


def test_thin_sections_stay_as_many_as_they_were() -> None:
    box = Piece("12002,300", PieceKind.THIN_SECTION, pieces=12)
    parts = [Piece(f"12002,{number}", PieceKind.THIN_SECTION, pieces=4) for number in (301, 302, 303)]
    check_count(box, parts)
    with pytest.raises(BrokenDescent, match="12 pieces; its parts are 8"):
        check_count(box, parts[:2])
    check_count(Piece("12002", PieceKind.SAMPLE), parts)  # what is not counted is weighed


def test_pieces_are_named_as_their_collection_names_them() -> None:
    houston, hayabusa = scheme("GGGGG,SSS"), scheme("X0000-abc")
    assert houston.next("10084,7", {"10084,1", "10084,3"}, 3) == ["10084,2", "10084,4", "10084,5"]
    assert hayabusa.next("A0035", set(), 2) == ["A0035-aaa", "A0035-aab"]
    assert scheme("CE5C0000-000").next("CE5C0800", {"CE5C0800-001"}) == ["CE5C0800-002"]
    with pytest.raises(InputError, match="all names"):
        scheme("X-a").next("X", {f"X-{chr(97 + n)}" for n in range(26)})
    with pytest.raises(InputError, match="not a way to name"):
        scheme("hello")


def test_masses_are_read_and_written_without_a_float() -> None:
    assert SAMPLE_MASS.parse("379369.019 g") == 379_369_019_000_000
    assert SAMPLE_MASS.text(17_476_400_000, "g") == "17.4764 g"
