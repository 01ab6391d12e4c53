"""The Merkle log: movements become leaves under signed checkpoints, and files that verify with no database."""

import base64
import json
import subprocess
import sys
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

import builders
from moonbridge.engines.ledger import checkpoints, merkle, seal
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, ReadOnly, TamperedError, WrongState
from moonbridge.formats import ledger as files
from moonbridge.ledger import log, queries, tasks
from moonbridge.ledger.models import Checkpoint, Leaf, Movement
from moonbridge.ledger.movements import Posting, post

pytestmark = pytest.mark.django_db

ORIGIN, STORE = AccountName(AccountKind.ORIGIN), AccountName(AccountKind.STORE, "10084")


def a_book():
    return queries.book("samples/ce5", name="CE5", quantity="sample mass")


def take_in(book, many, **more) -> list[uuid.UUID]:
    ids = [uuid.uuid4() for _ in range(many)]
    for number in ids:
        post(Posting(number, MovementKind.INTAKE, book, {ORIGIN: -5, STORE: 5}, **more))
    return ids


def verify_in_a_process(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from moonbridge.cli import main; sys.argv[0] = 'moonbridge'; main(); assert 'django' not in sys.modules"
    command = [sys.executable, "-c", code, "record", "verify", "-", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_a_whole_log_verifies_in_a_process_without_django() -> None:
    book = a_book()
    for many in (3, 4):
        take_in(book, many)
        tasks.append_movements(0)
    assert log.append_new(book) == 0
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [3, 7]
    done = verify_in_a_process("".join(log.exported(book)), "--key", log.signer().public_key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{log.origin(book)}: 7 movements under 2 checkpoints, whole and unchanged\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [line.replace('"amount":"5"', '"amount":"6"') for line in lines],
        lambda lines: [
            line.replace('"amount":"5"', '"amount":"6"').replace('"amount":"-5"', '"amount":"-6"') for line in lines
        ],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-1], lines[-1].replace("\\n4\\n", "\\n3\\n")],
    ],
)
def test_an_altered_log_is_refused(change) -> None:
    book = a_book()
    take_in(book, 4)
    log.append_new(book)
    lines = list(log.exported(book))
    assert files.verify(lines, name="log").leaves == 4
    with pytest.raises(TamperedError):
        files.verify(change(lines), name="log")


def test_a_log_of_another_key_or_form_is_refused() -> None:
    book = a_book()
    take_in(book, 1)
    log.append_new(book)
    with pytest.raises(TamperedError, match="another key"):
        files.verify(log.exported(book), name="log", public_key=base64.b64encode(bytes(32)).decode())
    for lines in ([], ["{}"], ["hello"], ["[]"]):
        with pytest.raises(InputError):
            files.verify(lines, name="log")


def test_the_proof_of_one_movement_and_that_nothing_was_rewritten_since() -> None:
    book = a_book()
    take_in(book, 3)
    log.append_new(book)
    earlier = log.latest(book)
    [later, *_rest] = take_in(book, 4)
    movement = Movement.objects.get(pk=later)
    with pytest.raises(WrongState, match="not in the log yet"):
        log.proof(movement)
    log.append_new(book)
    told = log.proof(movement, since=earlier)
    found = files.verify_proof(told)
    assert (found.movement, found.size, found.earlier) == (str(later), 7, 3)
    assert verify_in_a_process(json.dumps(told)).stdout.startswith(
        f"{log.origin(book)}: the movement {later} is in the log of 7 movements, which begins with the log of 3"
    )
    with pytest.raises(TamperedError):
        files.verify_proof(told | {"body": told["body"] | {"kind": "cede"}})
    with pytest.raises(TamperedError):
        files.verify_proof(told | {"consistency": told["consistency"][:-1]})


def test_partners_sign_what_they_saw() -> None:
    book = a_book()
    take_in(book, 2)
    log.append_new(book)
    state, partner = log.latest(book), seal.Signer(base64.b64encode(bytes([7]) * 32).decode())
    line = checkpoints.cosign(state.note, "esa.example", partner, at=1_790_000_000)
    log.cosign(state, name="esa.example", public_key=partner.public_key, line=line)
    assert files.verify(log.exported(book), name="log").cosigned_by == ("esa.example",)
    with pytest.raises(TamperedError):
        log.cosign(state, name="other.example", public_key=partner.public_key, line=line)


def test_nobody_is_named_in_the_log_and_what_is_committed_can_be_opened() -> None:
    book, person = a_book(), builders.person(name="Zhang San")
    take_in(book, 1, by=person, reason="Given by Zhang San.")
    log.append_new(book)
    text = "".join(log.exported(book))
    assert "Zhang" not in text
    assert str(person.pk) not in text
    leaf = Leaf.objects.get()
    assert leaf.body["by"] == seal.commitment(str(person.pk), leaf.salt)
    assert leaf.body["reason"] == seal.commitment("Given by Zhang San.", leaf.salt)


def test_whatever_names_and_facts_are_written_in_a_leaf_is_what_others_hash() -> None:
    """The hash is made of text that is written for speed; here it is compared with another writer of RFC 8785."""
    book = a_book()
    odd = AccountName(AccountKind.STORE, '"10,1\\ é\t\u2028\x7f\U0001d11e 月')
    facts = {"ü\U0001d11e": 1.0, "\uffee": [1e-7, -0.5, 2**40, None, True], "a": {"\n": "\r\b", "": "</"}}
    post(Posting(uuid.uuid4(), MovementKind.INTAKE, book, {ORIGIN: -5, odd: 5}, facts=facts, reason='"é"'))
    log.append_new(book)
    leaf = Leaf.objects.get()
    assert leaf.body["facts"] == facts
    assert leaf.body["legs"][1] == {"account": str(odd), "amount": "5", "set_aside": "0", "balance": "5"}
    assert bytes(leaf.hash) == merkle.leaf_hash(seal.canonical(leaf.body))
    assert files.verify(log.exported(book), name="log").leaves == 1


@pytest.mark.parametrize("change", [lambda: Leaf.objects.update(number=9), lambda: Checkpoint.objects.all().delete()])
def test_the_log_only_grows(change) -> None:
    book = a_book()
    take_in(book, 1)
    log.append_new(book)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        change()


def test_a_server_that_only_reads_is_said_in_one_sentence() -> None:
    book = a_book()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(ReadOnly, match="can only be read now"):
            take_in(book, 1)
        transaction.set_rollback(True)
