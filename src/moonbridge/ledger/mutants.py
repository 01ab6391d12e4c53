"""Faults planted into the texts of the database's two movement functions, and a trial that tells damaged ones from healthy ones.

The trial carries out a few hundred seeded movements, one by one or in batches, on the database and on the plain books in memory, and
compares every answer, every balance, and at the end the audit. It runs in a transaction that is rolled back: neither movements nor
faults stay.
"""

import random
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from moonbridge.engines.ledger.accounts import Balance
from moonbridge.engines.ledger.movements import Books, Movement
from moonbridge.engines.ledger.torture.commands import Commander
from moonbridge.engines.ledger.torture.mutants import Mutant
from moonbridge.engines.ledger.torture.store import Store
from moonbridge.errors import Refused
from moonbridge.ledger import queries
from moonbridge.ledger.audit import audit
from moonbridge.ledger.models import Book
from moonbridge.ledger.movements import Posting, post, post_all

ONE: Final = "ledger_post"
MANY: Final = "ledger_post_many"
LARGEST_BATCH: Final = 6
_LOCK: Final = "WHERE id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE"

MUTANTS: Final = (
    Mutant("does not add up", "AND sum(amount) = 0 AND CASE", "AND CASE"),
    Mutant("one leg is enough", "ELSE count(*) >= 2 AND", "ELSE"),
    Mutant("any leg is legal", "bool_and(amount <> 0 AND ledger_legal(p_kind, kind, amount > 0))", "true"),
    Mutant("legs of nothing", "bool_and(amount <> 0 AND ledger_legal", "bool_and(ledger_legal"),
    Mutant("legs are turned around", "ledger_legal(p_kind, kind, amount > 0)", "ledger_legal(p_kind, kind, amount < 0)"),
    Mutant("reserves anywhere", "AND min(hold) > 0 AND min(kind) = 'store'", "AND min(hold) > 0"),
    Mutant("reserves nothing", "AND min(hold) > 0 AND min(kind) = 'store'", "AND min(kind) = 'store'"),
    Mutant("never looks at what is free", "IF v_free IS NOT TRUE THEN", "IF false THEN"),
    Mutant("ignores what is set aside", "balance + amount >= held + hold)", "balance + amount >= hold)"),
    Mutant("lets one too much go", "balance + amount >= held + hold)", "balance + amount >= held + hold - 1)"),
    Mutant("keeps the last one back", "balance + amount >= held + hold)", "balance + amount > held + hold)"),
    Mutant("no account may be below zero", "bool_and(kind = 'origin' OR balance", "bool_and(balance"),
    Mutant("every account may be below zero", "bool_and(kind = 'origin' OR balance + amount >= held + hold)", "true"),
    Mutant("forgets that it was done before", "    IF FOUND THEN\n        IF v_known", "    IF false THEN\n        IF v_known"),
    Mutant("takes any content for the same", "IF v_known <> v_digest THEN", "IF false THEN"),
    Mutant("says that a repetition is new", "        RETURN false;", "        RETURN true;"),
    Mutant("takes other amounts for the same", "p_kind, p_accounts, p_amounts, p_reason,", "p_kind, p_accounts, '', p_reason,"),
    Mutant("closes a reservation twice", "IF p_reservation IS NOT NULL AND EXISTS", "IF false AND EXISTS"),
    Mutant("closes what is no reservation", "AND m.kind = 'reserve' WHERE", "WHERE"),
    Mutant("anything closes a reservation", "OR p_kind NOT IN ('post', 'void', 'grant')", ""),
    Mutant("closes a reservation elsewhere", "IF v_place IS NULL OR p_amounts[v_place] >= 0 THEN", "IF v_place IS NULL THEN"),
    Mutant("keeps what was set aside", "v_holds[v_place] := -v_reserved.hold;", "v_holds[v_place] := 0;"),
    Mutant("lets only a part go", "v_holds := ARRAY[-v_reserved.hold];", "v_holds := ARRAY[-1];"),
    Mutant("corrects anything", "AND NOT ledger_takes_back(p_corrects, p_accounts, p_amounts)", "AND false"),
    Mutant("corrects nothing in particular", "IF (p_kind = 'correct') <> (p_corrects IS NOT NULL) OR", "IF"),
    Mutant("does not count versions", "version = a.version + 1", "version = a.version"),
    Mutant("adds twice", "balance = a.balance + leg.amount,", "balance = a.balance + 2 * leg.amount,"),
    Mutant("does not set aside", "held = a.held + leg.hold,", "held = a.held,"),
    Mutant("forgets what was before", "hold, balance - amount, balance, held", "hold, balance, balance, held"),
    Mutant("forgets the sign", "cardinality(v_accounts), id, amount, hold,", "cardinality(v_accounts), id, abs(amount), hold,"),
    Mutant("states one leg more", "p_kind, cardinality(v_accounts), p_reason", "p_kind, cardinality(v_accounts) + 1, p_reason"),
    Mutant("takes less than it gives", "SET balance = a.balance + leg.amount,", "SET balance = a.balance + greatest(leg.amount, -9),"),
)  # fmt: skip
"""Faults for :data:`ONE`. What only several at once can show (missing locks) is the business of the races and of the simulator."""

