"""A loan from its grant to its end: who may do each step, where the mass is after it, and what is refused."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from moonbridge.cooperation import lots
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import changing, granting, incidents, missing, preparing, returning, using
from moonbridge.cooperation.samples.debts import debts_of, loans_with_parts, today
from moonbridge.cooperation.samples.models import Custody, DutyKind, Loan, Reconciliation, ReportKind, Split
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.errors import DeadlinePassed, DoesNotFit, InputError, NotAllowed, Refused, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def store(house: House) -> int:
    return lending.held(house, AccountKind.STORE)


def test_a_loan_goes_its_way_and_not_a_nanogram_is_lost(house: House) -> None:
    whole = 1300 * MG
    loan = lending.granted(house, lending.powder(house), asking.Line(house.clast.pk, disposition="intact"))
    assert (loan.state, store(house)) == (LoanState.APPROVED, whole)
    loan = lending.certified(house, lending.powder(house, 30), by=house.other)
    preparing.weigh_out(loan, lending.weights(loan, 12_345), balance="XP26", by=house.curator, command=uuid4())
    loan = preparing.prepare(loan, by=house.second, command=uuid4())
    line = lending.first(loan)
    assert (line.lent.name, line.lent.parentage.get().parent.name) == ("T0001,1", "T0001")
    weighing = line.lent.weighings.get()
    assert (weighing.operator, weighing.witness, weighing.mass) == (house.curator, house.second, 30 * MG + 12_345)
    preparing.dispatch(loan, carrier="By hand", by=house.curator, command=uuid4())
    assert lending.held(house, AccountKind.TRANSIT) == 30 * MG + 12_345
    loan = preparing.receive(loan, lending.weights(loan, -SIGMA), by=house.other, command=uuid4())
    assert (loan.state, loan.ends_on.year - loan.received_on.year) == (LoanState.ACTIVE, 1)
    assert Custody.objects.get(split=line.lent, period__endswith=None).custodian == "University of Dust"
    using.report(
        line, ReportKind.CONSUMED, 10 * MG, what="Dissolved.", video_sha256="ab" * 32, by=house.other, command=uuid4()
    )
    using.report(line, ReportKind.RESIDUE, 1 * MG, what="Left on the filter.", by=house.other, command=uuid4())
    residue = loan.lines.get(number=2)
    loan = returning.send_back(loan, [line, residue], by=house.other, command=uuid4())
    assert loan.state == LoanState.RETURNING
    back = {line.pk: Weight(19 * MG + 12_345 - 15_000, SIGMA), residue.pk: Weight(MG, SIGMA)}
    (loan,) = returning.weigh_back(house.agency, back, balance="XP26", by=house.curator, command=uuid4())
    loan = returning.reconcile(loan, by=house.curator, command=uuid4())
    assert loan.state == LoanState.RECONCILED
    assert lending.held(house, AccountKind.CONSUMED) == 10 * MG
    assert lending.held(house, AccountKind.ADJUST) == 15_000
    assert store(house) == whole - 10 * MG - 15_000
    assert Reconciliation.objects.get(label=line.label).remainder == 15_000
    assert Reconciliation.objects.get(label=residue.label).remainder == 0
    lending.require_sound(house)
    with pytest.raises(Refused, match="Still owed"):
        returning.close(loan, by=house.office, command=uuid4())
    using.fulfil(loan, DutyKind.REPORT, "https://example.org/report", by=house.other, command=uuid4())
    using.fulfil(loan, DutyKind.DATA, "doi:10.0/1", by=house.other, command=uuid4())
    using.waive(loan, DutyKind.PUBLICATIONS, "A negative result.", by=house.office, command=uuid4())
    assert returning.close(loan, by=house.office, command=uuid4()).state == LoanState.CLOSED
    verbs = list(Entry.objects.filter(subject=loan.address, chain__startswith="agency:").values_list("verb", flat=True))
    assert verbs == [
        "grant-loan", "send-agreement", "sign-agreement", "issue-certificate", "weigh-out", "prepare-loan", "dispatch-loan",
        "receive-loan", "report-consumed", "report-residue", "send-back", "weigh-back", "reconcile-loan", "meet-duty", "meet-duty",
        "waive-duty", "close-loan",
    ]  # fmt: skip


def test_a_clast_is_lent_whole_and_a_borrower_cannot_ask_for_half(house: House) -> None:
    loan = lending.on_loan(house, asking.Line(house.clast.pk, 5 * MG, disposition="intact"))
    line = lending.first(loan)
    assert (line.granted_ng, line.lent) == (300 * MG, house.clast)
    assert lending.held(house, AccountKind.LOAN) == 300 * MG


def test_what_is_reserved_cannot_be_granted_twice_and_the_floor_stays(house: House) -> None:
    lending.granted(house, lending.powder(house, 500))
    with pytest.raises(DoesNotFit, match="T0001: 301 mg asked, 300 mg available"):
        lending.asked(house, lending.powder(house, 301), by=house.other)
    lending.granted(house, lending.powder(house, 300), by=house.other)
    with pytest.raises(DoesNotFit, match="0 g available"):
        lending.asked(house, lending.powder(house, 1), by=house.other)


def test_two_requests_for_the_same_clast_are_submitted_and_one_is_granted(house: House) -> None:
    line = asking.Line(house.clast.pk, disposition="intact")
    mine, theirs = lending.asked(house, line), lending.asked(house, line, by=house.other)
    granting.grant(mine, by=house.office, command=uuid4())
    with pytest.raises(DoesNotFit):
        granting.grant(theirs, by=house.office, command=uuid4())
    theirs.refresh_from_db()
    assert (theirs.state, Loan.objects.count()) == ("submitted", 1)


def test_a_loan_that_nobody_signs_lapses_whoever_looks_first(house: House) -> None:
    loan, late = lending.granted(house), lending.granted(house, by=house.other)
    granting.send_agreement(loan, by=house.office, command=uuid4())
    Loan.objects.update(reserved_until=today() - timedelta(days=1))
    with pytest.raises(DeadlinePassed):
        granting.sign(loan, by=house.borrower, command=uuid4())
    assert (granting.lapse_due(), granting.lapse_due()) == (2, 0)
    late.refresh_from_db()
    assert late.state == LoanState.LAPSED
    lending.granted(house, lending.powder(house, 800))


def test_ten_working_days_are_given_to_sign(house: House) -> None:
    loan = lending.granted(house)
    assert np.datetime64(loan.reserved_until) == np.busday_offset(today(), 10, roll="backward")


def test_two_people_prepare(house: House) -> None:
    loan = lending.certified(house)
    with pytest.raises(Refused):
        preparing.prepare(loan, by=house.second, command=uuid4())
    preparing.weigh_out(loan, lending.weights(loan), balance="XP26", by=house.curator, command=uuid4())
    with pytest.raises(NotAllowed):
        preparing.prepare(loan, by=house.curator, command=uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Loan.objects.filter(pk=loan.pk).update(witnessed_by=house.curator)


def test_other_weights_on_arrival_need_an_officer(house: House) -> None:
    loan = lending.prepared(house)
    preparing.dispatch(loan, carrier="By hand", by=house.curator, command=uuid4())
    loan = preparing.receive(loan, lending.weights(loan, -3 * SIGMA), by=house.borrower, command=uuid4())
    assert loan.state == LoanState.RECEIVED
    with pytest.raises(WrongState):
        using.report(lending.first(loan), ReportKind.RESIDUE, MG, what="x", by=house.borrower, command=uuid4())
    assert preparing.accept_weights(loan, reason="Static.", by=house.office, command=uuid4()).state == LoanState.ACTIVE


def test_small_differences_close_by_themselves_larger_ones_need_words_and_the_largest_two_officers(
    house: House,
) -> None:
    explained = lending.weighed_back(house, off=2 * SIGMA)
    assert returning.reconcile(explained, by=house.curator, command=uuid4()).state == LoanState.RECONCILED
    unexplained = lending.weighed_back(house, off=-4 * SIGMA)
    with pytest.raises(InputError):
        returning.reconcile(unexplained, by=house.curator, command=uuid4())
    found = {"reason": "Some stuck to the vial.", "command": uuid4()}
    assert returning.reconcile(unexplained, by=house.curator, **found).state == LoanState.RECONCILED
    large = lending.weighed_back(house, off=-5 * SIGMA)
    first = returning.reconcile(large, reason="Spilled.", by=house.curator, command=uuid4())
    assert first.state == LoanState.WEIGHED
    with pytest.raises(Refused, match="another officer"):
        returning.reconcile(large, reason="Spilled.", by=house.curator, command=uuid4())
    assert returning.reconcile(large, by=house.office, command=uuid4()).state == LoanState.RECONCILED
    signed = Reconciliation.objects.get(label=lending.first(large).label)
    assert (signed.signed_by, signed.countersigned_by, signed.reason) == (house.curator, house.office, "Spilled.")
    lending.require_sound(house)


def test_material_spent_against_the_agreement_needs_two_officers(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, disposition="intact"))
    line = lending.first(loan)
    using.report(
        line, ReportKind.CONSUMED, MG, what="By mistake.", video_sha256="0" * 64, by=house.borrower, command=uuid4()
    )
    loan = returning.send_back(loan, [line], by=house.borrower, command=uuid4())
    returning.weigh_back(house.agency, {line.pk: Weight(19 * MG, SIGMA)}, balance="", by=house.curator, command=uuid4())
    assert returning.reconcile(loan, reason="Told.", by=house.curator, command=uuid4()).state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.second, command=uuid4()).state == LoanState.RECONCILED


def test_destructive_work_needs_its_film_under_this_policy(house: House) -> None:
    line = lending.first(lending.on_loan(house))
    report = {"what": "Dissolved.", "by": house.borrower}
    for film in ("", "not a hash", "a" * 63):
        with pytest.raises(InputError):
            using.report(line, ReportKind.CONSUMED, MG, video_sha256=film, command=uuid4(), **report)
    using.report(line, ReportKind.CONSUMED, MG, video_sha256="A" * 64, command=uuid4(), **report)
    with pytest.raises(DoesNotFit):
        using.report(line, ReportKind.CONSUMED, 20 * MG, video_sha256="a" * 64, command=uuid4(), **report)


def test_sub_splits_become_pieces_and_lines_and_all_come_back(house: House) -> None:
    loan = lending.on_loan(house)
    line = lending.first(loan)
    made = using.sub_split(
        line, [8 * MG, 4 * MG], loss_ng=50_000, what="Quartered.", by=house.borrower, command=uuid4()
    )
    assert [part.lent.name for part in made] == ["T0001,2", "T0001,3"]
    assert [Split.objects.get(name=part.lent.name).parentage.get().parent.name for part in made] == ["T0001,1"] * 2
    assert lending.held(house, AccountKind.PREP_LOSS) == 50_000
    loan = returning.send_back(loan, made, by=house.borrower, command=uuid4())
    assert loan.state == LoanState.ACTIVE
    loan = returning.send_back(loan, [line], by=house.borrower, command=uuid4())
    assert loan.state == LoanState.RETURNING
    weights = {one.pk: Weight(one.sent_back_ng, SIGMA) for one in loan.lines.all()}
    returning.weigh_back(house.agency, weights, balance="", by=house.curator, command=uuid4())
    loan.refresh_from_db()
    assert returning.reconcile(loan, by=house.curator, command=uuid4()).state == LoanState.RECONCILED
    assert store(house) == 1300 * MG - 50_000


def test_a_line_that_is_used_up_closes_without_a_return(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, disposition="consume"))
    line = lending.first(loan)
    using.report(
        line, ReportKind.CONSUMED, 20 * MG, what="All of it.", video_sha256="0" * 64, by=house.borrower, command=uuid4()
    )
    loan = returning.send_back(loan, [line], by=house.borrower, command=uuid4())
    assert loan.state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.curator, command=uuid4()).state == LoanState.RECONCILED


def test_extensions_stay_within_the_policy(house: House) -> None:
    loan = lending.on_loan(house)
    until = loan.ends_on + timedelta(days=180)
    with pytest.raises(InputError, match="at most"):
        changing.ask_extension(loan, loan.ends_on + timedelta(days=190), reason="x", by=house.borrower, command=uuid4())
    asked = changing.ask_extension(loan, until, reason="The instrument broke.", by=house.borrower, command=uuid4())
    with pytest.raises(NotAllowed):
        changing.decide_extension(asked, granted=True, answer="", by=house.borrower, command=uuid4())
    changing.decide_extension(asked, granted=True, answer="", by=house.office, command=uuid4())
    loan.refresh_from_db()
    assert (loan.ends_on, loan.renewed) == (until, 1)
    with pytest.raises(Refused, match="renewed 1 times"):
        changing.ask_extension(loan, until + timedelta(days=1), reason="x", by=house.borrower, command=uuid4())


def test_the_lender_may_end_a_loan_early(house: House) -> None:
    loan = changing.end_early(
        lending.on_loan(house), today(), reason="Needed for a mission.", by=house.office, command=uuid4()
    )
    assert loan.ends_on == today()


def test_custody_passes_when_both_agree_and_an_officer_approves(house: House) -> None:
    loan = lending.on_loan(house)
    line = lending.first(loan)
    asked = changing.ask_transfer(
        line, house.other, institution="University of Dust", reason="Moved.", by=house.borrower, command=uuid4()
    )
    with pytest.raises(Refused, match="not agreed"):
        changing.decide_transfer(asked, approved=True, by=house.office, command=uuid4())
    changing.accept_transfer(asked, by=house.other, command=uuid4())
    done = changing.decide_transfer(asked, approved=True, by=house.office, command=uuid4())
    loan.refresh_from_db()
    assert (loan.state, done.made.state, done.made.ends_on) == (LoanState.WEIGHED, LoanState.ACTIVE, loan.ends_on)
    assert lending.held(house, AccountKind.LOAN) == 20 * MG
    assert Custody.objects.get(split=line.lent, period__endswith=None).custodian == "University of Dust"
    assert returning.reconcile(loan, by=house.curator, command=uuid4()).state == LoanState.RECONCILED


def test_who_is_delinquent_gets_nothing_new_nor_does_their_institution(house: House) -> None:
    request = lending.asked(house, lending.powder(house, 5))
    colleague = builders.person(institution="institute of BASALT", country="FR")
    theirs = lending.asked(house, lending.powder(house, 5), by=colleague)
    elsewhere = lending.asked(house, lending.powder(house, 5), by=house.other)
    loan = lending.ended(lending.on_loan(house), days=31)
    owed = debts_of(loans_with_parts(Loan.objects.filter(pk=loan.pk)).get())
    assert [debt.what.value for debt in owed if debt.is_delinquent(today())] == ["return"]
    for refused in (request, theirs):
        with pytest.raises(Refused, match="delinquent"):
            granting.grant(refused, by=house.office, command=uuid4())
    granting.grant(elsewhere, by=house.office, command=uuid4())


def test_late_but_within_the_grace_still_gets_something(house: House) -> None:
    request = lending.asked(house, lending.powder(house, 5))
    lending.ended(lending.on_loan(house), days=30)
    granting.grant(request, by=house.office, command=uuid4())


def test_an_inventory_answers_for_every_piece(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house), asking.Line(house.clast.pk, disposition="intact"))
    found = {line.pk: using.Found("good", "Safe 3") for line in loan.lines.all()}
    with pytest.raises(InputError, match="Still to be answered"):
        using.take_inventory(loan, dict(list(found.items())[:1]), by=house.borrower, command=uuid4())
    made = using.take_inventory(loan, found, by=house.borrower, command=uuid4())
    loan.refresh_from_db()
    assert (made.rows.count(), loan.last_inventory_on) == (2, today())


def test_what_is_missing_is_lost_in_the_books_until_it_is_found(house: House) -> None:
    loan = lending.on_loan(house)
    line = lending.first(loan)
    lost = incidents.report_missing(line, 5 * MG, what="The vial is open.", by=house.borrower, command=uuid4())
    assert lending.held(house, AccountKind.LOST) == 5 * MG
    with pytest.raises(WrongState):
        incidents.write_off(lost, public_note="x", by=house.curator, command=uuid4())
    missing.investigate(lost, by=house.curator, command=uuid4())
    signed = incidents.write_off(lost, public_note="5 mg were lost.", by=house.curator, command=uuid4())
    assert signed.state == "investigated"
    with pytest.raises(NotAllowed):
        incidents.write_off(lost, public_note="", by=house.curator, command=uuid4())
    assert incidents.write_off(lost, public_note="", by=house.office, command=uuid4()).state == "written-off"
    assert Entry.objects.filter(chain="public", verb="write off").count() == 1
    missing.find(lost, by=house.curator, command=uuid4())
    assert lending.held(house, AccountKind.LOAN) == 20 * MG
    lending.require_sound(house)


def test_what_is_found_after_its_loan_is_over_comes_to_the_store_with_a_record(house: House) -> None:
    loan = lending.on_loan(house)
    line = lending.first(loan)
    lost = incidents.report_missing(line, 5 * MG, what="The vial is open.", by=house.borrower, command=uuid4())
    loan = returning.send_back(loan, [line], by=house.borrower, command=uuid4())
    returning.weigh_back(house.agency, {line.pk: Weight(15 * MG, SIGMA)}, balance="", by=house.curator, command=uuid4())
    returning.reconcile(loan, by=house.curator, reason="Lost.", command=uuid4())
    click = uuid4()
    for _ in range(2):
        missing.find(lost, by=house.curator, command=click)
    assert lending.held(house, AccountKind.LOST) == lending.held(house, AccountKind.LOAN) == 0
    assert lending.held(house, AccountKind.STORE) == 1300 * MG
    place = Entry.objects.get(verb="find").body["facts"]["place"]
    assert place == f"STORE:{line.lent.name}"
    assert line.lent.custodies.get(period__endswith=None).custodian == house.agency.name
    lending.require_sound(house)


def test_what_is_found_goes_where_somebody_still_answers_for_it(house: House) -> None:
    loan = lending.prepared(house)
    preparing.dispatch(loan, carrier="By post", by=house.curator, command=uuid4())
    line = lending.first(loan)
    parcel = incidents.report_missing(line, 2 * MG, what="The parcel is torn.", by=house.curator, command=uuid4())
    assert str(missing.place_of(parcel)) == f"TRANSIT:{line.label}"
    preparing.receive(loan, {line.pk: Weight(18 * MG, SIGMA)}, by=house.borrower, command=uuid4())
    assert str(missing.place_of(parcel)) == f"STORE:{line.lent.name}"
    vial = incidents.report_missing(line, MG, what="The vial is open.", by=house.borrower, command=uuid4())
    assert str(missing.place_of(vial)) == f"LOAN:{line.label}"
    returning.send_back(loan, [line], by=house.borrower, command=uuid4())
    assert str(missing.place_of(vial)) == f"STORE:{line.lent.name}"
    way = incidents.report_missing(line, MG, what="The parcel is torn.", by=house.borrower, command=uuid4())
    assert str(missing.place_of(way)) == f"TRANSIT:{line.label}"
    keeper, path = Client(), reverse("incident", args=[vial.pk])
    keeper.force_login(house.curator)
    assert "in our store" in keeper.get(path).content.decode()
    keeper.post(reverse("incident-step", args=[vial.pk, "find"]), {"command": str(uuid4())})
    assert lending.held(house, AccountKind.LOST) == 3 * MG
    lending.require_sound(house)


def test_what_is_lost_on_the_way_does_not_hold_up_the_rest(house: House) -> None:
    loan = lending.prepared(house, lending.powder(house), asking.Line(house.clast.pk, disposition="intact"))
    preparing.dispatch(loan, carrier="By post", by=house.curator, command=uuid4())
    powder = loan.lines.get(granted_ng=20 * MG)
    incidents.report_missing(powder, 20 * MG, what="The parcel was open.", by=house.curator, command=uuid4())
    loan = preparing.receive(loan, lending.weights(loan), by=house.borrower, command=uuid4())
    assert loan.state == LoanState.ACTIVE
    loan = returning.send_back(loan, list(loan.lines.all()), by=house.borrower, command=uuid4())
    clast = loan.lines.get(granted_ng=300 * MG)
    returning.weigh_back(
        house.agency, {clast.pk: Weight(300 * MG, SIGMA)}, balance="", by=house.curator, command=uuid4()
    )
    assert returning.reconcile(loan, by=house.curator, command=uuid4()).state == LoanState.RECONCILED


def test_a_code_that_is_drawn_twice_is_drawn_again(house: House, monkeypatch) -> None:
    letters = iter("BBBBB" + "BBBBB" + "CCCCC")
    asked = [lending.asked(house, lending.powder(house), by=by) for by in (house.borrower, house.other)]
    monkeypatch.setattr(lots.secrets, "choice", lambda _letters: next(letters))
    loans = [granting.grant(one, by=house.office, command=uuid4()) for one in asked]
    assert [loan.code for loan in loans] == ["L-BBBBB", "L-CCCCC"]


def test_batch_returns_are_all_or_nothing(house: House) -> None:
    one, two = lending.sent_back(house), lending.sent_back(house)
    still = lending.first(lending.on_loan(house))
    weights = {lending.first(loan).pk: Weight(20 * MG, SIGMA) for loan in (one, two)}
    with pytest.raises(InputError, match="not on its way back"):
        returning.weigh_back(
            house.agency, weights | {still.pk: Weight(MG, SIGMA)}, balance="", by=house.curator, command=uuid4()
        )
    assert not Loan.objects.filter(state=LoanState.WEIGHED).exists()
    returning.weigh_back(house.agency, weights, balance="", by=house.curator, command=uuid4())
    assert Loan.objects.filter(state=LoanState.WEIGHED).count() == 2


def test_a_command_sent_twice_is_carried_out_once(house: House) -> None:
    line, twice = lending.first(lending.on_loan(house)), uuid4()
    reports = [
        using.report(line, ReportKind.RESIDUE, MG, what="Left.", by=house.borrower, command=twice) for _ in range(2)
    ]
    assert reports[0] == reports[1]
    assert lending.held(house, AccountKind.RESIDUE) == MG


def test_a_curator_does_not_lend_to_themself(house: House) -> None:
    house.curator.institution, house.curator.country = "The curator's own", "CN"
    house.curator.save()
    request = lending.asked(house, lending.powder(house), by=house.curator)
    with pytest.raises(NotAllowed):
        granting.grant(request, by=house.curator, command=uuid4())
    loan = granting.grant(request, by=house.second, command=uuid4())
    with pytest.raises(NotAllowed):
        granting.send_agreement(loan, by=house.curator, command=uuid4())
