"""Faults planted into the movement function, to see whether the simulator's oracles catch them.

Each mutant is one change of the text of :mod:`~moonbridge.engines.ledger.torture.protocol`; the changed text is compiled into a module
of its own and the simulator runs it.
"""

import inspect
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from moonbridge.engines.ledger.torture import protocol
from moonbridge.engines.ledger.torture.oracle import BrokenPromise
from moonbridge.engines.ledger.torture.simulator import CarryOut, Simulator


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted fault: its name, and which ``text`` of the function is replaced by what."""

    name: str
    text: str
    by: str

    def planted(self, source: str) -> str:
        """Return ``source`` with the fault; the text must be there exactly once, so that no mutant is silently healthy."""
        if source.count(self.text) != 1:
            raise ValueError(f"the text of the mutant {self.name!r} is there {source.count(self.text)} times")
        return source.replace(self.text, self.by)


_CLOSED = "if movement.reservation is not None and tx.closed(movement.reservation):"
_REUSED = """        if known != movement:
            raise CommandReused("This movement was sent before with other content.")
        tx.commit()"""
_CLAIM = """    if not claimed:
        raise CommandReused("This movement was sent before with other content.")
"""

MUTANTS: Final = (
    Mutant("no locks", "while not tx.lock(account):", "while False:"),
    Mutant("locks in no order", "for account in sorted(changes):", "for account in changes:"),
    Mutant("only the first account is locked", "for account in sorted(changes):", "for account in sorted(changes)[:1]:"),
    Mutant("all but the first account are locked", "for account in sorted(changes):", "for account in sorted(changes)[1:]:"),
    Mutant("does not wait for a lock", "        while not tx.lock(account):\n            yield account\n", "        tx.lock(account)\n"),
    Mutant("forgets that it was done before", "if known is not None:", "if False:"),
    Mutant("takes any content for the same", _REUSED, "        tx.commit()"),
    Mutant("refuses what was sent twice", "        if known != movement:\n", "        if True:\n"),
    Mutant("lets a taken id pass", _CLAIM, ""),
    Mutant("never looks at what is free", "    check_free(before, changes)\n", ""),
    Mutant("ignores what is set aside", "before[account].free + amount - hold < 0", "before[account].amount + amount - hold < 0"),
    Mutant("lets one too much go", "amount - hold < 0:", "amount - hold < -1:"),
    Mutant("keeps the last one back", "amount - hold < 0:", "amount - hold <= 0:"),
    Mutant("reserving is not asking", "amount - hold < 0:", "amount < 0:"),
    Mutant("every kind of account may be below zero", "account.kind not in WITHOUT_FLOOR", "account.kind in ()"),
    Mutant("no account may be below zero", "account.kind not in WITHOUT_FLOOR and", "True and"),
    Mutant("looks at takers only when they are two", "for account, (amount, hold) in changes.items():\n        if",
           "for account, (amount, hold) in list(changes.items())[:1]:\n        if"),
    Mutant("closes a reservation twice", _CLOSED, "if False:"),
    Mutant("keeps what was set aside", "(given, -held.amount)", "(given, 0)"),
    Mutant("lets twice as much go as was set aside", "(given, -held.amount)", "(given, -2 * held.amount)"),
    Mutant("closes what is no reservation", "made.kind is not MovementKind.RESERVE", "False"),
    Mutant("closes a reservation of another account", "if changes and given >= 0:", "if False:"),
    Mutant("corrects twice", "if tx.corrected(movement.corrects):", "if False:"),
    Mutant("corrects by another amount", "if {(leg.account, -leg.amount)", "if False and {(leg.account, -leg.amount)"),
    Mutant("forgets to count versions", "held.version + 1)", "held.version)"),
    Mutant("adds where it should take", "Balance(held.amount + amount,", "Balance(held.amount + abs(amount),"),
    Mutant("makes the half of it lasting", "        tx.note(account, (amount, hold), held, after, at)\n",
           "        tx.note(account, (amount, hold), held, after, at)\n        tx.commit()\n"),
    Mutant("writes no entries", "        tx.note(account, (amount, hold), held, after, at)\n", ""),
    Mutant("writes no balances", "        tx.write(account, after, at)\n", ""),
    Mutant("believes the clock", "at = max([tx.now(), *(tx.instant(account) for account in changes)])", "at = tx.now()"),
    Mutant("answers before it is lasting", "    yield None\n    tx.commit()\n    return True", "    return True"),
    Mutant("does not look at the legs", "    check_legs(movement)\n", ""),
    Mutant("forgets the last leg", "    for account, (amount, hold) in changes.items():\n        yield None",
           "    for account, (amount, hold) in list(changes.items())[: max(1, len(changes) - 1)]:\n        yield None"),
)  # fmt: skip
"""The planted faults."""


def mutated(mutant: Mutant) -> CarryOut:
    """Return the movement function with the fault."""
    source = mutant.planted(inspect.getsource(protocol))
    module = ModuleType("mutant")
    exec(compile(source, "mutant", "exec"), module.__dict__)  # noqa: S102 - our own source with one word changed
    found: Any = module.__dict__["carry_out"]
    checked: CarryOut = found
    return checked


def caught(mutant: Mutant, *, seed: int, steps: int) -> str | None:
    """Return which promise the mutant breaks within so many steps, or None where it gets through."""
    try:
        Simulator(seed, mutated(mutant)).run(steps)
    except BrokenPromise as broken:
        return str(broken.numbers["promise"])
    return None