MUTANTS_OF_MANY: Final = (
    Mutant("does not add up", "SELECT sum(amount) = 0 AND CASE", "SELECT CASE"),
    Mutant("one leg is enough", "ELSE count(*) >= 2 AND bool_and", "ELSE bool_and"),
    Mutant("any leg is legal", "amount <> 0 AND ledger_legal(kind, account_kind, amount > 0)", "amount <> 0"),
    Mutant("legs of nothing", "amount <> 0 AND ledger_legal", "ledger_legal"),
    Mutant("reserves anywhere", "AND min(hold) > 0 AND min(account_kind) = 'store'", "AND min(hold) > 0"),
    Mutant("reserves nothing", "AND min(hold) > 0 AND min(account_kind) = 'store'", "AND min(account_kind) = 'store'"),
    Mutant("never looks at what is free", "(account_kind = 'origin' OR balance >= held)", "true"),
    Mutant("looks at what is free at the end only", "OR balance >= held)", "OR NOT last OR balance >= held)"),
    Mutant("ignores what is set aside", "OR balance >= held)", "OR balance >= 0)"),
    Mutant("lets one too much go", "OR balance >= held)", "OR balance >= held - 1)"),
    Mutant("adds up in no order", "sum(legs.amount) OVER chain", "sum(legs.amount) OVER (PARTITION BY legs.account)"),
    Mutant("sets aside in no order", "sum(legs.hold) OVER chain", "sum(legs.hold) OVER (PARTITION BY legs.account)"),
    Mutant("begins at nothing", "a.balance + sum(legs.amount)", "sum(legs.amount)"),
    Mutant("forgets that it was done before", "NOT EXISTS (SELECT FROM ledger_movement AS m WHERE m.id = told.id)", "true"),
    Mutant("takes any content for the same", "m.digest <> asked.digest", "false"),
    Mutant("takes one id twice", "AND count(DISTINCT id) = count(*)", ""),
    Mutant("closes a reservation twice", "count(DISTINCT reservation) FILTER", "count(reservation) FILTER"),
    Mutant("closes what is closed", "AND NOT EXISTS (SELECT FROM ledger_movement AS m WHERE m.reservation_id = asked.reservation)", ""),
    Mutant("closes what is no reservation", "AND m.kind = 'reserve'", ""),
    Mutant("anything closes a reservation", "asked.kind IN ('post', 'void', 'grant') AND ", ""),
    Mutant("closes a reservation elsewhere", "= count(DISTINCT reservation) AS lawful", ">= 0 AS lawful"),
    Mutant("keeps what was set aside", "THEN -fresh.hold ELSE 0", "THEN 0 ELSE 0"),
    Mutant("sets nothing aside", "THEN leg.amount WHEN", "THEN 0 WHEN"),
    Mutant("moves what it sets aside", "WHEN fresh.kind = 'reserve' THEN 0 ELSE", "WHEN false THEN 0 ELSE"),
    Mutant("corrects anything", "AND asked.kind <> 'correct' AND asked.corrects IS NULL AS", "AS"),
    Mutant("does not count versions", "a.version + row_number() OVER chain", "a.version + 1"),
    Mutant("keeps the first balance", "WHERE chained.last AND", "WHERE"),
    Mutant("does not set aside", "held = chained.held,", "held = a.held,"),
    Mutant("forgets what was before", "hold, balance - amount, balance", "hold, balance, balance"),
    Mutant("forgets the sign", "account, amount, hold, balance", "account, abs(amount), hold, balance"),
    Mutant("states one leg more", "count(*) OVER (PARTITION BY place), account", "count(*) OVER (PARTITION BY place) + 1, account"),
)  # fmt: skip
"""Faults for :data:`MANY`. It may refuse to judge what is lawful, which costs time only: the tests count its statements."""


