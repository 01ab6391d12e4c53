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
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import (
    Allocation,
    Calibration,
    Conflict,
    Declaration,
    Ground,
    Item,
    Mark,
    Review,
    Score,
    ScoreTable,
    Seat,
    Source,
)
from moonbridge.cooperation.review.states import AllocationState, ReviewState, RoundState
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

    def bring_conflicts(self) -> None:
        """Let each reviewer have a conflict with two proposals that are not theirs to review."""
        pairs = [
            (self.items[(number + turn) % len(self.items)], seat)
            for number, seat in enumerate(self.seats)
            for turn in (1, 2)
        ]
        given = {(review.item_id, review.seat_id) for review in self.reviews}
        Conflict.objects.bulk_create(
            Conflict(proposal=item.proposal, user=seat.user, source=Source.DETECTED, ground=Ground.INSTITUTION, evidence="one institute")
            for item, seat in pairs
            if (item.pk, seat.pk) not in given
        )  # fmt: skip

    def propose(self) -> Allocation:
        """Let an assignment be proposed that gives each review to the next reviewer."""
        seats = {seat.pk: str(self.seats[place - 1].pk) for place, seat in enumerate(self.seats)}
        pairs = [[str(one.item_id), seats[one.seat_id], 500_000, {"texts": 0.5, "bids": 1.0}] for one in self.reviews]
        others = {str(item.pk): [str(seat.pk) for seat in self.seats[:2]] for item in self.items}
        answer = {
            "pairs": pairs,
            "alternates": others,
            "total": 1,
            "bound": 1,
            "floor": None,
            "floor_bound": None,
            "proven": True,
        }
        made = Allocation.objects.create(
            panel=self.panel, asked=Asked(Aim.TOTAL).kept(), state=AllocationState.PROPOSED, answer=answer, done=100
        )
        made.items.set(self.items)
        return made

    def score(self, *, calibrated: bool = False) -> ScoreTable:
        """Hand the submitted marks over; ``calibrated``: with merits that count, and a covariance."""
        call, by = self.made.call, self.made.office
        number = call.score_tables.count() + 1
        table = ScoreTable.objects.create(
            opportunity=call, number=number, name="panels", sha256="0" * 64, rows=1, uploaded_by=by
        )
        marks = Mark.objects.filter(review__item__panel=self.panel).select_related("review__item", "review__seat")
        Score.objects.bulk_create(
            Score(
                table=table, proposal_id=mark.review.item.proposal_id, criterion_id=mark.criterion_id,
                reviewer=mark.review.seat.label, value_permille=mark.value_permille,
            )
            for mark in marks
        )  # fmt: skip
        if calibrated:
            self._calibrate(table)
        return table

    def _calibrate(self, table: ScoreTable) -> None:
        codes = [item.proposal.code for item in self.items]
        merits = {code: str(self.lot.randint(0, 100)) for code in codes}
        rows = [["4.000000000000" if row == column else "0.250000000000" for column in codes] for row in codes]
        Calibration.objects.create(
            table=table, counts=True, codes=codes, merits=merits, means=merits, covariance=rows, facts={"blocks": []}
        )
