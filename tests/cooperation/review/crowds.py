"""A panel of any size, written at once: for counting queries, and for the benchmark of the pages."""

import random
from dataclasses import dataclass

import pgtrigger
from django.db import connection

from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.models import Conflict, Declaration, Ground, Item, Mark, Review, Seat, Source
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.record.queries import database_now


@dataclass
class Crowd:
    """``proposals`` before one panel of ``reviewers``, ``each`` reviews of every proposal, two thirds of them submitted. Seeded."""

    proposals: int
    reviewers: int
    each: int = 3
    criteria: int = 1
    state: RoundState = RoundState.REVIEWING

    def __post_init__(self) -> None:
        self.lot = random.Random(self.proposals)  # noqa: S311 - a crowd is made again exactly
        self.made = Meeting(0, state=self.state)
        self.panel = self.made.panel
        self._items()
        self._seats()
        self._reviews()
        self._marks()
        with connection.cursor() as cursor:  # as a running site does by itself after so many new rows
            cursor.execute("ANALYZE")

    def _items(self) -> None:
        now, call = database_now(), self.made.call
        rows = [
            Proposal(opportunity=call, code=f"P-{number:05}", title=f"Proposal {number}", state=ProposalState.SUBMITTED, submitted_at=now)
            for number in range(self.proposals)
        ]  # fmt: skip
        Proposal.objects.bulk_create(rows)
        self.items = Item.objects.bulk_create(Item(panel=self.panel, proposal=one) for one in rows)
        Declaration.objects.bulk_create(
            Declaration(seat=seat, item=item) for seat in (self.made.chair, self.made.secretary) for item in self.items
        )

    def _seats(self) -> None:
        people = [
            User(email=f"crowd{number}-{self.panel.pk.hex[:8]}@example.org", name=f"Reviewer {number}")
            for number in range(self.reviewers)
        ]
        User.objects.bulk_create(people)
        seats = [Seat(panel=self.panel, user=one, label=f"C-{number:05}") for number, one in enumerate(people)]
        self.seats = Seat.objects.bulk_create(seats)

    def _reviews(self) -> None:
        pairs = [
            (item, self.seats[(self.each * number + turn) % len(self.seats)])
            for number, item in enumerate(self.items)
            for turn in range(self.each)
        ]
        Declaration.objects.bulk_create(Declaration(seat=seat, item=item) for item, seat in pairs)
        states = [ReviewState.DRAFT if self.lot.random() < 2 / 3 else ReviewState.ASSIGNED for _ in pairs]
        self.reviews = Review.objects.bulk_create(
            Review(item=item, seat=seat, state=state) for (item, seat), state in zip(pairs, states, strict=True)
        )

    def _marks(self) -> None:
        for number in range(1, self.criteria):
            self.panel.criteria.add(self._criterion(number))
        scales = list(self.panel.criteria.all())
        written = [one for one in self.reviews if one.state == ReviewState.DRAFT]
        Mark.objects.bulk_create(
            Mark(review=review, criterion=one, value_permille=1000 * self.lot.randint(one.lowest, one.highest))
            for review in written
            for one in scales
        )
        done = Review.objects.filter(pk__in=[one.pk for one in written])
        done.update(state=ReviewState.SUBMITTED, submitted_at=database_now())

    def _criterion(self, number: int) -> Criterion:
        with (
            pgtrigger.ignore()
        ):  # a call that is out changes by an amendment alone; this one should have had more from the start
            return Criterion.objects.create(
                opportunity=self.made.call, name=f"Criterion {number}", weight=number, position=number
            )

    def hide_from(self, user: User, count: int) -> None:
        """Let ``user`` have a conflict with the first ``count`` proposals."""
        Conflict.objects.bulk_create(
            Conflict(proposal=item.proposal, user=user, source=Source.OFFICE, ground=Ground.OTHER)
            for item in self.items[:count]
        )
