"""`moonbridge record` and `moonbridge people`, as somebody at a terminal uses them."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

import builders
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import holds
from moonbridge.cli import people, record
from moonbridge.engines.ledger import seal
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, TamperedError
from moonbridge.formats import receipts
from moonbridge.ledger import log
from moonbridge.ledger import queries as ledger
from moonbridge.ledger.movements import Posting, post
from moonbridge.record import actions, queries
from moonbridge.site import preparation


def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    code = "import sys; from moonbridge.cli import main; sys.argv[0] = 'moonbridge'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
def test_an_exported_record_verifies_in_a_process_without_django(tmp_path: Path) -> None:
    actions.append("publish", "opportunity/a", {}, agency="cnsa", by=None, public=True)
    file = tmp_path / "record.jsonl"
    file.write_text("".join(queries.exported("public")), encoding="utf-8")
    done = run("record", "verify", str(file), "--key", queries.signer().public_key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("public: 1 entry, whole and unchanged")
    assert run("record", "verify", "-", text=file.read_text(encoding="utf-8")).returncode == 0


@pytest.mark.django_db
def test_an_altered_record_is_refused_in_one_sentence(tmp_path: Path) -> None:
    actions.append("publish", "opportunity/a", {}, agency="cnsa", by=None, public=True)
    altered = "".join(queries.exported("public")).replace("opportunity/a", "opportunity/b")
    done = run("record", "verify", "-", text=altered)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "moonbridge: Entry 1 of the record was changed after it was sealed.\n"


def test_a_receipt_says_what_it_proves_and_an_altered_one_is_refused() -> None:
    signer = seal.Signer(base64.b64encode(bytes(32)).decode())
    receipt = receipts.make("opportunity/a/proposal/P-1", 2, {"title": "A"}, signer, received_at="2026-11-21T10:00:00Z")
    done = run("record", "verify-receipt", "-", "--key", signer.public_key, text=json.dumps(receipt))
    assert done.stdout.startswith(
        "opportunity/a/proposal/P-1: submission 2 was received at 2026-11-21T10:00:00Z; its digest is "
    )
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    altered = run("record", "verify-receipt", "-", text=json.dumps(receipt | {"content": {"title": "B"}}))
    assert (altered.returncode, altered.stderr) == (
        1,
        "moonbridge: The content of the receipt is not what was received.\n",
    )
    assert run("record", "verify-receipt", "-", text="hello").returncode == 2


def test_a_missing_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = run("record", "verify", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "none.jsonl" in done.stderr


@pytest.mark.django_db
def test_the_operator_names_the_first_officer(capsys: pytest.CaptureFixture[str]) -> None:
    agency, user = builders.agency(slug="agency-of-tests"), builders.person()
    people.grant(user.email.upper(), "office", "agency-of-tests")
    assert holds(user, RoleKind.OFFICE, Scope.AGENCY, agency.pk)
    assert user.email in capsys.readouterr().out
    with pytest.raises(InputError, match="nobody has signed up"):
        people.grant("nobody@example.org", "office", "agency-of-tests")
    with pytest.raises(InputError, match="agency-of-tests"):
        people.grant(user.email, "office", "unknown")
    with pytest.raises(InputError, match="office, curator or auditor"):
        people.grant(user.email, "chair", "agency-of-tests")


@pytest.mark.django_db
def test_a_partner_checks_a_log_and_signs_it_and_the_signature_goes_out_with_the_next_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = ledger.book("samples/cosigned", name="Soil", quantity="sample mass")
    legs = {AccountName(AccountKind.ORIGIN): -5, AccountName(AccountKind.STORE, "a"): 5}
    post(Posting(uuid4(), MovementKind.INTAKE, book, legs))
    log.append_new(book)
    file, seed, answer = tmp_path / "log.jsonl", tmp_path / "seed", tmp_path / "answer.json"
    file.write_text("".join(log.exported(book)), encoding="utf-8")
    partner = seal.Signer(base64.b64encode(bytes(range(32))).decode())
    seed.write_text(base64.b64encode(bytes(range(32))).decode())
    trusted = ("--key", queries.signer().public_key)
    done = run("record", "cosign", str(file), "--name", "ESA", "--seed", str(seed), *trusted)
    assert (done.returncode, done.stderr) == (0, "")
    answer.write_text(done.stdout, encoding="utf-8")
    monkeypatch.setattr(preparation, "set_up_django", lambda: None)
    with pytest.raises(InputError, match="not with the key that you trust"):
        record.attach(str(answer), queries.signer().public_key)
    record.attach(str(answer), partner.public_key)
    assert "ESA stands under the checkpoint" in capsys.readouterr().out
    file.write_text("".join(log.exported(book)), encoding="utf-8")
    assert "co-signed by ESA" in run("record", "verify", str(file), *trusted).stdout
    forged = json.loads(done.stdout) | {"name": "NASA"}
    answer.write_text(json.dumps(forged), encoding="utf-8")
    with pytest.raises(TamperedError):
        record.attach(str(answer), partner.public_key)
    altered = file.read_text(encoding="utf-8").replace('"5"', '"6"')
    refused = run("record", "cosign", "-", "--name", "ESA", "--seed", str(seed), *trusted, text=altered)
    assert (refused.returncode, refused.stdout) == (1, "")
