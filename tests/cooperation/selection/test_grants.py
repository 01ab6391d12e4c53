"""What an opportunity grants goes through the books, and cannot be granted twice."""

import uuid
from collections import Counter

import pytest

import builders
from cooperation.selection import calls
from moonbridge.cooperation.selection import actions, grants
from moonbridge.engines.ledger.movements import MovementKind, NotEnough
from moonbridge.ledger import queries
from moonbridge.ledger.audit import audit
from moonbridge.ledger.models import Book
from moonbridge.ledger.movements import Posting, post
from moonbridge.quantities import MASS

pytestmark = pytest.mark.django_db


def held(call) -> dict[str, str]:
    """Return what the book of the masses holds, as text."""
    book = mass_book(call)
    return {str(name): MASS.text(balance.amount) for name, balance in queries.balances(book).items() if balance.amount}


def mass_book(call) -> Book:
    return Book.objects.get(slug=f"envelope/{call.envelope.get(resource='mass').pk}")


def test_a_decision_grants_a_loss_gives_back_and_a_call_up_takes_again() -> None:
    call, office, made = calls.hand_computed_call()
    builders.submitted_proposal(call, code="P-E", mass="9 kg")
    calls.bring_scores(call, office, calls.SCORES | {"P-E": "7"})
    decision = calls.published(call, office, reserve=2)
    first = held(call)
    granted = {outcome.proposal.code for outcome in decision.outcomes.filter(kind="selected")}
    assert {name for name in first if name.startswith("LOAN")} == {f"LOAN:{code}" for code in granted}
    assert first["ORIGIN"] == "-20 kg"
    lost = decision.outcomes.get(proposal=made["P-A"])
    actions.lose(lost, reason="Gone.", by=office, command=calls.command())
    after = held(call)
    assert "LOAN:P-A" not in after
    free = queries.balance(mass_book(call), grants.OFFERED).amount
    legs = {grants.OFFERED: -free - 1, grants.granted_to("P-X"): free + 1}
    with pytest.raises(NotEnough):
        post(Posting(uuid.uuid4(), MovementKind.GRANT, mass_book(call), legs))
    waiting = decision.outcomes.filter(kind="reserve").order_by("reserve_rank").first()
    actions.call_up(waiting, by=office, command=calls.command())
    assert f"LOAN:{waiting.proposal.code}" in held(call)
    assert all(audit(book).clean for book in Book.objects.all())


def test_settling_again_changes_nothing() -> None:
    call, office, _made = calls.hand_computed_call()
    decision = calls.published(call, office)
    before = held(call)
    grants.settle(decision, by=office)
    assert held(call) == before


def test_an_envelope_that_shrinks_together_with_what_places_give_back_fits() -> None:
    call, office, _made = calls.hand_computed_call()
    decision = calls.published(call, office)
    books_line = grants._Line(decision, mass_book(call), office)
    granted = {name.label: held.amount for name, held in queries.balances(books_line.book).items() if name.label}
    gone = max(granted, key=granted.get)
    left = Counter({code: mass for code, mass in granted.items() if code != gone})
    books_line.settle(left, sum(left.values()))
    assert queries.balance(books_line.book, grants.OFFERED).amount == 0
    assert queries.balance(books_line.book, grants.granted_to(gone)).amount == 0
    more = left + Counter({gone: granted[gone]})
    books_line.settle(more, sum(more.values()))
    assert queries.balance(books_line.book, grants.granted_to(gone)).amount == granted[gone]
    assert audit(books_line.book).clean
