"""What an opportunity grants goes through the books: what one proposal was granted is not there for another.

Each line of an envelope that states a total has a book of its own. What the line offers without its margin is taken in once; a
place takes its share from there to its own account, and a place that is lost gives it back. The movement function refuses a grant
beyond what is free, whoever asks and however many at once.
"""

from collections import Counter
from dataclasses import dataclass
from uuid import uuid5

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity, Origin
from moonbridge.cooperation.selection.facts import usage
from moonbridge.cooperation.selection.models import Decision
from moonbridge.cooperation.selection.states import FLYING
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.ledger import queries
from moonbridge.ledger.models import Book
from moonbridge.ledger.movements import Posting, post

ENVELOPE = AccountName(AccountKind.ORIGIN)
OFFERED = AccountName(AccountKind.STORE)


def settle(decision: Decision, *, by: User | None) -> None:
    """Bring the books to what the outcomes say now: first what places give back, then what is offered, then what they are granted.

    The opportunity is locked by whoever changes its outcomes. Raises :class:`~moonbridge.engines.ledger.movements.NotEnough`, a
    :class:`DoesNotFit`, where more would be granted than is free.
    """
    flying = list(decision.outcomes.filter(kind__in=FLYING).select_related("proposal", "option"))
    for use in usage(decision.opportunity, flying):
        if use.line.available is not None:
            wanted = Counter[str]()
            for code, amount in use.pieces:
                wanted[code] += amount
            _Line(decision, book_of(use.line, decision.opportunity), by).settle(wanted, use.line.available)


def book_of(line: EnvelopeLine, opportunity: Opportunity) -> Book:
    """Return the book of a line of the envelope."""
    name = f"{opportunity.address}: {line.name or line.resource}"[:200]
    synthetic = opportunity.origin == Origin.SYNTHETIC
    return queries.book(f"envelope/{line.pk}", name=name, quantity=line.kind.name, synthetic=synthetic)


def granted_to(code: str) -> AccountName:
    """Return the account of what a proposal was granted."""
    return AccountName(AccountKind.LOAN, code)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the envelope while its book is brought up to date."""

    decision: Decision
    book: Book
    by: User | None

    def settle(self, wanted: Counter[str], offered: int) -> None:
        held = queries.balances(self.book)
        granted = {name.label: balance for name, balance in held.items() if name.kind is AccountKind.LOAN}
        changes = {code: wanted[code] - granted.get(code, Balance()).amount for code in wanted.keys() | granted.keys()}
        order = sorted(changes, key=lambda code: (changes[code], code))
        for code in order:
            if changes[code] < 0:
                self._grant(code, changes[code], granted[code])
        # What an envelope shrinks by may be what places just gave back; what it grows by may be what they are granted now.
        self._offer(held.get(ENVELOPE, Balance()), offered)
        for code in order:
            if changes[code] > 0:
                self._grant(code, changes[code], granted.get(code, Balance()))

    def _grant(self, code: str, more: int, before: Balance) -> None:
        kind = MovementKind.GRANT if more > 0 else MovementKind.RELEASE
        self._move(kind, {OFFERED: -more, granted_to(code): more}, f"{code}/{before.version}")

    def _offer(self, envelope: Balance, offered: int) -> None:
        more = offered + envelope.amount
        kind = MovementKind.INTAKE if more > 0 else MovementKind.WITHDRAW
        self._move(kind, {ENVELOPE: -more, OFFERED: more}, f"offered/{envelope.version}")

    def _move(self, kind: MovementKind, legs: dict[AccountName, int], what: str) -> None:
        if any(legs.values()):
            movement = uuid5(self.decision.pk, f"{self.book.slug}/{what}")
            facts = {"decision": self.decision.opportunity.address}
            post(Posting(movement, kind, self.book, legs, by=self.by, facts=facts))
