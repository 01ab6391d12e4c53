"""What an analysis leaves over never goes back into what it was: a piece of its own, of its own class and mass, kept unless released."""

from uuid import uuid4

import pytest
from django.urls import reverse

from api.programs import Program
from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from cooperation.samples.test_bench import client, command, in_store, require_sound
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import booking, curating, keeping, recombining, returning, using
from moonbridge.cooperation.samples.models import Loan, Parentage, ReportKind, Split
from moonbridge.cooperation.samples.names import naming_of
from moonbridge.cooperation.samples.queries import showing
from moonbridge.cooperation.samples.queries.custody import of_piece
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import BrokenDescent, Descent, PieceKind
from moonbridge.errors import DoesNotFit, NotAllowed, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def left_over(house: House, loan: Loan, mass: int, **more: object) -> Split:
    """The borrower dissolves some of the first line and reports what is left of it."""
    told = {"what": "Dissolved, dried.", "by": loan.borrower, "command": uuid4()} | more
    using.report(lending.first(loan), ReportKind.RESIDUE, mass, **told)
    return piece(loan.lines.order_by("-number")[0].lent_id)


def piece(key: object) -> Split:
    return Split.objects.select_related("collection__book", "collection__agency", "collection__mission").get(pk=key)


def came_back(house: House, loan: Loan, *offs: int) -> Loan:
    held = [line for line in loan.lines.order_by("number") if line.is_held]
    returning.send_back(loan, held, by=loan.borrower, command=uuid4())
    rows = zip(loan.lines.filter(weighed_back_ng=None, closed_on=None).order_by("number"), offs, strict=True)
    weights = {line.pk: Weight(line.sent_back_ng + off, SIGMA) for line, off in rows}
    return returning.weigh_back(house.agency, weights, balance="XP26", by=house.curator, command=uuid4())[0]


def test_a_residue_comes_back_as_a_piece_of_its_own_with_its_own_mass_and_class(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 100))
    portion = lending.first(loan).lent
    Split.objects.filter(pk=portion.pk).update(contamination=2)
    with pytest.raises(BrokenDescent):
        left_over(house, loan, 40 * MG, contamination=1)
    residue = left_over(house, loan, 40 * MG, contamination=5)
    with pytest.raises(Refused, match="less than that"):
        left_over(house, loan, 61 * MG)
    row = Parentage.objects.get(child=residue)
    assert (residue.kind, row.kind, row.parent_id) == (PieceKind.RESIDUE, Descent.RESIDUE, portion.pk)
    assert (residue.contamination, residue.nominal) == (5, False)
    loan = came_back(house, loan, 0, 3 * SIGMA)
    assert (
        returning.reconcile(loan, reason="It took up water.", by=house.curator, command=uuid4()).state
        == LoanState.RECONCILED
    )
    assert (in_store(portion), in_store(residue)) == (60 * MG, 40 * MG + 3 * SIGMA)
    assert residue.weighings.get().mass == 40 * MG + 3 * SIGMA
    assert residue.custodies.get(period__endswith=None).custodian == house.agency.name
    require_sound(house)
    flows = {(flow.source, flow.target): flow.amount for flow in of_piece(residue).flows}
    assert flows[f"piece:{portion.name}", f"piece:{residue.name}"] == 40 * MG


def test_material_that_should_have_come_back_intact_and_was_altered_takes_two_officers(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 20, disposition="intact"))
    left_over(house, loan, 20 * MG)
    loan = came_back(house, loan, 0)
    first = returning.reconcile(loan, reason="It was heated.", by=house.curator, command=uuid4())
    assert first.state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.second, command=uuid4()).state == LoanState.RECONCILED


def test_of_a_residue_more_can_be_used_up_but_not_altered_anew_or_divided(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 20))
    left_over(house, loan, 8 * MG)
    line = loan.lines.select_related("loan").get(number=2)
    told = {"what": "Etched.", "video_sha256": "a" * 64, "by": loan.borrower}
    using.report(line, ReportKind.CONSUMED, 3 * MG, command=uuid4(), **told)
    assert lending.held(house, AccountKind.RESIDUE) == 5 * MG
    with pytest.raises(Refused, match="left over from an analysis already"):
        using.report(line, ReportKind.RESIDUE, MG, command=uuid4(), **told)
    with pytest.raises(Refused):
        using.sub_split(line, [MG], what="Cut.", by=loan.borrower, command=uuid4())
    assert {one.line.number: one.held for one in showing.lines_shown(loan)}[2] == {
        AccountKind.RESIDUE: 5 * MG,
        AccountKind.CONSUMED: 3 * MG,
    }