def source(function: str = ONE) -> str:
    """Return the text of a movement function as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
        return str(cursor.fetchone()[0])


def caught(mutant: Mutant | None, *, seed: int, movements: int, function: str = ONE) -> str | None:
    """Return how the trial of ``function`` noticed the fault, or None where it did not; ``mutant`` None tries the healthy one."""
    found: str | None = None
    with transaction.atomic():
        if mutant is not None:
            with connection.cursor() as cursor:
                cursor.execute(mutant.planted(source(function)))
        try:
            with transaction.atomic():
                found = _tried(seed, movements, together=function == MANY)
        except DatabaseError as error:
            found = f"the database refused: {str(error).splitlines()[0]}"
        transaction.set_rollback(True)
    return found


def _tried(seed: int, movements: int, *, together: bool) -> str | None:
    book = queries.book(f"torture/{seed}", name="Torture", quantity="sample mass", synthetic=True)
    plain, draw = Books(), random.Random(seed)  # noqa: S311 - reproducible, no secret
    commander = Commander(draw, Store())
    number = 0
    while number < movements:
        batch = _batch(commander, draw.randint(1, LARGEST_BATCH) if together else 1)
        number += len(batch)
        for asked, expected in _expected(plain, commander, batch):
            if (answered := _told_by_database(book, asked, together=together)) != expected:
                return f"by movement {number} ({asked[-1].kind}): {answered} instead of {expected}"
    return _end(book, plain)


def _batch(commander: Commander, many: int) -> list[Movement]:
    """Return the next commands; legs are given to the database by account, so that none can be there twice."""
    drawn = (commander.next() for _ in range(many))
    return [movement for movement in drawn if len({leg.account for leg in movement.legs}) == len(movement.legs)]


def _expected(plain: Books, commander: Commander, batch: list[Movement]) -> Iterator[tuple[list[Movement], int | str]]:
    """Yield what to ask of the database and what it has to answer: all up to the first refused one, and then those before it."""
    new = 0
    for number, movement in enumerate(batch):
        answer = _told_by_books(plain, movement)
        if answer not in {"new", "known"}:
            yield batch[: number + 1], answer
            batch = batch[:number]
            break
        if answer == "new":
            new += 1
            commander.answered(movement)
    yield batch, new


def _end(book: Book, plain: Books) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    held: dict[object, Balance] = {name: found for name, found in queries.balances(book).items() if found.version}
    if held != plain.balances:
        return "the balances differ"
    differences = audit(book).differences
    return differences[0].promise if differences else None


def _told_by_books(books: Books, movement: Movement) -> str:
    known = movement.id in books.movements
    try:
        books.post(movement)
    except Refused as refusal:
        return refusal.code
    return "known" if known else "new"


def _told_by_database(book: Book, movements: list[Movement], *, together: bool) -> int | str:
    """Return how many of ``movements`` were new, or why they were refused."""
    postings = [_posting(book, movement) for movement in movements]
    try:
        return post_all(book, postings) if together else sum(map(post, postings))
    except Refused as refusal:
        return refusal.code


def _posting(book: Book, movement: Movement) -> Posting:
    legs = {leg.account: leg.amount for leg in movement.legs}
    return Posting(
        UUID(int=movement.id.int), movement.kind, book, legs, movement.reason, reservation=movement.reservation,
        corrects=movement.corrects,
    )  # fmt: skip
