"""Whatever is done in whatever order: the states keep to their table, receipts stay, and the office sees nothing too early."""

import uuid
from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

import builders
from cooperation.proposals import making
from moonbridge.cooperation.proposals import actions, queries
from moonbridge.cooperation.proposals.models import Proposal, Submission
from moonbridge.cooperation.proposals.states import TRANSITIONS, State
from moonbridge.errors import Refused
from moonbridge.formats import receipts
from moonbridge.record.queries import database_now

STEPS = ("submit", "unsubmit", "withdraw", "restore", "save", "the deadline passes")


class AnyOrder(TestCase):
    """Random sequences of what a lead can do, with the deadline falling anywhere among them."""

    def setUp(self) -> None:
        self.call = builders.open_opportunity()
        self.office = builders.office_of(self.call.agency)

    @settings(max_examples=25)
    @given(st.lists(st.sampled_from(STEPS), max_size=9))
    def test_invariants_hold_after_every_step(self, steps: list[str]) -> None:
        move_deadline(self.call, timedelta(days=30))
        proposal, receipts_before, over = making.complete(self.call), 0, False
        expected: str = State.DRAFT
        stood = False
        for step in steps:
            if step == "the deadline passes":
                if not over:
                    move_deadline(self.call, timedelta())  # no earlier: what was done a moment ago was done in time
                    stood, over = expected == State.SUBMITTED, True
                continue
            expected, receipts_before = self.do(proposal, step, expected, receipts_before, over=over)
            now = making.again(proposal)
            assert now.state == expected
            assert now.submissions.count() == receipts_before
            assert (now.withdrawn_at is not None) == (now.state == State.WITHDRAWN)
        self.check(proposal, over=over, stood=stood)

    def do(self, proposal: Proposal, step: str, state: str, count: int, *, over: bool) -> tuple[str, int]:
        """Do a step and return what must be true afterwards, from the table of transitions and the deadline rule alone."""
        possible = state in TRANSITIONS.table[step][0] if step in TRANSITIONS.table else state == State.DRAFT
        if step in {"submit", "unsubmit", "restore"} and over:
            possible = False
        try:
            if step == "submit":
                making.submit(proposal)
            elif step == "save":
                making.save(proposal, abstract=str(uuid.uuid4()))
            else:
                getattr(actions, step)(proposal, **making.by_lead(proposal))
        except Refused:
            assert not possible
            return state, count
        assert possible
        after = TRANSITIONS.table[step][1].value if step in TRANSITIONS.table else state
        return after, count + (step == "submit")

    def check(self, proposal: Proposal, *, over: bool, stood: bool) -> None:
        """The office sees exactly what stood at the deadline, and each receipt verifies."""
        assert queries.visible_to(self.office).filter(pk=proposal.pk).exists() == (over and stood)
        for submission in Submission.objects.filter(proposal=proposal):
            receipts.verify(submission.receipt | {"content": submission.content})


def move_deadline(call, by: timedelta) -> None:
    """Nobody waits a month: the deadline moves, which the database refuses to everybody else."""
    with pgtrigger.ignore(
        "opportunities.Opportunity:deadline_only_moves_later", "opportunities.Opportunity:changes_by_amendment"
    ):
        type(call).objects.filter(pk=call.pk).update(deadline=database_now() + by)


@pytest.mark.django_db
@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_database_lets_a_state_change_by_the_table_only(before: State, after: State) -> None:
    now = database_now()
    heir = making.complete()

    def fields(state: State) -> dict:
        return {
            "state": state, "submitted_at": now, "withdrawn_at": now if state == State.WITHDRAWN else None,
            "merged_into": heir if state == State.MERGED else None,
        }  # fmt: skip

    proposal = making.complete(**fields(before))

    def change() -> None:
        with transaction.atomic():
            Proposal.objects.filter(pk=proposal.pk).update(**fields(after))

    if before == after or (before.value, after.value) in TRANSITIONS.pairs():
        change()
        assert making.again(proposal).state == after
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"):
            change()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda rows: rows.update(digest="0" * 64), lambda rows: rows.delete()])
def test_the_database_keeps_receipts_as_they_are(change) -> None:
    making.submitted()
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        change(Submission.objects.all())
