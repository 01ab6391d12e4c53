"""Faults planted into the text of the database's movement function, and a trial that tells a damaged function from a healthy one.

The trial carries out a few hundred seeded movements on the database and on the plain books in memory, and compares every answer,
every balance, and at the end the audit. It runs in a transaction that is rolled back: neither movements nor faults stay.
"""

import random
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
from moonbridge.ledger.movements import Posting, post

FUNCTION: Final = "ledger_post"
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
"""The planted faults. What only several at once can show (missing locks) is the business of the races and of the simulator."""


def source() -> str:
    """Return the text of the movement function as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [FUNCTION])
        return str(cursor.fetchone()[0])


def caught(mutant: Mutant | None, *, seed: int, movements: int) -> str | None:
    """Return how the trial noticed the fault, or None where it did not; ``mutant`` None tries the healthy function."""
    found: str | None = None
    with transaction.atomic():
        if mutant is not None:
            with connection.cursor() as cursor:
                cursor.execute(mutant.planted(source()))
        try:
            with transaction.atomic():
                found = _tried(seed, movements)
        except DatabaseError as error:
            found = f"the database refused: {str(error).splitlines()[0]}"
        transaction.set_rollback(True)
    return found


def _tried(seed: int, movements: int) -> str | None:
    book = queries.book(f"torture/{seed}", name="Torture", quantity="sample mass", synthetic=True)
    plain, draw = Books(), random.Random(seed)  # noqa: S311 - reproducible, no secret
    commander = Commander(draw, Store())
    for number in range(movements):
        movement = commander.next()
        if len({leg.account for leg in movement.legs}) < len(movement.legs):
            continue  # legs are given to the database by account, so that none can be there twice
        expected, answered = _told_by_books(plain, movement), _told_by_database(book, movement)
        if expected != answered:
            return f"movement {number} ({movement.kind}): {answered} instead of {expected}"
        if expected == "new":
            commander.answered(movement)
    return _end(book, plain)


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


def _told_by_database(book: Book, movement: Movement) -> str:
    legs = {leg.account: leg.amount for leg in movement.legs}
    posting = Posting(
        UUID(int=movement.id.int), movement.kind, book, legs, movement.reason, reservation=movement.reservation,
        corrects=movement.corrects,
    )  # fmt: skip
    try:
        return "new" if post(posting) else "known"
    except Refused as refusal:
        return refusal.code
