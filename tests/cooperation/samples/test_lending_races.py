"""Two at once, and any order of steps: one milligram is never promised twice, and the books stay sound."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from cooperation.selection.test_concurrency import at_once
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import changing, granting, incidents, missing, preparing, returning, using
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Incident, Loan, LoanLine, Parentage, ReportKind, Request
from moonbridge.cooperation.samples.states.ledger import IncidentState
from moonbridge.cooperation.samples.states.lending import LOANS, RESERVED, LoanState
from moonbridge.cooperation.samples.stock import OUT_OF_STORE
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind
from moonbridge.engines.ledger.genealogy import Descent, PieceKind
from moonbridge.errors import DoesNotFit, MoonbridgeError, Refused
from moonbridge.ledger.models import Account, Movement
from moonbridge.record.models import Entry

STEPS = 220


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_same_piece_at_once_one_gets_it() -> None:
    house = House()
    line = asking.Line(house.clast.pk, disposition="intact")
    mine, theirs = lending.asked(house, line), lending.asked(house, line, by=house.other)
    answers = at_once(
        lambda: granting.grant(mine, by=house.office, command=uuid4()),
        lambda: granting.grant(theirs, by=house.curator, command=uuid4()),
    )
    assert sorted(type(answer) for answer in answers if not isinstance(answer, Loan)) == [DoesNotFit]
    held = Account.objects.get(book=house.book, kind=AccountKind.STORE, label="T0002")
    assert (held.balance, held.held) == (300 * MG, 300 * MG)
    assert Movement.objects.filter(kind="reserve").count() == Loan.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_grants_signs_and_consumes_once() -> None:
    house = House()
    request, click = lending.asked(house, lending.powder(house)), uuid4()
    first, second = at_once(*[lambda: granting.grant(request, by=house.office, command=click)] * 2)
    assert first == second
    line = lending.first(lending.on_loan(house))
    click = uuid4()
    report = {"what": "Left.", "by": house.borrower, "command": click}
    one, two = at_once(*[lambda: using.report(line, ReportKind.RESIDUE, MG, **report)] * 2)
    assert one == two
    assert lending.held(house, AccountKind.RESIDUE) == MG


def circle(house: House) -> tuple[Loan, Request]:
    """A loan and a request of the same pieces, whose accounts were opened in the opposite order of their names."""
    pieces = [house.piece(name, 100 * MG, material="powder") for name in ("V3", "V2", "V1")]
    wanted = [asking.Line(piece.pk, 10 * MG, disposition="remainder") for piece in pieces]
    return lending.granted(house, *wanted), lending.asked(house, *wanted, by=house.other)


def in_this_order(account: Account, *acts: Callable[[], Loan]) -> list[Loan]:
    """Carry out each act in a thread and a transaction of its own, while ``account`` is locked until all of them wait, one after another.

    In a transaction of its own nothing is tried again: where two wait for each other in a circle the database breaks one off.
    """

    def run(act: Callable[[], Loan]) -> Loan:
        try:
            with transaction.atomic():
                return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=account.pk)
            under_way = []
            for number, act in enumerate(acts, start=1):
                under_way.append(pool.submit(run, act))
                while waiting() < number and not under_way[-1].done():
                    pass
        return [one.result() for one in under_way]


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it would be looked up once
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_loans_of_many_lines_never_wait_for_each_other_in_a_circle() -> None:
    house = House()
    loan, request = circle(house)
    opened_first = Account.objects.get(book=house.book, kind=AccountKind.STORE, label="V3")
    granted, cancelled = in_this_order(
        opened_first,
        lambda: granting.grant(request, by=house.curator, command=uuid4()),
        lambda: granting.cancel(loan, reason="Not needed.", by=house.office, command=uuid4()),
    )
    assert (granted.state, cancelled.state) == (LoanState.APPROVED, LoanState.CANCELLED)
    check(house)


def differing(house: House, powder: int, clast: int) -> Loan:
    """A loan of powder and a clast that is back and weighed, so much heavier or lighter."""
    name = f"T{house.collection.splits.count() + 100:04}"
    piece = house.piece(name, 300 * MG, material="clast")
    loan = lending.sent_back(house, lending.powder(house), asking.Line(piece.pk, disposition="remainder"))
    offs = zip(loan.lines.order_by("number"), (powder, clast), strict=True)
    found = {line.pk: Weight(line.sent_back_ng + off, SIGMA) for line, off in offs}
    return returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())[0]


@pytest.mark.django_db(transaction=True)
def test_who_wants_the_record_and_who_wants_the_surpluses_do_not_wait_for_each_other() -> None:
    house = House()
    returning.reconcile(differing(house, SIGMA, 0), by=house.curator, command=uuid4())  # opens the account of surpluses
    loans = [differing(house, SIGMA, 0), differing(house, -SIGMA, SIGMA)]
    closed = in_this_order(
        Account.objects.get(book=house.book, kind=SURPLUS.kind, label=SURPLUS.label),
        *(lambda loan=loan: returning.reconcile(loan, by=house.curator, command=uuid4()) for loan in loans),
    )
    assert [loan.state for loan in closed] == [LoanState.RECONCILED] * 2
    check(house)


class Life:
    """Takes steps drawn by lot, possible ones and impossible ones, and watches."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.lot = house, random.Random(seed)  # noqa: S311 - a test is repeated exactly
        self.pieces = [house.powder, house.clast, house.piece("T0003", 2000 * MG, material="powder")]
        self.taken: set[str] = set()
        self.refused = 0

    def step(self) -> None:
        """Take one step; a refused one must leave no trace."""
        verb, act = self._drawn()
        before = self._trace()
        try:
            with transaction.atomic():
                act()
        except MoonbridgeError:
            self.refused += 1
            assert self._trace() == before
        else:
            self.taken.add(verb)

    def _trace(self) -> tuple[int, int, list[object]]:
        states = list(Loan.objects.order_by("pk").values_list("pk", "state"))
        return Movement.objects.count(), Entry.objects.count(), states

    def _drawn(self) -> tuple[str, Callable[[], object]]:
        house, lot = self.house, self.lot
        loan = lot.choice([*Loan.objects.exclude(state=LoanState.CLOSED)] or [None])
        if loan is None or (lot.random() < 0.08 and Loan.objects.count() < 12):
            lines = [
                asking.Line(piece.pk, lot.choice([1, 20, 300]) * MG, disposition="remainder")
                for piece in lot.sample(self.pieces, lot.choice([1, 2, 3]))
            ]
            return "grant", lambda: lending.granted(house, *lines)
        loan = Loan.objects.select_related("borrower").get(pk=loan.pk)
        verbs = self._verbs(loan)
        fitting = [verb for verb, name in NAMES.items() if loan.state in LOANS.table[name][0]]
        verb = lot.choice(fitting if fitting and lot.random() < 0.85 else list(verbs))
        return verb, verbs[verb]

    def _verbs(self, loan: Loan) -> dict[str, Callable[[], object]]:
        house, lot = self.house, self.lot
        line = lot.choice(list(LoanLine.objects.filter(loan=loan).select_related("loan", "lent", "split")))
        key, some = uuid4(), lot.choice([1, 5 * MG, 19 * MG, 400 * MG])
        borrower, curator, second = loan.borrower, house.curator, house.second
        sent = loan.lines.filter(sent_back_on__isnull=False, weighed_back_ng=None, closed_on=None)
        back = {one.pk: Weight(one.sent_back_ng + lot.choice([0, SIGMA, -5 * SIGMA]), SIGMA) for one in sent}
        return {
            "send": lambda: granting.send_agreement(loan, by=curator, command=key),
            "sign": lambda: granting.sign(loan, by=borrower, command=key),
            "certify": lambda: granting.certify(loan, number="C", by=curator, command=key),
            "cancel": lambda: lot.random() < 0.1 and granting.cancel(loan, reason="x", by=curator, command=key),
            "weigh out": lambda: preparing.weigh_out(loan, lending.weights(loan), balance="", by=curator, command=key),
            "prepare": lambda: preparing.prepare(loan, by=second, command=key),
            "dispatch": lambda: preparing.dispatch(loan, carrier="x", by=curator, command=key),
            "receive": lambda: preparing.receive(
                loan,
                lending.weights(loan, *(lot.choice([0, 0, -5 * SIGMA]) for _ in loan.lines.all())),
                by=borrower,
                command=key,
            ),
            "accept": lambda: preparing.accept_weights(loan, reason="x", by=curator, command=key),
            "transfer": lambda: self._transfer(line),
            "extend": lambda: self._extend(loan),
            "find": lambda: self._search(lambda one: missing.find(one, by=curator, command=key)),
            "write off": lambda: self._search(self._write_off),
            "consume": lambda: using.report(
                line, ReportKind.CONSUMED, some, what="x", video_sha256="0" * 64, by=borrower, command=key
            ),
            "residue": lambda: using.report(line, ReportKind.RESIDUE, some, what="x", by=borrower, command=key),
            "sub-split": lambda: using.sub_split(
                line, [some, MG], loss_ng=lot.choice([0, 7]), what="x", by=borrower, command=key
            ),
            "lose": lambda: incidents.report_missing(line, some, what="x", by=borrower, command=key),
            "end early": lambda: changing.end_early(loan, today(), reason="x", by=curator, command=key),
            "send back": lambda: returning.send_back(loan, [line], by=borrower, command=key),
            "weigh": lambda: returning.weigh_back(house.agency, back, balance="", by=curator, command=key),
            "reconcile": lambda: returning.reconcile(loan, reason="x", by=lot.choice([curator, second]), command=key),
        }

    def _transfer(self, line: LoanLine) -> None:
        house = self.house
        to = house.borrower if line.loan.borrower == house.other else house.other
        told = {"institution": to.institution, "reason": "x", "by": line.loan.borrower, "command": uuid4()}
        asked = changing.ask_transfer(line, to, **told)
        changing.accept_transfer(asked, by=to, command=uuid4())
        changing.decide_transfer(asked, approved=True, by=house.office, command=uuid4())

    def _extend(self, loan: Loan) -> None:
        until = (loan.ends_on or today()) + timedelta(days=self.lot.choice([1, 400]))
        asked = changing.ask_extension(loan, until, reason="x", by=loan.borrower, command=uuid4())
        changing.decide_extension(asked, granted=True, answer="", by=self.house.office, command=uuid4())

    def _search(self, ended: Callable[[Incident], object]) -> None:
        incident = Incident.objects.exclude(state=IncidentState.FOUND).order_by("at").first()
        if incident is None:
            raise Refused("Nothing is missing.")
        if incident.state == IncidentState.OPEN:
            incident = missing.investigate(incident, by=self.house.curator, command=uuid4())
        ended(incident)

    def _write_off(self, incident: Incident) -> None:
        for by in (self.house.curator, self.house.second):
            incidents.write_off(incident, public_note="x", by=by, command=uuid4())

    def come_home(self) -> None:
        """Bring every loan to its end from wherever it stands: none may be stuck."""
        house, steps = self.house, 0
        while (loan := Loan.objects.filter(state__in=UNDER_WAY).select_related("borrower").first()) is not None:
            verbs = self._verbs(loan)
            held = [line for line in loan.lines.all() if line.is_held]
            homeward = {
                LoanState.DISPATCHED: verbs["receive"], LoanState.RECEIVED: verbs["accept"],
                LoanState.ACTIVE: lambda: returning.send_back(loan, held, by=loan.borrower, command=uuid4()),  # noqa: B023
                LoanState.RETURNING: verbs["weigh"],
                LoanState.WEIGHED: lambda: returning.reconcile(
                    loan, reason="x", by=house.second if loan.differences_signed_by == house.curator else house.curator,
                    command=uuid4(),
                ),
            }  # fmt: skip
            homeward[LoanState(loan.state)]()
            steps += 1
            assert steps < STEPS


