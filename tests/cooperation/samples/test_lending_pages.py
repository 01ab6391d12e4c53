"""The pages of lending, by each of their visitors: what they show, what they do, what they hide, and how often they ask the database."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.actions import incidents, missing, preparing
from moonbridge.cooperation.samples.models import Allocation, Incident, Loan, Request
from moonbridge.cooperation.samples.states.lending import LoanState
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


def command() -> dict[str, str]:
    return {"command": str(uuid4())}


def queries_of(user, path: str) -> int:
    visitor = client(user)
    assert visitor.get(path).status_code == 200
    with CaptureQueriesContext(connection) as counted:
        visitor.get(path)
    return len(counted)


def test_everybody_browses_the_catalogue_and_takes_it_as_a_file(house: House) -> None:
    loan = lending.on_loan(house)
    page = client().get("/samples/catalogue/").content.decode()
    assert "T0001</a>" in page
    assert "780 mg" in page
    assert lending.first(loan).lent.name not in page
    assert loan.code not in page
    for ending in ("csv", "xlsx"):
        table = read(client().get(f"/samples/catalogue.{ending}").content)
        rows = {row.cells[1]: row.cells[4:8] for row in table.rows}
        assert rows == {"T0001": ("1000", "980", "780", "20"), "T0002": ("300", "300", "300", "0")}
    only = client().get("/samples/catalogue/?q=t0002&free=on&kind=sample&page=1").content.decode()
    assert "T0002</a>" in only
    assert "T0001</a>" not in only


def test_a_piece_says_what_was_published_and_gives_its_metadata(house: House) -> None:
    loan = lending.on_loan(house)
    said = {"duty": "publications", "reference": "doi:10.1234/basalt"} | command()
    client(house.borrower).post(f"/samples/loans/{loan.code}/duty/", said)
    page = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert "doi:10.1234/basalt" in page
    assert house.borrower.name not in page
    record = client().get(reverse("sample-metadata", args=[house.powder.pk])).json()
    assert record["types"] == {"resourceTypeGeneral": "PhysicalObject", "resourceType": "sample"}
    assert record["alternateIdentifiers"][0]["alternateIdentifier"] == "T0001"
    assert client().get(reverse("sample", args=[lending.first(loan).lent.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows):
        lending.on_loan(house, lending.powder(house, 5 + number))
        lending.asked(house, lending.powder(house, 5))
        house.piece(f"U{number}", 100 * MG, material="soil")
    assert queries_of(None, "/samples/catalogue/") <= 11
    assert queries_of(house.borrower, "/samples/loans/") <= 12
    assert queries_of(house.curator, "/samples/loans/") <= 12
    assert queries_of(house.curator, "/samples/requests/") <= 10
    assert queries_of(house.curator, f"/samples/allocation/{house.agency.slug}/") <= 8
    assert queries_of(house.curator, f"/samples/returns/{house.agency.slug}/") <= 6


def test_a_request_is_written_saved_by_itself_judged_and_granted(house: House) -> None:
    applicant = client(house.borrower)
    begun = applicant.post("/samples/requests/new/", {"split": str(house.powder.pk)} | command())
    made = Request.objects.get()
    assert begun.headers["Location"].endswith(f"/samples/requests/{made.pk}/edit/")
    base = f"/samples/requests/{made.pk}"
    key = str(house.powder.pk)
    texts = {name: text for name, text in lending.TEXTS.items() if isinstance(text, str)} | {"destructive": "on"}
    typed = texts | {f"{key}-mass": "a lot", f"{key}-then": "remainder", "version": "1"}
    saved = applicant.post(f"{base}/autosave/", typed | command())
    assert saved.json()["version"] == 2
    assert "a lot" in applicant.get(f"{base}/edit/").content.decode()
    fit = applicant.post(f"{base}/fits/", typed | {f"{key}-mass": "801 mg"}).content.decode()
    assert "801 mg asked, 800 mg available" in fit
    stale = applicant.post(f"{base}/autosave/", typed | {"title": "Other"} | command())
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    applicant.post(f"{base}/edit/", typed | {f"{key}-mass": "20 mg", "version": "2"} | command())
    applicant.post(f"{base}/submit/", {"version": "3"} | command())
    made.refresh_from_db()
    assert made.state == "submitted"
    assert client(house.other).get(f"{base}/").status_code == 404
    client(house.reviewer).post(f"{base}/assess/", {"mark": "9", "comment": "Good."} | command())
    assert "Good." in client(house.curator).get(f"{base}/").content.decode()
    assert "Good." not in applicant.get(f"{base}/").content.decode()
    client(house.curator).post(f"/samples/allocation/{house.agency.slug}/", command())
    assert Allocation.objects.get().result["choices"] == {made.code: "full"}
    assert "as asked" in client(house.curator).get(f"/samples/allocation/{house.agency.slug}/").content.decode()
    client(house.office).post(f"{base}/grant/", command())
    assert Loan.objects.get().state == LoanState.APPROVED


def test_nothing_of_a_piece_is_no_amount_and_no_fault(house: House) -> None:
    made = lending.begun(house, by=house.borrower)
    typed = {f"{house.powder.pk}-mass": "0 mg", "version": "1", "title": "Saved"}
    answer = client(house.borrower).post(f"/samples/requests/{made.pk}/autosave/", typed | command())
    assert (answer.status_code, made.lines.get().mass_ng) == (200, None)


def test_a_piece_is_added_by_name_and_taken_off_again(house: House) -> None:
    applicant = client(house.borrower)
    applicant.post("/samples/requests/new/", {"agency": house.agency.slug} | command())
    made = Request.objects.get()
    applicant.post(f"/samples/requests/{made.pk}/add/", {"name": "T0002"} | command())
    assert [line.split.name for line in made.lines.all()] == ["T0002"]
    assert applicant.post(f"/samples/requests/{made.pk}/add/", {"name": "nothing"} | command()).status_code == 400
    off = {"version": "2", "purpose": "research", f"{house.clast.pk}-remove": "on"}
    applicant.post(f"/samples/requests/{made.pk}/edit/", off | command())
    assert not made.lines.exists()


def test_a_loan_is_led_through_its_pages_to_its_end(house: House) -> None:
    loan = lending.granted(house)
    here = f"/samples/loans/{loan.code}"
    curator, second, borrower = client(house.curator), client(house.second), client(house.borrower)

    def take(who: Client, verb: str, **given: str) -> int:
        return who.post(f"{here}/steps/{verb}/", given | command()).status_code

    assert take(borrower, "send-agreement") == 404
    assert take(curator, "send-agreement") == 302
    assert "Sign the agreement" in borrower.get(f"{here}/").content.decode()
    assert take(borrower, "sign") == 302
    assert take(curator, "certify", number="C-77") == 302
    line = lending.first(loan)
    weights = {f"mass-{line.pk}": "20.002 mg", f"sigma-{line.pk}": "10 ug", "balance": "XP26"}
    assert borrower.get(f"{here}/weigh/").status_code == 404
    assert curator.post(f"{here}/weigh/", weights | command()).status_code == 302
    assert take(curator, "prepare") == 404
    assert take(second, "prepare") == 302
    assert take(curator, "dispatch", carrier="By hand") == 302
    assert borrower.post(f"{here}/weigh/", weights | command()).status_code == 302
    inventory = borrower.get(f"{here}/inventory/").content.decode()
    assert len(re.findall('type="radio"', inventory)) == 3
    counted = {f"condition-{line.pk}": "good", f"place-{line.pk}": "Safe"}
    assert borrower.post(f"{here}/inventory/", counted | command()).status_code == 302
    report = {"kind": "consumed", "mass": "4 mg", "what": "Dissolved.", "video_sha256": "e" * 64}
    assert borrower.post(f"{here}/lines/1/report/", report | command()).status_code == 302
    assert borrower.post(f"{here}/lines/1/report/", report | {"mass": "much"} | command()).status_code == 400
    assert borrower.post(f"{here}/back/", {"lines": [str(line.pk)]} | command()).status_code == 302
    table = f"piece,mass,sigma\n{line.label},16.001 mg,10 ug\n"
    taken = curator.post(f"/samples/returns/{house.agency.slug}/", {"pasted": table} | command())
    assert taken.headers["Location"].endswith(f"{here}/")
    assert "explained by the balances" in curator.get(f"{here}/").content.decode()
    assert take(curator, "reconcile", reason="") == 302
    for duty in ("report", "data", "publications"):
        assert borrower.post(f"{here}/duty/", {"duty": duty, "reference": "doi:1"} | command()).status_code == 302
    assert take(curator, "close") == 302
    loan.refresh_from_db()
    assert loan.state == LoanState.CLOSED


@pytest.mark.parametrize("who", ["stranger", "other", "reviewer", None])
def test_a_loan_is_hidden_from_whom_it_does_not_concern(house: House, who: str | None) -> None:
    loan = lending.on_loan(house)
    visitor = client(getattr(house, who) if who else None)
    here, before = f"/samples/loans/{loan.code}", (loan.state, loan.ends_on)
    for path in ("/", "/inventory/", "/weigh/", "/lines/1/"):
        assert visitor.get(here + path).status_code == (404 if who else 302)
    for path in (
        "/steps/end-early/", "/back/", "/duty/", "/lines/1/report/", "/lines/1/missing/", "/lines/1/transfer/", "/inventory/",
    ):  # fmt: skip
        answer = visitor.post(here + path, {"reason": "x", "what": "x", "mass": "1 mg"} | command())
        assert answer.status_code == (404 if who else 302)
    loan.refresh_from_db()
    assert (loan.state, loan.ends_on) == before
    assert not Incident.objects.exists()


def test_the_auditor_reads_and_changes_nothing(house: House) -> None:
    loan = lending.on_loan(house)
    auditor = client(house.auditor)
    assert auditor.get(f"/samples/loans/{loan.code}/").status_code == 200
    assert "<form" not in auditor.get(f"/samples/loans/{loan.code}/").content.decode().split("Dates")[1]
    assert auditor.post(f"/samples/loans/{loan.code}/steps/end-early/", command()).status_code == 404
    assert auditor.post(f"/samples/loans/{loan.code}/back/", command()).status_code == 404


def test_returns_with_a_fault_take_nothing_and_say_where(house: House) -> None:
    loan = lending.sent_back(house)
    table = "样品;质量;不确定度\nT0001,1;20 mg;10 ug\nT0001,1;20 mg;10 ug\nL-00000/1;5;\n"
    answer = client(house.curator).post(f"/samples/returns/{house.agency.slug}/", {"pasted": table} | command())
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "stands here twice" in page
    assert "This is no mass" in page
    unknown = client(house.curator).post(
        f"/samples/returns/{house.agency.slug}/", {"pasted": "piece,mass,sigma\nL-0/1,5 mg,1 ug"} | command()
    )
    assert "Nothing of this name is on its way back" in unknown.content.decode()
    loan.refresh_from_db()
    assert loan.state == LoanState.RETURNING


def test_an_incident_is_written_off_in_two_names(house: House) -> None:
    loan = lending.on_loan(house)
    lost = incidents.report_missing(lending.first(loan), MG, what="The vial broke.", by=house.borrower, command=uuid4())
    here = f"/samples/incidents/{lost.pk}/"
    assert client(house.borrower).get(here).status_code == 200
    assert client(house.other).get(here).status_code == 404
    assert client(house.borrower).post(f"{here}investigate/", command()).status_code == 404
    missing.investigate(lost, by=house.curator, command=uuid4())
    client(house.curator).post(f"{here}write-off/", {"public_note": "1 mg was lost."} | command())
    assert "Countersign" not in client(house.curator).get(here).content.decode()
    client(house.office).post(f"{here}write-off/", command())
    lost.refresh_from_db()
    assert lost.state == "written-off"
    told = client().get("/samples/catalogue/").content.decode()
    assert "1 mg was lost." in told
    assert "The vial broke." not in told


def test_extensions_and_transfers_pass_through_their_pages(house: House) -> None:
    loan = lending.on_loan(house)
    here, borrower, office = f"/samples/loans/{loan.code}", client(house.borrower), client(house.office)
    later = loan.ends_on.replace(day=28).isoformat()
    ask = {"until": loan.ends_on.replace(year=loan.ends_on.year + 1).isoformat(), "reason": "x"}
    assert borrower.post(f"{here}/steps/ask-extension/", ask | command()).status_code == 400
    ask["until"] = later if later > loan.ends_on.isoformat() else f"{loan.ends_on.year + 1}-01-15"
    assert borrower.post(f"{here}/steps/ask-extension/", ask | command()).status_code == 302
    extension = loan.extensions.get()
    office.post(f"{here}/extensions/{extension.pk}/", {"granted": "no", "answer": "Needed."} | command())
    extension.refresh_from_db()
    assert extension.granted is False
    house.other.email = "receiver@example.org"
    house.other.save()
    passing = {"email": "receiver@example.org", "institution": "University of Dust", "reason": "Moved."}
    assert borrower.post(f"{here}/lines/1/transfer/", passing | command()).status_code == 302
    assert client(house.other).get("/samples/loans/").content.decode().count("I take it over") == 1
    transfer = lending.first(loan).transfers.get()
    answer = f"/samples/transfers/{transfer.pk}/"
    assert client(house.stranger).post(answer, {"answer": "accept"} | command()).status_code == 404
    assert client(house.other).post(answer, {"answer": "accept"} | command()).status_code == 302
    twice = {"answer": "approve"} | command()
    assert [office.post(answer, twice).status_code for _ in range(2)] == [302, 302]
    assert Loan.objects.get(borrower=house.other).state == LoanState.ACTIVE


def test_a_borrower_opens_what_an_officer_reported_missing_of_the_loan(house: House) -> None:
    loan, other = lending.on_loan(house), lending.on_loan(house, by=house.other)
    line = lending.first(loan)
    lost = incidents.report_missing(line, MG, what="The box was open.", by=house.curator, command=uuid4())
    page = client(house.borrower).get(f"/samples/loans/{loan.code}/").content.decode()
    (address,) = re.findall(r'href="(/samples/incidents/[^"]+)"', page)
    assert "The box was open." in client(house.borrower).get(address).content.decode()
    assert [client(user).get(address).status_code for user in (other.borrower, house.stranger)] == [404, 404]
    assert client(house.borrower).post(f"{address}find/", command()).status_code == 404
    lost.refresh_from_db()
    assert lost.state == "open"


def test_nobody_divides_more_than_there_is(house: House) -> None:
    loan = lending.on_loan(house)
    path = f"/samples/loans/{loan.code}/lines/1/sub-split/"
    for parts in ("21 mg", "9e9 g\n9e9 g"):
        answer = client(house.borrower).post(path, {"parts": parts, "what": "Cut."} | command())
        assert (answer.status_code, "has less than that" in answer.content.decode()) == (409, True)
    assert loan.lines.count() == 1


def test_other_weights_are_accepted_on_the_page(house: House) -> None:
    loan = lending.prepared(house)
    preparing.dispatch(loan, carrier="By hand", by=house.curator, command=uuid4())
    preparing.receive(loan, lending.weights(loan, -MG), by=house.borrower, command=uuid4())
    assert "Accept the other weights" in client(house.curator).get(f"/samples/loans/{loan.code}/").content.decode()
