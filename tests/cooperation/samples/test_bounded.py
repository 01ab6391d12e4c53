"""A mass that is known by its bounds only: entered everywhere, and never closed without two officers."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from api.programs import Program
from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from cooperation.samples.test_bench import client, command, in_store, parts, require_sound
from moonbridge.cooperation.samples.actions import returning
from moonbridge.cooperation.samples.models import Loan, Reconciliation, Weighing
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.conservation import closure, nearest
from moonbridge.errors import InputError, NotAllowed
from moonbridge.formats import tables
from moonbridge.formats.tables.returns import Returned, ReturnsError, read_returns

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def test_what_bounds_allow_is_not_what_is_there() -> None:
    assert [nearest(booked, 3, 7) for booked in (1, 3, 5, 7, 9)] == [3, 3, 5, 7, 7]
    same = closure(20 * MG, 20 * MG, [SIGMA], bounded=True)
    assert (same.remainder, same.closes, same.two_officers) == (0, False, True)
    measured = closure(20 * MG, 20 * MG, [SIGMA])
    assert (measured.closes, measured.two_officers) == (True, False)


@pytest.mark.parametrize(
    ("least", "most", "booked"), [("0 mg", "400 mg", 300), ("", "280 mg", 280), ("310 mg", "400 mg", 310)]
)
def test_a_bounded_weighing_moves_the_books_no_further_than_it_must_and_takes_two(
    house: House, least: str, most: str, booked: int
) -> None:
    given = {"mass": most, "how": "bounded", "least": least}
    told = Program(house.curator).post(f"/pieces/{house.clast.pk}/weighings", given)
    assert (told["how"], told["state"], told["explained"], told["two_officers"]) == ("bounded", "open", False, True)
    assert (told["weighed"], told["to_book"]) == (most, f"{booked} mg")
    path = f"/weighings/{told['id']}/signatures"
    Program(house.curator).post(path, {"reason": ""}, status=400)
    Program(house.curator).post(path, {"reason": "The balance shows no more."})
    assert in_store(house.clast) == 300 * MG
    Program(house.curator).post(path, {"reason": "x"}, status=409)
    settled = Program(house.office).post(path)
    assert (settled["state"], in_store(house.clast)) == ("settled", booked * MG)
    assert Reconciliation.objects.get().two_officers
    assert b"between" in client(house.curator).get(reverse("sample-weighing", args=[told["id"]])).content
    require_sound(house)


def returned(house: House, loan: Loan, most: int, least: int) -> Loan:
    found = {lending.first(loan).pk: Weight(most, 0, least)}
    return returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())[0]


def test_a_return_known_by_its_bounds_is_never_closed_by_one(house: House) -> None:
    loan = returned(house, lending.sent_back(house), 21 * MG, 0)
    with pytest.raises(InputError, match="say why"):
        returning.reconcile(loan, by=house.curator, command=uuid4())
    signed = returning.reconcile(loan, reason="It stuck to the vial.", by=house.curator, command=uuid4())
    assert signed.state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.office, command=uuid4()).state == LoanState.RECONCILED
    line = lending.first(loan)
    weighing = line.lent.weighings.get(kind="bounded")
    assert (weighing.mass, weighing.least, weighing.sigma, in_store(line.lent)) == (21 * MG, 0, None, 20 * MG)
    less = returned(house, lending.sent_back(house), 15 * MG, 5 * MG)
    for officer in (house.curator, house.second):
        less = returning.reconcile(less, reason="Spilt.", by=officer, command=uuid4())
    assert in_store(lending.first(less).lent) == 15 * MG
    crossed = lending.sent_back(house)
    with pytest.raises(InputError, match="say what it weighs"):
        returned(house, crossed, 5 * MG, 6 * MG)
    require_sound(house)


def test_a_box_of_returns_says_bounds_in_a_column_of_their_own(house: House) -> None:
    table = b"piece,mass,sigma,least\nL-1/1,20 mg,10 ug,\nL-1/2,5 mg,,0 mg\n"
    rows = read_returns(tables.read(table))
    assert rows == (Returned(2, "L-1/1", 20 * MG, SIGMA), Returned(3, "L-1/2", 5 * MG, 0, 0))
    with pytest.raises(ReturnsError):
        read_returns(tables.read(b"piece,mass,sigma,least\nL-1/1,5 mg,,6 mg\n"))
    loan = lending.sent_back(house)
    given = {"pieces": [{"piece": lending.first(loan).label, "mass": "20 mg", "least": ""}]}
    (told,) = Program(house.curator).post(f"/agencies/{house.agency.slug}/returns", given)
    assert told["state"] == "weighed"
    assert lending.first(loan).weighed_back_least_ng == 0


def test_forms_take_every_kind_and_refuse_what_does_not_go_together(house: House) -> None:
    path = reverse("sample-take-in", args=[house.collection.slug])
    common = {"mass": "5 mg", "sigma": "10 ug", "contamination": "0"}
    for name, more in [
        ("A", {}), ("B", {"how": "bounded", "least": "1 mg"}), ("C", {"how": "nominal"}), ("D", {"how": "derived"}),
    ]:  # fmt: skip
        assert client(house.curator).post(path, common | {"name": name} | more | command()).status_code == 302
    kinds = Weighing.objects.filter(split__name__in="ABCD").order_by("split__name")
    assert list(kinds.values_list("kind", "mass", "sigma", "least")) == [
        ("measured", 5 * MG, SIGMA, None), ("bounded", 5 * MG, None, MG), ("nominal", 5 * MG, None, None),
        ("derived", 5 * MG, SIGMA, None),
    ]  # fmt: skip
    for more, said in [
        ({"sigma": ""}, "how good the balance is"), ({"how": "bounded", "least": "6 mg"}, "above the upper one"),
        ({"least": "1 mg"}, "Only what is bounded"),
    ]:  # fmt: skip
        answer = client(house.curator).post(path, common | {"name": "E"} | more | command())
        assert said in answer.content.decode()
    divided = parts("10 mg", how="bounded", sigma="") | command()
    assert client(house.curator).post(reverse("sample-divide", args=[house.powder.pk]), divided).status_code == 302
    assert Weighing.objects.get(split__name="T0001,1").least == 0
    with pytest.raises(NotAllowed):
        returning.weigh_back(house.agency, {uuid4(): Weight(MG, 0, 0)}, balance="", by=house.curator, command=uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Weighing.objects.create(split=house.powder, kind="bounded", mass=MG, weighed_at="2026-01-01T00:00Z")