UNDER_WAY = {LoanState.DISPATCHED, LoanState.RECEIVED, LoanState.ACTIVE, LoanState.RETURNING, LoanState.WEIGHED}
NAMES = {
    "send": "send agreement", "sign": "sign", "certify": "certify", "cancel": "cancel", "weigh out": "weigh out",
    "prepare": "prepare", "dispatch": "dispatch", "receive": "receive", "consume": "consume", "residue": "consume",
    "sub-split": "sub-split", "lose": "consume", "send back": "send part back", "weigh": "weigh part",
    "reconcile": "reconcile", "accept": "accept weights", "transfer": "transfer", "extend": "extend",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_steps_keeps_the_books_and_refuses_without_a_trace(seed: int) -> None:
    house = House()
    life = Life(house, seed)
    for _ in range(STEPS):
        life.step()
        check(house)
    life.come_home()
    check(house)
    assert not any(lending.held(house, kind) for kind in OUT_OF_STORE)
    assert life.refused > STEPS // 10
    assert {
        "grant",
        "sign",
        "prepare",
        "dispatch",
        "receive",
        "transfer",
        "extend",
        "lose",
        "find",
        "residue",
    } <= life.taken


def check(house: House) -> None:
    """What must hold after every step, told from the tables alone."""
    accounts = {(one.kind, one.label): one for one in Account.objects.filter(book=house.book)}
    assert sum(one.balance for one in accounts.values()) == 0
    assert all(one.balance >= one.held >= 0 for one in accounts.values() if one.kind != AccountKind.ORIGIN)
    reserved = sum(one.held for one in accounts.values())
    lines = LoanLine.objects.select_related("loan", "lent")
    promised = [line for line in lines if line.loan.state in RESERVED]
    assert reserved == sum(
        (line.issued_ng if line.loan.state == LoanState.PREPARED else line.granted_ng) for line in promised
    )
    out = {label for (kind, label), one in accounts.items() if kind == AccountKind.LOAN and one.balance}
    with_borrower = {LoanState.RECEIVED, LoanState.ACTIVE}
    may_hold = {line.label for line in lines if line.loan.state in with_borrower and line.sent_back_on is None}
    assert out <= may_hold
    left_over = {label for (kind, label), one in accounts.items() if kind == AccountKind.RESIDUE and one.balance}
    altered = [line for line in lines if line.lent and line.lent.kind == PieceKind.RESIDUE]
    assert left_over <= {line.label for line in altered}
    for row in Parentage.objects.filter(child__kind=PieceKind.RESIDUE).select_related("child", "parent"):
        assert row.kind == Descent.RESIDUE or row.parent.kind == PieceKind.RESIDUE
        assert row.child.contamination >= row.parent.contamination
        assert row.child.facts["kept_for"] == "residue"
