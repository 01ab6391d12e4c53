"""What curators do: split, weigh, hand over, reconcile, look for what is missing; and what they may not."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

import builders
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.samples.actions import keeping, missing, reconciling
from moonbridge.cooperation.samples.actions.keeping import Part, Weighed
from moonbridge.cooperation.samples.models import Custody, Incident, Parentage, Split, Weighing
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import BrokenDescent, PieceKind
from moonbridge.engines.ledger.movements import MovementKind, NotEnough
from moonbridge.engines.ledger.naming import scheme
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.ledger import queries
from moonbridge.ledger.movements import Posting, post
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db

MG = 1_000_000
NAMING = scheme("GGGGG,SSS")


class Desk:
    """A collection with one sample of 100 mg, its curator, and a second officer."""

    def __init__(self) -> None:
        self.agency = builders.agency()
        self.curator = builders.role(RoleKind.CURATOR, Scope.AGENCY, self.agency)
        self.second = builders.office_of(self.agency)
        self.collection = keeping.open_collection("lunar", name="Lunar", agency=self.agency, by=self.curator)
        weighed = Weighed(100 * MG, 10_000, balance="XP56", witness=self.second)
        self.sample = keeping.take_in(
            self.collection, "10084", weighed=weighed, by=self.curator, command=uuid.uuid4(), contamination=1
        )

    def amount(self, kind: AccountKind, label: str) -> int:
        return queries.balance(self.collection.book, AccountName(kind, label)).amount

    def lent(self, mass: int) -> AccountName:
        loan = AccountName(AccountKind.LOAN, "L-1/1")
        legs = {keeping.store(self.sample): -mass, loan: mass}
        post(Posting(uuid.uuid4(), MovementKind.POST, self.collection.book, legs))
        return loan


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ask_the_guards() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_splitting_keeps_mass_names_descent_and_weighings(desk) -> None:
    parts = [Part(Weighed(20 * MG, 10_000)), Part(Weighed(30 * MG, 10_000), contamination=2)]
    made = keeping.divide(desk.sample, parts, naming=NAMING, by=desk.curator, command=uuid.uuid4(), loss=MG)
    ask_the_guards()
    assert [(piece.name, piece.contamination) for piece in made] == [("10084,1", 1), ("10084,2", 2)]
    assert [desk.amount(AccountKind.STORE, name) for name in ("10084", "10084,1", "10084,2")] == [
        49 * MG,
        20 * MG,
        30 * MG,
    ]
    assert desk.amount(AccountKind.PREP_LOSS, "") == MG
    assert Weighing.objects.filter(split__in=made).count() == 2


def test_what_cannot_be_split_changes_nothing(desk) -> None:
    def divide(*parts, by=desk.curator):
        return keeping.divide(desk.sample, parts, naming=NAMING, by=by, command=uuid.uuid4())

    with pytest.raises(NotEnough):
        divide(Part(Weighed(101 * MG, 1)))
    with pytest.raises(BrokenDescent, match="class 1 cannot be of class 0"):
        divide(Part(Weighed(MG, 1), contamination=0))
    with pytest.raises(InputError):
        divide()
    with pytest.raises(NotAllowed):
        divide(Part(Weighed(MG, 1)), by=desk.second)
    assert Split.objects.count() == 1
    assert desk.amount(AccountKind.STORE, "10084") == 100 * MG


def test_sections_are_counted(desk) -> None:
    weighed = Weighed(5 * MG, kind="nominal")
    [box] = keeping.divide(
        desk.sample,
        [Part(weighed, PieceKind.THIN_SECTION, pieces=3)],
        naming=NAMING,
        by=desk.curator,
        command=uuid.uuid4(),
    )
    halves = [Part(Weighed(MG, kind="nominal"), PieceKind.THIN_SECTION, pieces=many) for many in (1, 1)]
    with pytest.raises(BrokenDescent, match="3 pieces; its parts are 2"):
        keeping.divide(box, halves, naming=NAMING, by=desk.curator, command=uuid.uuid4())


def test_the_database_refuses_a_circle_and_a_cleaner_child(desk) -> None:
    [child] = keeping.divide(desk.sample, [Part(Weighed(MG, 1))], naming=NAMING, by=desk.curator, command=uuid.uuid4())
    ask_the_guards()
    with pytest.raises(IntegrityError, match="descends from itself"), transaction.atomic():
        Parentage.objects.create(child=desk.sample, parent=child, kind="split")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Split.objects.filter(pk=child.pk).update(contamination=0)
    clean = Split.objects.create(collection=desk.collection, name="clean", kind="split", contamination=0)
    with pytest.raises(IntegrityError, match="cleaner than"), transaction.atomic():
        Parentage.objects.create(child=clean, parent=desk.sample, kind="mixture")
    with pytest.raises(IntegrityError, match="cleaner than"), transaction.atomic():
        Split.objects.filter(pk=desk.sample.pk).update(contamination=2)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for piece in (desk.sample, child):
            Split.objects.filter(pk=piece.pk).update(contamination=2)
        ask_the_guards()


def test_one_custodian_at_an_instant(desk) -> None:
    first = keeping.take_custody(desk.sample, custodian="Curation", by=desk.curator)
    second = keeping.take_custody(desk.sample, custodian="Institute", by=desk.curator)
    first.refresh_from_db()
    assert first.period.upper == second.period.lower
    assert second.period.upper is None
    with pytest.raises(IntegrityError, match="one_custodian_at_an_instant"), transaction.atomic():
        Custody.objects.create(split=desk.sample, custodian="Other", period=DateTimeTZRange(second.period.lower, None))


def test_two_people_weigh_and_what_was_weighed_stays(desk) -> None:
    with pytest.raises(IntegrityError, match="weighing_has_two_people"), transaction.atomic():
        keeping.weigh(desk.sample, Weighed(MG, 1, witness=desk.curator), by=desk.curator)
    with pytest.raises(IntegrityError, match="measured_weighing_has_sigma"), transaction.atomic():
        keeping.weigh(desk.sample, Weighed(MG), by=desk.curator)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Weighing.objects.update(mass=1)


@pytest.mark.parametrize("accounted", [20 * MG, 20 * MG - 15_000, 20 * MG + 15_000])
def test_a_return_within_two_deviations_closes_to_exactly_zero(desk, accounted) -> None:
    loan = desk.lent(20 * MG)
    kept = reconciling.reconcile(
        desk.collection,
        loan,
        label="L-1/1",
        issued=20 * MG,
        accounted=accounted,
        sigmas=[10_000],
        by=desk.curator,
        command=uuid.uuid4(),
    )
    assert (kept.remainder, kept.two_officers) == (20 * MG - accounted, False)
    legs = {loan: -accounted, keeping.store(desk.sample): accounted}
    post(Posting(uuid.uuid4(), MovementKind.RETURN, desk.collection.book, legs))
    ask_the_guards()
    assert desk.amount(AccountKind.LOAN, "L-1/1") == 0
    assert desk.amount(AccountKind.STORE, "10084") == 80 * MG + accounted
    assert desk.amount(AccountKind.ADJUST, "L-1/1") == max(0, 20 * MG - accounted)
    assert desk.amount(AccountKind.ORIGIN, SURPLUS.label) == min(0, 20 * MG - accounted)
    assert sum(queries.totals(desk.collection.book).values()) == 0


def test_a_large_difference_takes_a_reason_and_two_officers(desk) -> None:
    loan = desk.lent(20 * MG)

    def reconcile(accounted, **more):
        return reconciling.reconcile(
            desk.collection, loan, label="L-1/1", issued=20 * MG, accounted=accounted, sigmas=[10_000], by=desk.curator,
            command=uuid.uuid4(), **more,
        )  # fmt: skip

    with pytest.raises(InputError, match="reason"):
        reconcile(20 * MG - 25_000)
    with pytest.raises(NotAllowed, match="two officers"):
        reconcile(15 * MG, reason="Spilled.")
    with pytest.raises(NotAllowed, match="two officers"):
        reconcile(15 * MG, reason="Spilled.", second=desk.curator)
    with pytest.raises(NotAllowed, match="two officers"):
        reconcile(15 * MG, reason="Spilled.", second=builders.person())
    assert desk.amount(AccountKind.LOAN, "L-1/1") == 20 * MG
    reconcile(15 * MG, reason="Spilled.", second=desk.second)
    assert desk.amount(AccountKind.ADJUST, "L-1/1") == 5 * MG


def test_what_is_lost_may_be_found_even_after_it_was_written_off(desk) -> None:
    store = keeping.store(desk.sample)
    incident = missing.report_missing(
        desk.sample, store, mass=3 * MG, description="Not in its cabinet.", by=desk.curator, command=uuid.uuid4()
    )
    assert desk.amount(AccountKind.LOST, incident.label) == 3 * MG
    with pytest.raises(WrongState):
        missing.write_off(incident, public_note="Lost.", second=desk.second, by=desk.curator, command=uuid.uuid4())
    missing.investigate(incident, by=desk.curator, command=uuid.uuid4())
    with pytest.raises(NotAllowed, match="two officers"):
        missing.write_off(incident, public_note="Lost.", second=desk.curator, by=desk.curator, command=uuid.uuid4())
    missing.write_off(incident, public_note="Lost in 2026.", second=desk.second, by=desk.curator, command=uuid.uuid4())
    assert Entry.objects.get(chain=PUBLIC, verb="write off").body["facts"]["note"] == "Lost in 2026."
    with pytest.raises(IntegrityError, match="written_off_by_two"), transaction.atomic():
        Incident.objects.update(countersigned_by=desk.curator)
    found = missing.find(incident, by=desk.curator, command=uuid.uuid4())
    assert found.state == "found"
    assert (desk.amount(AccountKind.LOST, incident.label), desk.amount(AccountKind.STORE, "10084")) == (0, 100 * MG)