def test_a_residue_is_kept_and_lent_only_once_the_office_says_so(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 20))
    residue = left_over(house, loan, 20 * MG)
    returning.reconcile(came_back(house, loan, 0), by=house.curator, command=uuid4())
    assert not stocks([residue])[residue.pk].lendable
    wanted = asking.Line(residue.pk, 5 * MG, disposition="remainder")
    with pytest.raises(DoesNotFit, match="is kept and not lent"):
        lending.asked(house, wanted)
    (part,) = keeping.divide(
        residue, [keeping.Part(keeping.Weighed(MG, SIGMA))], naming=naming_of(house.collection), by=house.curator, command=uuid4()
    )  # fmt: skip
    share = [recombining.Share(part, MG // 2), recombining.Share(house.powder, MG)]
    mixture = recombining.mix(house.collection, share, recombining.Blend(), by=house.curator, command=uuid4())
    for kept in (part, mixture):
        assert kept.facts["kept_for"] == "residue"
    assert part.kind == PieceKind.RESIDUE
    path = reverse("sample-release", args=[residue.pk])
    for user, status in [(house.curator, 404), (house.borrower, 404), (house.stranger, 404), (house.office, 302)]:
        answer = client(user).post(path, {"lent": "on", "reason": "Isotopes are unchanged."} | command())
        assert answer.status_code == status
    assert stocks([piece(residue.pk)])[residue.pk].lendable
    lent = lending.on_loan(house, wanted)
    portion = lending.first(lent).lent
    assert (portion.kind, portion.parentage.get().kind) == (PieceKind.RESIDUE, Descent.SPLIT)
    told = Program(house.office).post(f"/pieces/{residue.pk}/release", {"lent": False, "reason": "No more of it."})
    assert (told["lent"], piece(residue.pk).facts["kept_for"]) == (False, "residue")
    Program(house.curator).post(f"/pieces/{residue.pk}/release", {"lent": True, "reason": "x"}, status=404)
    assert (
        b"not lent, unless the office says so"
        in client(house.curator).get(reverse("sample-history", args=[residue.pk])).content
    )
    require_sound(house)


def test_what_is_used_in_house_may_leave_a_residue(house: House) -> None:
    given = {"mass": "10 mg", "left_over": "4 mg", "reason": "Heated to 900 K."}
    waits = Program(house.curator).post(f"/pieces/{house.powder.pk}/consumptions", given)
    assert (waits["two_officers"], waits["left_over"]) == (True, "4 mg")
    assert not Split.objects.filter(kind=PieceKind.RESIDUE).exists()
    Program(house.second).post(f"/sample-bookings/{waits['id']}/signatures")
    residue = Split.objects.select_related("collection__book").get(kind=PieceKind.RESIDUE)
    row = residue.parentage.get()
    assert (row.kind, row.parent) == (Descent.RESIDUE, house.powder)
    assert (in_store(house.powder), in_store(residue)) == (990 * MG, 4 * MG)
    assert lending.held(house, AccountKind.CONSUMED) == 6 * MG
    assert (residue.weighings.get().kind, residue.facts["kept_for"]) == ("derived", "residue")
    all_of_it = {"left_over": 2 * MG, "reason": "Heated.", "by": house.curator}
    done = booking.use_up(house.powder, 2 * MG, command=uuid4(), **all_of_it)
    assert (done.movement.kind, lending.held(house, AccountKind.CONSUMED)) == ("split", 6 * MG)
    form = {"mass": "1 mg", "left_over": "2 mg", "reason": "x"} | command()
    answer = client(house.curator).post(reverse("sample-use-up", args=[house.powder.pk]), form)
    assert b"No more can be left over than was used" in answer.content
    require_sound(house)


def test_only_an_altered_piece_is_released(house: House) -> None:
    for user, refusal in [(house.office, Refused), (house.curator, NotAllowed)]:
        with pytest.raises(refusal):
            curating.release(house.powder, lent=True, reason="x", by=user, command=uuid4())
