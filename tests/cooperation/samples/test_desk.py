"""The curator's desk: everything that is due, late, low, on its way, missing or waiting, and where the mass is."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import changing, incidents
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Collection, Loan
from moonbridge.cooperation.samples.queries import desk
from moonbridge.cooperation.samples.queries.desk import Desk, What
from moonbridge.cooperation.samples.queries.whereabouts import whereabouts
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.formats.tables import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def client(user=None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user)
    return made


def on_desk(house: House, *, later: int = 0, **asked: str) -> list[tuple[What, str]]:
    found = Desk(house.agency, today() + timedelta(days=later), house.curator).matters(**asked)
    return [(one.what, one.name) for one in found]


def test_every_kind_of_matter_lies_on_the_desk_and_the_pressing_ones_on_top(house: House) -> None:
    underway, back, waiting = lending.prepared(house), lending.sent_back(house), lending.granted(house)
    running, closing = lending.on_loan(house), lending.weighed_back(house)
    asked = lending.asked(house, lending.powder(house), by=house.other)
    lending.preparing.dispatch(underway, carrier="By hand", by=house.curator, command=uuid4())
    lost = incidents.report_missing(lending.first(running), MG, what="Spilt.", by=house.borrower, command=uuid4())
    found = on_desk(house)
    assert (What.REQUEST, asked.code) in found
    assert (What.LAPSING, waiting.code) in found
    assert {name for what, name in found if what == What.UNDERWAY} == {underway.code, back.code}
    assert (What.RETURNED, closing.code) in found
    assert (What.INCIDENT, lost.split.name) in found
    assert (What.DUE, running.code) not in found, "due in a year: only who asks for it is told"
    assert (What.DUE, running.code) in on_desk(house, what="due")
    assert (What.DUE, running.code) in on_desk(house, later=300)
    assert not [one for one in found if one[0] == What.OVERDUE]
    late = on_desk(house, later=400)
    assert late[0][0] == What.OVERDUE
    assert (What.OVERDUE, running.code) in late


def test_a_question_of_a_borrower_lies_there_until_it_is_answered(house: House) -> None:
    loan = lending.on_loan(house)
    extension = changing.ask_extension(
        loan, loan.ends_on + timedelta(days=20), reason="Slow.", by=house.borrower, command=uuid4()
    )
    assert on_desk(house, what="question") == [(What.QUESTION, loan.code)]
    changing.decide_extension(extension, granted=True, answer="", by=house.office, command=uuid4())
    assert on_desk(house, what="question") == []


def test_low_is_what_has_only_its_reserve_left(house: House) -> None:
    """CNSA's pack assumes a floor of 200 permille: of 1000 mg, 200 stay; what is lent whole has no floor."""
    assert on_desk(house, what="low") == []
    lending.granted(house, lending.powder(house, 799))
    assert on_desk(house, what="low") == []
    lending.granted(house, lending.powder(house, 1))
    assert on_desk(house, what="low") == [(What.LOW, "T0001")]


def test_the_desk_is_filtered_and_handed_out_as_it_is_shown(house: House) -> None:
    loan = lending.on_loan(house)
    lending.asked(house, lending.powder(house), by=house.other)
    curator, base = client(house.curator), f"/samples/desk/{house.agency.slug}"
    assert "University of Dust" in curator.get(f"{base}/").content.decode()
    assert "University of Dust" not in curator.get(f"{base}/?q=institute of").content.decode()
    for ending in ("csv", "xlsx"):
        table = read(curator.get(f"{base}/matters.{ending}?what=due&q=INSTITUTE of").content)
        assert {row.cells[1] for row in table.rows} == {loan.code}
        where = {row.cells[1:5] for row in read(curator.get(f"{base}/where.{ending}").content).rows}
        assert where == {
            ("store", "", "", "1280"), ("loan", "", "", "20"), ("borrower", "Institute of Basalt", "FR", "20"),
        }  # fmt: skip


