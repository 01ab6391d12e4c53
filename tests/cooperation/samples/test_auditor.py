"""The auditor's desk: the books on any date, what changed, what was adjusted and written off, and proofs that verify elsewhere."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.http import urlencode
from typer.testing import CliRunner

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cli.record import record
from moonbridge.cooperation.samples.actions import auditing as acts
from moonbridge.cooperation.samples.actions import incidents, missing, returning
from moonbridge.cooperation.samples.queries import auditing
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.errors import NotAllowed
from moonbridge.formats.tables import read
from moonbridge.ledger import log
from moonbridge.ledger.models import Checkpoint, Entry, Movement
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return House()


def client(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


def base(house: House) -> str:
    return f"/samples/audits/{house.collection.slug}"


def verified(path: Path, content: bytes) -> str:
    """What ``moonbridge record verify`` says of a download."""
    path.write_bytes(content)
    told = CliRunner().invoke(record, ["verify", str(path)])
    assert told.exit_code == 0, told.exception
    return told.output


def test_the_books_are_read_as_of_any_instant(house: House) -> None:
    lending.on_loan(house, lending.powder(house, 100))
    between = database_now()
    lending.on_loan(house, lending.powder(house, 50), by=house.other)
    totals = auditing.totals_at(house.book, between)
    assert {kind: amount // MG for kind, amount in totals.items() if amount} == {
        AccountKind.ORIGIN: -1300, AccountKind.STORE: 1200, AccountKind.LOAN: 100,
    }  # fmt: skip
    changed = {str(one.account): one.difference // MG for one in auditing.changes(house.book, between, database_now())}
    assert changed["STORE:T0001"] == -50
    assert sum(changed.values()) == 0
    query = urlencode({"at": between.isoformat()})
    page = client(house.auditor).get(f"{base(house)}/?{query}").content.decode()
    assert "1.2 g" in page
    assert "from the entries alone" in page
    rows = {
        row.cells[0]: row.cells[1]
        for row in read(client(house.auditor).get(f"{base(house)}/balances.csv?{query}").content).rows
    }
    assert rows["STORE:T0001"] == str(900 * MG)
    compared = client(house.auditor).get(f"{base(house)}/?{urlencode({'since': between.isoformat()})}").content.decode()
    assert "STORE:T0001" in compared
    assert client(house.auditor).get(f"{base(house)}/?at=yesterday").status_code == 400
    assert client(house.auditor).get(f"{base(house)}/?at=2026-01-01&since=2026-02-01").status_code == 400


def test_adjustments_show_their_sign_reason_and_both_officers(house: House) -> None:
    for off, reason in ((-1 * MG, "Dust on the lid."), (2 * MG, "It was damp.")):
        loan = lending.weighed_back(house, lending.powder(house, 100), off=off)
        for officer in (house.curator, house.office):
            loan = returning.reconcile(loan, reason=reason, by=officer, command=uuid4())
    found = auditing.adjustments(house.collection, database_now())
    assert [(one.amount // MG, one.movement.reason, one.explained) for one in found] == [
        (2, "It was damp.", True), (-1, "Dust on the lid.", True),
    ]  # fmt: skip
    assert all({one.signed_by, one.second} == {house.curator, house.office} for one in found)
    page = client(house.auditor).get(f"{base(house)}/").content.decode()
    assert "−1 mg" in page
    assert "unexplained" not in page


def test_an_adjustment_without_a_reason_is_told_as_unexplained(house: House) -> None:
    """As an import may bring one; the actions of this stage refuse it."""
    from moonbridge.engines.ledger.accounts import AccountName
    from moonbridge.engines.ledger.movements import MovementKind
    from moonbridge.ledger.movements import Posting, post

    legs = {AccountName(AccountKind.STORE, "T0001"): -MG, AccountName(AccountKind.ADJUST, "old book"): MG}
    post(Posting(uuid4(), MovementKind.ADJUST, house.book, legs))
    (found,) = auditing.adjustments(house.collection, database_now())
    assert (found.amount, found.explained) == (-MG, False)
    assert "unexplained" in client(house.auditor).get(f"{base(house)}/").content.decode()
    row = read(client(house.auditor).get(f"{base(house)}/adjustments.csv").content).rows[0].cells
    assert row[2:5] == ("old book", str(-MG), "")


def test_write_offs_show_both_officers_and_the_note(house: House) -> None:
    loan = lending.on_loan(house)
    lost = incidents.report_missing(lending.first(loan), MG, what="The vial broke.", by=house.borrower, command=uuid4())
    missing.investigate(lost, by=house.curator, command=uuid4())
    visitor = client(house.curator)
    visitor.post(f"/samples/incidents/{lost.pk}/write-off/", {"public_note": "1 mg was lost.", "command": str(uuid4())})
    client(house.office).post(f"/samples/incidents/{lost.pk}/write-off/", {"command": str(uuid4())})
    page = client(house.auditor).get(f"{base(house)}/").content.decode()
    assert "1 mg was lost." in page
    row = read(client(house.auditor).get(f"{base(house)}/write-offs.csv").content).rows[0].cells
    assert row[3] == str(MG)
    assert {row[6], row[7]} == {str(house.curator), str(house.office)}


def test_what_is_downloaded_verifies_without_a_database(house: House, tmp_path: Path) -> None:
    log.append_new(house.book)
    first = log.latest(house.book)
    lending.on_loan(house)
    log.append_new(house.book)
    last, auditor = log.latest(house.book), client(house.auditor)
    movement = Movement.objects.filter(book=house.book).earliest("at")
    proof = auditor.get(f"{base(house)}/movements/{movement.pk}/proof.json").content
    assert f"the movement {movement.pk} is in the log of {last.size} movements" in verified(tmp_path / "p.json", proof)
    since = auditor.get(f"{base(house)}/movements/{movement.pk}/proof.json?since={first.size}").content
    assert f"begins with the log of {first.size}" in verified(tmp_path / "s.json", since)
    between = auditor.get(f"{base(house)}/checkpoints/{last.size}.json?since={first.size}").content
    assert f"begins with the log of {first.size}" in verified(tmp_path / "b.json", between)
    alone = auditor.get(f"{base(house)}/checkpoints/{first.size}.json").content
    assert f"in the log of {first.size} movements" in verified(tmp_path / "c.json", alone)
    whole = b"".join(auditor.get(f"{base(house)}/log.jsonl").streaming_content)
    assert f"{last.size} movements under 2 checkpoints" in verified(tmp_path / "w.jsonl", whole)
    altered = json.loads(between) | {"earlier": json.loads(between)["checkpoint"]}
    (tmp_path / "x.json").write_text(json.dumps(altered))
    assert CliRunner().invoke(record, ["verify", str(tmp_path / "x.json")]).exit_code != 0
    assert auditor.get(f"{base(house)}/checkpoints/{first.size}.json?since={last.size}").status_code == 400
    assert Checkpoint.objects.count() == 2


def test_an_audit_is_sealed_and_shown(house: House) -> None:
    lending.on_loan(house)
    auditor = client(house.auditor)
    assert auditor.post(f"{base(house)}/run/", {"command": str(uuid4())}).status_code == 302
    (told,) = auditing.audits(house.collection)
    assert told.actor == house.auditor
    assert told.body["facts"]["differences"] == 0
    assert told.body["facts"]["counted"]["entries"] == Entry.objects.count()
    assert "as promised" in auditor.get(f"{base(house)}/").content.decode()


def test_a_large_book_is_audited_by_a_job(house: House, monkeypatch) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from moonbridge.cooperation.samples import tasks

    monkeypatch.setattr(acts, "AT_ONCE", 3)
    command = uuid4()
    assert acts.ask(house.collection, by=house.auditor, command=command) is False
    assert acts.ask(house.collection, by=house.auditor, command=command) is False
    job = ProcrastinateJob.objects.get(task_name=acts.TASK)
    assert not auditing.audits(house.collection)
    tasks.audit(**job.args)
    assert auditing.audits(house.collection).count() == 1


def test_who_may_audit(house: House) -> None:
    paths = ("/", "/movements/", "/balances.csv", "/log.jsonl")
    rival = builders.role(RoleKind.AUDITOR, Scope.AGENCY, builders.agency())
    for visitor in (house.borrower, house.reviewer, house.stranger, rival):
        assert {client(visitor).get(base(house) + path).status_code for path in paths} == {404}
        assert client(visitor).post(f"{base(house)}/run/", {"command": str(uuid4())}).status_code == 404
        with pytest.raises(NotAllowed):
            acts.ask(house.collection, by=visitor, command=uuid4())
    for visitor in (house.auditor, house.curator, house.office):
        assert {client(visitor).get(base(house) + path).status_code for path in paths} == {200}
    assert Client().get(f"{base(house)}/").status_code == 302


def test_the_movements_are_found_by_piece_and_kind(house: House) -> None:
    loan = lending.on_loan(house)
    auditor = client(house.auditor)
    page = auditor.get(f"{base(house)}/movements/?{urlencode({'account': loan.lines.get().label})}").content.decode()
    assert page.count('/proof.json"') == 2  # posted to its carrier, received
    assert auditor.get(f"{base(house)}/movements/?kind=intake").content.decode().count('/proof.json"') == 2
    assert "No movement to show" in auditor.get(f"{base(house)}/movements/?account=nothing&page=7").content.decode()
