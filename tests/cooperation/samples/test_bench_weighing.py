"""A piece weighed anew: the books follow the balance with as many signatures as the difference takes, each in its officer's own name."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from cooperation.samples.test_bench import client, command, in_store, require_sound
from cooperation.selection.test_concurrency import at_once
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.samples.actions import keeping, reweighing
from moonbridge.cooperation.samples.actions.keeping import Part, Weighed
from moonbridge.cooperation.samples.models import Reconciliation, Reweighing, Split, Weighing
from moonbridge.cooperation.samples.names import naming_of
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.errors import MoonbridgeError, Refused, Stale, WrongState
from moonbridge.ledger import queries as books
from moonbridge.record.models import Entry

UG = 1000
QUERIES = [19, 4]
"""Of the desk, and of the page of a weighing."""


@pytest.fixture
def house() -> House:
    return House()


def weighed(house: House, mass: str, *, sigma: str = "10 ug", split: Split | None = None) -> str:
    """Weigh the clast (300 mg by the books) on its page; return the address of the weighing."""
    told = {"mass": mass, "sigma": sigma, "balance": "XP26", "witness": str(house.second.pk)} | command()
    path = reverse("sample-weigh", args=[(split or house.clast).pk])
    answers = {client(house.curator).post(path, told).headers["Location"] for _ in range(2)}  # a double click
    (address,) = answers
    return address


def sign(user: User, address: str, reason: str = "") -> Client:
    return client(user).post(address, {"reason": reason} | command())


@pytest.mark.django_db
@pytest.mark.parametrize(("mass", "adjusted", "surplus"), [("299.98 mg", 20 * UG, 0), ("300.02 mg", 0, -20 * UG)])
def test_a_small_difference_is_booked_by_one_curator(house: House, mass: str, adjusted: int, surplus: int) -> None:
    address = weighed(house, mass)
    assert (Reweighing.objects.count(), Weighing.objects.filter(split=house.clast).count()) == (1, 2)
    assert in_store(house.clast) == 300 * MG
    page = client(house.curator).get(address).content.decode()
    assert "explained by the balances" in page
    assert sign(house.curator, address).status_code == 302
    found = Reweighing.objects.get()
    assert (found.state, found.signed_by, found.reconciliation.countersigned_by) == ("settled", house.curator, None)
    assert in_store(house.clast) == 300 * MG - adjusted - surplus
    assert lending.held(house, AccountKind.ADJUST) == adjusted
    assert books.balance(house.book, AccountName(AccountKind.ORIGIN, SURPLUS.label)).amount == surplus
    assert sign(house.curator, address).status_code == 409
    require_sound(house)


@pytest.mark.django_db
def test_what_agrees_needs_nobody(house: House) -> None:
    address = weighed(house, "0.3 g")
    assert Reweighing.objects.get().state == "settled"
    assert "Book the difference" not in client(house.curator).get(address).content.decode()
    assert not Reconciliation.objects.exists()


@pytest.mark.django_db
def test_a_difference_that_the_balances_do_not_explain_needs_a_reason(house: House) -> None:
    address = weighed(house, "299.965 mg")  # 35 ug; two deviations of both weighings are 28 ug, three are 42 ug
    assert "needs a reason" in client(house.curator).get(address).content.decode()
    refused = sign(house.curator, address)
    assert (refused.status_code, "write down the reason" in refused.content.decode()) == (400, True)
    assert sign(house.curator, address, "Static.").status_code == 302
    assert (Reconciliation.objects.get().reason, in_store(house.clast)) == ("Static.", 299_965_000)


@pytest.mark.django_db
def test_a_large_difference_takes_two_officers_each_in_their_own_name(house: House) -> None:
    address = weighed(house, "290 mg")
    lying = reverse("samples-desk", args=[house.agency.slug])
    assert address in client(house.office).get(lying).content.decode()
    assert sign(house.office, address, "x").status_code == 404  # a curator signs first
    assert sign(house.curator, address).status_code == 400  # and says why
    assert sign(house.curator, address, "Spilled.").status_code == 302
    assert (Reweighing.objects.get().state, in_store(house.clast)) == ("signed", 300 * MG)
    again = sign(house.curator, address, "Really.")
    assert (again.status_code, "another officer has to sign" in again.content.decode()) == (409, True)
    assert "Another officer has to sign." in client(house.curator).get(address).content.decode()
    assert sign(house.office, address).status_code == 302
    settled = Reconciliation.objects.get()
    assert (settled.signed_by, settled.countersigned_by, settled.reason) == (house.curator, house.office, "Spilled.")
    assert (in_store(house.clast), lending.held(house, AccountKind.ADJUST)) == (290 * MG, 10 * MG)
    assert address not in client(house.office).get(lying).content.decode()
    verbs = Entry.objects.filter(subject=house.collection.address).order_by("number").values_list("verb", flat=True)
    assert list(verbs)[-4:] == ["weigh-anew", "sign-for-weighing", "reconcile", "settle-weighing"]
    audited = client(house.auditor).get(reverse("samples-audit", args=[house.collection.slug])).content.decode()
    assert str(house.office) in audited
    require_sound(house)


@pytest.mark.django_db
def test_who_weighs_again_starts_anew(house: House) -> None:
    first = weighed(house, "290 mg")
    sign(house.curator, first, "Spilled.")
    second = weighed(house, "299.99 mg")
    assert sign(house.second, first).status_code == 409
    assert [one.state for one in Reweighing.objects.order_by("weighing__weighed_at")] == ["superseded", "open"]
    assert sign(house.curator, second).status_code == 302
    assert in_store(house.clast) == 299_990_000


@pytest.mark.django_db
def test_books_that_moved_since_are_not_adjusted(house: House) -> None:
    address = weighed(house, "299.99 mg")
    keeping.divide(
        house.clast, [Part(Weighed(MG, 1))], naming=naming_of(house.collection), by=house.curator, command=uuid4()
    )
    refused = sign(house.curator, address)
    assert (refused.status_code, "they said 300 mg then and say 299 mg now" in refused.content.decode()) == (409, True)
    assert not Reconciliation.objects.exists()


@pytest.mark.django_db
def test_what_is_set_aside_is_never_adjusted_away(house: House) -> None:
    lending.granted(house, lending.powder(house, 800))
    address = weighed(house, "700 mg", split=house.powder)
    sign(house.curator, address, "A spill.")
    refused = sign(house.second, address)
    assert (refused.status_code, "has 200 mg free; 300 mg was asked" in refused.content.decode()) == (409, True)
    assert (in_store(house.powder), Reweighing.objects.get().state) == (1000 * MG, "signed")


@pytest.mark.django_db
def test_what_is_counted_or_not_there_is_not_weighed(house: House) -> None:
    told = [Part(Weighed(300 * MG, kind="nominal"), PieceKind.THIN_SECTION)]
    (box,) = keeping.divide(house.clast, told, naming=naming_of(house.collection), by=house.curator, command=uuid4())
    for split, said in ((box, "is counted"), (house.clast, "nothing of T0002 is in store")):
        with pytest.raises(Refused, match=said):
            reweighing.weigh_anew(split, Weighed(MG, 1), by=house.curator, command=uuid4())


@pytest.mark.django_db
def test_the_database_keeps_what_was_weighed_and_who_signed(house: House) -> None:
    weighed(house, "290 mg")
    for columns in ({"booked": 1}, {"before_sigma": 1}, {"state": "signed"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Reweighing.objects.update(**columns)
    with pytest.raises(DatabaseError), transaction.atomic():
        Reweighing.objects.all().delete()
    Reweighing.objects.update(state="superseded")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reweighing.objects.update(state="open")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_settle_at_once_one_does() -> None:
    house = House()
    weighed(house, "299.99 mg")
    found = Reweighing.objects.select_related("weighing__split__collection__book").get()
    answers = at_once(*(
        lambda by=by: reweighing.settle(found, by=by, command=uuid4()) for by in (house.curator, house.second)
    ))  # fmt: skip
    assert [type(answer) for answer in answers if isinstance(answer, MoonbridgeError)] == [WrongState]
    assert (in_store(house.clast), Reconciliation.objects.count()) == (299_990_000, 1)
    require_sound(house)


@pytest.mark.django_db(transaction=True)
def test_of_a_division_and_a_settlement_at_once_the_books_stay_sound() -> None:
    house = House()
    weighed(house, "299.99 mg")
    found, naming = (
        Reweighing.objects.select_related("weighing__split__collection__book").get(),
        naming_of(house.collection),
    )
    answers = at_once(
        lambda: reweighing.settle(found, by=house.curator, command=uuid4()),
        lambda: keeping.divide(house.clast, [Part(Weighed(MG, 1))], naming=naming, by=house.second, command=uuid4()),
    )
    stale = [answer for answer in answers if isinstance(answer, MoonbridgeError)]
    assert all(isinstance(answer, Stale) for answer in stale)
    assert in_store(house.clast) == 299 * MG - (0 if stale else 10 * UG)
    require_sound(house)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["reviewer", "borrower", "stranger", "elsewhere", None])
def test_a_weighing_is_read_and_signed_by_nobody_else(house: House, who: str | None) -> None:
    address = weighed(house, "290 mg")
    elsewhere = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency())
    visitor = client(elsewhere if who == "elsewhere" else getattr(house, who) if who else None)
    missing = 302 if who is None else 404
    assert visitor.get(address).status_code == missing
    assert visitor.post(address, {"reason": "x"} | command()).status_code == missing
    assert client(house.auditor).get(address).status_code == 200
    assert client(house.auditor).post(address, {"reason": "x"} | command()).status_code == 404
    assert Reweighing.objects.get().state == "open"


@pytest.mark.django_db
def test_nobody_is_their_own_witness(house: House) -> None:
    told = {"mass": "1 mg", "sigma": "1 ug", "witness": str(house.curator.pk)} | command()
    assert client(house.curator).post(reverse("sample-weigh", args=[house.clast.pk]), told).status_code == 400
    told["witness"] = str(house.office.pk)  # no curator
    assert client(house.curator).post(reverse("sample-weigh", args=[house.clast.pk]), told).status_code == 400
    assert not Reweighing.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 3])
def test_the_desk_and_a_piece_ask_as_often_for_three_weighings_as_for_one(house: House, many: int) -> None:
    weighings = [weighed(house, "290 mg", split=house.piece(f"T001{number}", 300 * MG)) for number in range(many)]
    visitor = client(house.curator)
    pages = [reverse("samples-desk", args=[house.agency.slug]), weighings[0]]
    found = []
    for path in pages:
        visitor.get(path)
        with CaptureQueriesContext(connection) as asked:
            page = visitor.get(path).content.decode()
        found.append(len(asked))
    assert page.count("T0010") > 0
    assert found == QUERIES
