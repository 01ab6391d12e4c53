"""What officers book by their signatures: missing from the store, given away, used up, corrected; on pages, exact, and by nobody else."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from cooperation.samples.test_bench import client, command, in_store, parts, require_sound
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.samples.actions import booking, keeping
from moonbridge.cooperation.samples.models import Booking, Custody, Incident, Split
from moonbridge.cooperation.samples.queries.bookings import given_away
from moonbridge.cooperation.samples.queries.whereabouts import whereabouts
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.errors import NotAllowed, Refused
from moonbridge.ledger.models import Account, Movement
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db
GIFT = {"mass": "100 mg", "receiver": "Republic of Dust", "reason": "Treaty 7 of 1971"}


@pytest.fixture
def house() -> House:
    return House()


def held(house: House, kind: AccountKind) -> dict[str, int]:
    found = Account.objects.filter(book=house.book, kind=kind).exclude(balance=0)
    return dict(found.values_list("label", "balance"))


def ask(user: User, verb: str, split: Split, told: dict[str, str], status: int = 302) -> str:
    """Send a form twice, as a double click does; return where it leads."""
    told = told | command()
    answers = [client(user).post(reverse(f"sample-{verb}", args=[split.pk]), told) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status] * 2
    return answers[0].headers.get("Location", "")


def sign(user: User, address: str) -> int:
    return client(user).post(address, command()).status_code


def intake(house: House, split: Split) -> Movement:
    return Movement.objects.get(book=house.book, kind="intake", entries__account__label=split.name)


def correct(house: House, movement: Movement, instead: str = "", status: int = 302) -> str:
    path = reverse("sample-correct", args=[house.collection.slug, movement.pk])
    answer = client(house.curator).post(path, {"instead": instead, "reason": "A slip of the pen."} | command())
    assert answer.status_code == status, answer.content.decode()
    return answer.headers.get("Location", "")


def test_what_is_missing_from_the_store_is_looked_for_and_written_off_by_two(house: House) -> None:
    address = ask(house.curator, "missing", house.powder, {"mass": "20 mg", "what": "The jar was open."})
    incident = Incident.objects.get()
    assert address == reverse("incident", args=[incident.pk])
    assert (in_store(house.powder), held(house, AccountKind.LOST)) == (980 * MG, {str(incident.pk): 20 * MG})
    step = {verb: reverse("incident-step", args=[incident.pk, verb]) for verb in ("investigate", "write-off", "find")}
    assert client(house.curator).post(step["investigate"], command()).status_code == 302
    for user in (house.curator, house.office):
        client(user).post(step["write-off"], {"public_note": "20 mg were lost."} | command())
    incident.refresh_from_db()
    assert (incident.state, incident.signed_by, incident.countersigned_by) == (
        "written-off", house.curator, house.office,
    )  # fmt: skip
    client(house.second).post(step["find"], command())
    assert (in_store(house.powder), held(house, AccountKind.LOST)) == (1000 * MG, {})
    require_sound(house)


def test_no_more_can_be_missing_than_is_free_in_store(house: House) -> None:
    for mass in ("2 g", "0 mg", ""):
        answer = client(house.curator).post(
            reverse("sample-missing", args=[house.powder.pk]), {"mass": mass, "what": "x"} | command()
        )
        assert answer.status_code in {400, 409}
    assert not Incident.objects.exists()


def test_a_gift_is_booked_and_public_once_two_have_signed(house: House) -> None:
    address = ask(house.curator, "cede", house.powder, GIFT)
    assert (Booking.objects.get().state, in_store(house.powder)) == ("signed", 1000 * MG)
    desk = client(house.office).get(reverse("samples-desk", args=[house.agency.slug])).content.decode()
    assert address in desk
    assert sign(house.curator, address) == 409  # the same officer twice
    assert sign(house.office, address) == 302
    found = Booking.objects.get()
    assert (found.state, found.signed_by, found.countersigned_by) == ("booked", house.curator, house.office)
    assert (in_store(house.powder), held(house, AccountKind.CEDED)) == (900 * MG, {"Republic of Dust": 100 * MG})
    public = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    history = client(house.curator).get(reverse("sample-history", args=[house.powder.pk])).content.decode()
    for page in (public, history):
        assert "Republic of Dust, 100 mg" in page
    assert whereabouts([house.collection])[0].ceded == [("Republic of Dust", 100 * MG)]  # what the public pages show
    sealed = Entry.objects.get(chain=PUBLIC, verb="cede").body["facts"]
    assert (sealed["mass"], sealed["receiver"], sealed["reason"]) == ("0.1 g", "Republic of Dust", "Treaty 7 of 1971")
    assert not Custody.objects.exists()  # most of it is still here
    require_sound(house)


def test_whoever_receives_all_of_a_piece_answers_for_it_and_a_correction_brings_it_back(house: House) -> None:
    partner = builders.agency()
    given = GIFT | {"mass": "300 mg", "receiver": partner.name.upper()}
    assert sign(house.second, ask(house.curator, "cede", house.clast, given)) == 302
    custody = Custody.objects.get(period__endswith=None)
    assert (custody.custodian, custody.partner, custody.reason) == (partner.name, partner, "Treaty 7 of 1971")
    booked = Booking.objects.get().movement
    assert sign(house.second, correct(house, booked)) == 302
    assert (in_store(house.clast), held(house, AccountKind.CEDED), given_away(house.clast)) == (300 * MG, {}, [])
    assert Custody.objects.get(period__endswith=None).custodian == house.agency.name
    require_sound(house)


def test_what_was_used_up_in_house_takes_one_officer_where_it_is_little(house: House) -> None:
    address = ask(house.curator, "use-up", house.powder, {"mass": "0.4 mg", "reason": "A test of the beam."})
    assert (in_store(house.powder), held(house, AccountKind.CONSUMED)) == (999_600_000, {"T0001": 400_000})
    assert "booked" in client(house.auditor).get(address).content.decode()
    large = ask(house.curator, "use-up", house.powder, {"mass": "50 mg", "reason": "Dissolved."})
    assert in_store(house.powder) == 999_600_000
    assert sign(house.office, large) == 302
    assert in_store(house.powder) == 949_600_000
    require_sound(house)


def test_a_slip_at_the_intake_is_corrected_by_a_pair_that_names_it(house: House) -> None:
    wrong = intake(house, house.clast)
    address = correct(house, wrong, "30 mg")  # ten times too much
    assert in_store(house.clast) == 300 * MG
    assert sign(house.second, address) == 302
    back, right = Movement.objects.get(corrects=wrong), Movement.objects.filter(kind="intake").order_by("-at").first()
    assert (back.kind, back.reason, right.by) == ("correct", "A slip of the pen.", house.curator)
    assert in_store(house.clast) == 30 * MG
    assert stocks([Split.objects.get(pk=house.clast.pk)])[house.clast.pk].original == 30 * MG
    assert [one.mass for one in house.clast.weighings.order_by("written_at")] == [300 * MG, 30 * MG]
    assert held(house, AccountKind.ORIGIN) == {"": -1030 * MG}
    assert held(house, AccountKind.ADJUST) == {}
    page = client(house.curator).get(reverse("sample-correct", args=[house.collection.slug, wrong.pk]))
    assert "taken back already" in page.content.decode()
    require_sound(house)


def test_more_came_in_than_was_booked_and_most_of_it_went_on(house: House) -> None:
    path = reverse("sample-divide", args=[house.clast.pk])
    assert client(house.curator).post(path, parts("299 mg") | command()).status_code == 302
    assert sign(house.second, correct(house, intake(house, house.clast), "3 g")) == 302
    assert in_store(house.clast) == 2701 * MG
    require_sound(house)


def test_a_small_slip_takes_one_officer_and_a_division_is_taken_back_altogether(house: House) -> None:
    correct(house, intake(house, house.powder), "1000.1 mg")
    assert in_store(house.powder) == 1000 * MG + 100_000
    path = reverse("sample-divide", args=[house.clast.pk])
    client(house.curator).post(path, parts("100 mg", "50 mg", loss="1 mg") | command())
    division = Movement.objects.get(kind="split")
    assert sign(house.second, correct(house, division)) == 302
    assert (in_store(house.clast), held(house, AccountKind.PREP_LOSS)) == (300 * MG, {})
    require_sound(house)


def test_what_has_gone_on_cannot_be_taken_back_and_nothing_changes(house: House) -> None:
    path = reverse("sample-divide", args=[house.clast.pk])
    client(house.curator).post(path, parts("299 mg") | command())
    address = correct(house, intake(house, house.clast))
    refused = client(house.second).post(address, command())
    assert refused.status_code == 409
    assert "1 mg free" in refused.content.decode()
    assert (Booking.objects.get().state, in_store(house.clast)) == ("signed", 1 * MG)
    drop = reverse("sample-booking-drop", args=[Booking.objects.get().pk])
    assert client(house.curator).post(drop, command()).status_code == 302
    assert Booking.objects.get().state == "dropped"
    require_sound(house)


def test_steps_of_loans_corrections_and_old_numbers_are_no_matter_of_the_bench(house: House) -> None:
    lending.on_loan(house)
    client(house.curator).post(
        reverse("sample-renumber", args=[house.clast.pk]), {"name": "T9", "reason": "New scheme."} | command()
    )
    correct(house, intake(house, house.powder), "1000.1 mg")
    refused = Movement.objects.filter(book=house.book).exclude(kind__in=["intake"])
    kinds = set()
    for movement in refused:
        if not movement.entries.exclude(amount=0).exists():
            continue
        kinds.add(movement.kind)
        path = reverse("sample-correct", args=[house.collection.slug, movement.pk])
        answer = client(house.curator).post(path, {"reason": "x"} | command())
        assert answer.status_code in {404, 409}, movement.kind
    assert {"receive", "recombine", "correct", "split"} <= kinds
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("who", ["office", "auditor", "borrower", "stranger", "foreign"])
def test_nobody_but_a_curator_of_the_agency_begins(house: House, who: str) -> None:
    foreign = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency()) if who == "foreign" else None
    user = foreign or getattr(house, who)
    for verb in ("missing", "cede", "use-up"):
        ask(user, verb, house.powder, GIFT | {"what": "x"}, status=404)
    correct_path = reverse("sample-correct", args=[house.collection.slug, intake(house, house.powder).pk])
    assert client(user).post(correct_path, {"reason": "x"} | command()).status_code == 404
    with pytest.raises(NotAllowed):
        booking.use_up(house.powder, 1, reason="x", by=user, command=uuid4())
    address = ask(house.curator, "cede", house.powder, GIFT)
    if who != "office":
        assert sign(user, address) == 404
    assert in_store(house.powder) == 1000 * MG


def test_what_was_signed_for_stays_as_it_was(house: House) -> None:
    ask(house.curator, "cede", house.powder, GIFT)
    row = Booking.objects.get()
    changes = [
        {"mass": 1}, {"receiver": "Me"}, {"reason": "x"}, {"signed_by": house.second}, {"state": "booked"},
        {"countersigned_by": house.curator},
    ]  # fmt: skip
    for columns in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Booking.objects.update(**columns)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    with pytest.raises(Refused, match="signed already"):
        booking.countersign(row, by=house.curator, command=uuid4())


def test_custody_that_is_over_cannot_be_rewritten(house: House) -> None:
    first = keeping.take_custody(house.powder, custodian="Vault A", by=house.curator)
    keeping.take_custody(house.powder, custodian="Vault B", by=house.curator)
    first.refresh_from_db()
    now = Custody.objects.get(period__endswith=None)
    changes = [
        lambda: Custody.objects.filter(pk=first.pk).update(custodian="Vault C"),
        lambda: Custody.objects.filter(pk=now.pk).update(custodian="Vault C"),
        lambda: Custody.objects.filter(pk=first.pk).update(period=(first.period.lower, None)),
        lambda: Custody.objects.filter(pk=now.pk).update(period=(first.period.lower, first.period.upper)),
        lambda: Custody.objects.filter(pk=now.pk).delete(),
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_desk_asks_the_same_number_of_questions_for_one_and_three(house: House) -> None:
    counts = []
    for _ in range(2):
        for _more in range(len(counts) + 1):
            booking.cede(house.powder, MG, receiver="X", reason="Y", by=house.curator, command=uuid4())
        desk = reverse("samples-desk", args=[house.agency.slug])
        user = client(house.curator)
        with CaptureQueriesContext(transaction.get_connection()) as caught:
            user.get(desk)
        counts.append(len(caught))
    assert counts[0] == counts[1]
