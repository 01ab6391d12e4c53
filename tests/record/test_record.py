"""The record: sealed, chained, signed, append-only; commands are carried out once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from moonbridge.engines.ledger import seal
from moonbridge.errors import CommandReused, TamperedError
from moonbridge.record import actions, queries
from moonbridge.record.models import PUBLIC, Command, Entry


@pytest.mark.django_db
def test_a_chain_verifies_and_an_altered_one_names_the_entry() -> None:
    for number in range(3):
        actions.append("publish", f"opportunity/{number}", {"number": str(number)}, agency="cnsa", by=None, public=True)
    entries = list(queries.sealed(PUBLIC))
    key = queries.signer().public_key
    assert seal.verify_chain(entries, key) == 3
    entries[1].body["facts"]["number"] = "7"
    with pytest.raises(TamperedError, match=r"Entry 2 .* changed after it was sealed"):
        seal.verify_chain(entries, key)


@pytest.mark.django_db
def test_private_decisions_leave_no_trace_in_the_numbers_of_the_public_chain() -> None:
    actions.append("submit", "opportunity/a/proposal/P-1", {}, agency="cnsa", by=None)
    actions.append("publish", "opportunity/a", {}, agency="cnsa", by=None, public=True)
    public, private = queries.head(PUBLIC), queries.head("agency:cnsa")
    assert (public.number, private.number) == (1, 2)
    assert public.body["anchor"] == private.hash


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda: Entry.objects.update(verb="x"), lambda: Entry.objects.all().delete()])
def test_the_database_refuses_to_change_the_record(change) -> None:
    actions.append("publish", "opportunity/a", {}, agency="cnsa", by=None)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        change()


@pytest.mark.django_db
def test_a_command_sent_twice_is_done_once_and_another_content_is_refused() -> None:
    command, done = uuid.uuid4(), []
    for _ in range(2):
        assert actions.once(command, "say", {"word": "a"}, lambda: done.append(1) or len(done), by=None) == 1
    assert done == [1]
    with pytest.raises(CommandReused):
        actions.once(command, "say", {"word": "b"}, lambda: 2, by=None)


@pytest.mark.django_db
def test_a_failed_command_leaves_its_id_free() -> None:
    command = uuid.uuid4()
    with pytest.raises(ZeroDivisionError):
        actions.once(command, "divide", {}, lambda: 1 // 0, by=None)
    assert not Command.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_seal_one_gapless_chain_and_a_doubled_command_runs_once() -> None:
    command = uuid.uuid4()

    def work(number: int) -> int:
        try:
            actions.append("publish", f"opportunity/{number}", {}, agency="cnsa", by=None, public=True)
            return actions.once(command, "count", {}, lambda: Entry.objects.filter(chain=PUBLIC).count(), by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(work, range(16)))
    assert len(set(answers)) == 1
    assert seal.verify_chain(queries.sealed(PUBLIC), queries.signer().public_key) == 16