@pytest.mark.parametrize("who", ["borrower", "other", "reviewer", "stranger", "auditor", None])
def test_nobody_else_sees_the_desk(house: House, who: str | None) -> None:
    lending.on_loan(house)
    visitor = client(getattr(house, who) if who else None)
    for path in ("/", "/matters.csv", "/where.csv"):
        assert visitor.get(f"/samples/desk/{house.agency.slug}{path}").status_code == (404 if who else 302)


def test_the_curator_of_another_agency_sees_nothing_of_it(house: House) -> None:
    rival = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency())
    assert client(rival).get(f"/samples/desk/{house.agency.slug}/").status_code == 404
    assert client(house.office).get(f"/samples/desk/{house.agency.slug}/").status_code == 200


def queries_of(user, path: str) -> int:
    visitor = client(user)
    assert visitor.get(path).status_code == 200
    with CaptureQueriesContext(connection) as counted:
        visitor.get(path)
    return len(counted)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_asks_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows):
        loan = lending.on_loan(house, lending.powder(house, 5 + number))
        incidents.report_missing(lending.first(loan), MG, what="Spilt.", by=house.borrower, command=uuid4())
        lending.asked(house, lending.powder(house, 5))
        lending.granted(house, lending.powder(house, 5))
    assert queries_of(house.curator, f"/samples/desk/{house.agency.slug}/") == 21
    assert queries_of(house.curator, "/samples/audits/") == 7


def test_where_the_mass_is_adds_up_whatever_happened(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 100))
    incidents.report_missing(lending.first(loan), 3 * MG, what="Spilt.", by=house.borrower, command=uuid4())
    lending.on_loan(house, lending.powder(house, 50), by=house.other)
    (found,) = whereabouts(Collection.objects.select_related("book", "mission"))
    assert found.adds_up
    assert found.returned == 1300 * MG
    assert {kind: amount // MG for kind, _words, amount in found.rows} == {
        AccountKind.STORE: 1150, AccountKind.LOAN: 147, AccountKind.LOST: 3,
    }  # fmt: skip
    assert [(one.institution, one.amount // MG, one.loans) for one in found.lent] == [
        ("Institute of Basalt", 97, 1), ("University of Dust", 50, 1),
    ]  # fmt: skip
    assert found.unnamed == 0


def test_links_lead_to_the_desk(house: House) -> None:
    assert f'href="/samples/desk/{house.agency.slug}/"' in client(house.curator).get("/desk/").content.decode()
    assert 'href="/samples/audits/"' in client(house.auditor).get("/desk/").content.decode()
    assert "/samples/desk/" not in client(house.borrower).get("/desk/").content.decode()
    assert Loan.objects.count() == 0


def test_all_low_pieces_are_listed_a_page_after_the_other_and_the_desk_says_so(house: House, monkeypatch) -> None:
    monkeypatch.setattr(desk, "MOST_LOW", 2)
    for number in range(5):
        lending.granted(house, asking.Line(house.piece(f"L{number}", 10 * MG, material="soil").pk, 8 * MG))
    curator = client(house.curator)
    address = reverse("samples-desk", args=[house.agency.slug])
    assert "More pieces are low than this list names." in curator.get(address).content.decode()
    assert [what for what, _name in on_desk(house, what="low")] == [What.LOW] * 2
    found, path = [], reverse("samples-low", args=[house.agency.slug])
    while path:
        page = curator.get(path).content.decode()
        found += re.findall(r">(L\d)</a>", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = reverse("samples-low", args=[house.agency.slug]) + following[1] if following else ""
    assert found == [f"L{number}" for number in range(5)]
    table = read(curator.get(reverse("samples-low-export", args=[house.agency.slug, "csv"])).content)
    assert [row.cells[0] for row in table.rows] == found
    assert curator.get(address + "low/?after=x").status_code == 200
    for person in (house.borrower, house.auditor, House().curator):
        assert client(person).get(reverse("samples-low", args=[house.agency.slug])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_low_pieces_asks_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows):
        lending.granted(house, asking.Line(house.piece(f"L{number}", 10 * MG, material="soil").pk, 8 * MG))
    with CaptureQueriesContext(connection) as counted:
        assert len(desk.low(house.agency)[0]) == rows
    assert len(counted) <= 3
