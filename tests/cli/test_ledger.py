"""`moonbridge ledger`, as somebody at a terminal uses it."""

import uuid
from pathlib import Path

import pytest
from django.db import connection

import builders
from moonbridge.cli import ledger
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, TamperedError
from moonbridge.ledger import queries
from moonbridge.ledger.movements import Posting, post

LIST = """sample_num,mission,weight,pristiny,material,taxonimy,description
1,Apollo 11,2.5,100.2,ROCK,,a rock
2,Apollo 11,0.0,50,SOIL,,
3,Apollo 11,1.5,40,SOIL,,
"""


@pytest.mark.django_db
def test_a_list_comes_in_and_its_faults_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builders.agency(slug="houston")
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    ledger.import_list("houston", file, prefix="test")
    assert capsys.readouterr().out.splitlines() == [
        "3 samples, 4 g, 4 new movements",
        "  row 2: 1 is stated as 100.2 % remaining of 2.5 g: 5 mg to ADJUST",
        "  1 rows state no mass: 3 (2)",
    ]
    ledger.import_list("houston", file, prefix="test")
    assert capsys.readouterr().out.startswith("3 samples, 4 g, 0 new movements")
    ledger.import_list("houston", None, synthetic=25)
    assert "25 synthetic splits" in capsys.readouterr().out
    ledger.audit()
    assert capsys.readouterr().out.count("as promised") == 2
    with pytest.raises(InputError, match="no agency"):
        ledger.import_list("nobody", file)
    with pytest.raises(InputError, match="name a file"):
        ledger.import_list("houston", None)
    with pytest.raises(InputError, match="no book"):
        ledger.audit("nothing")


@pytest.mark.django_db
def test_an_audit_tells_every_difference(capsys: pytest.CaptureFixture[str]) -> None:
    book = queries.book("samples/x", name="X", quantity="sample mass")
    legs = {AccountName(AccountKind.ORIGIN): -5, AccountName(AccountKind.STORE, "1"): 5}
    post(Posting(uuid.uuid4(), MovementKind.INTAKE, book, legs))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_account DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_account SET balance = 6 WHERE kind = 'store'")
    with pytest.raises(TamperedError, match="in 1 places"):
        ledger.audit("samples/x")
    assert "STORE:1 holds 6 (0 set aside, version 1); its entries say 5 (0, 1)" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_account SET balance = 5 WHERE kind = 'store'")
        cursor.execute("GRANT UPDATE ON ledger_entry TO CURRENT_USER")
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET amount = 6, balance = 6 WHERE amount = 5")
    with pytest.raises(TamperedError):
        ledger.audit("samples/x")
    told = capsys.readouterr().out
    assert "add up to zero" in told
    assert "the book adds up to zero: all accounts 1" in told


@pytest.mark.django_db
def test_the_log_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    book = queries.book("samples/x", name="X", quantity="sample mass")
    legs = {AccountName(AccountKind.ORIGIN): -5, AccountName(AccountKind.STORE, "1"): 5}
    post(Posting(uuid.uuid4(), MovementKind.INTAKE, book, legs))
    ledger.log("samples/x")
    assert len(capsys.readouterr().out.splitlines()) == 3
    with pytest.raises(InputError, match="no book"):
        ledger.log("nothing")
