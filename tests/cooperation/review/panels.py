"""A closed call under review, for the tests of this stage: small builders that write what an action would have written."""

import itertools
from typing import Any

import builders
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models import (
    Conflict,
    Declaration,
    Duty,
    Ground,
    Item,
    Mark,
    Panel,
    Review,
    Round,
    Seat,
    Source,
)
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.record.queries import database_now

_numbers = itertools.count(1)


class Meeting:
    """One call with ``count`` proposals before one panel, whose chair and secretary have declared no conflict with any."""

    def __init__(
        self, count: int = 2, *, state: RoundState = RoundState.REVIEWING, mode: str = "reviewer-blind"
    ) -> None:
        self.call: Opportunity = builders.open_opportunity(state=State.CLOSED)
        self.office: User = builders.office_of(self.call.agency)
        self.round = Round.objects.create(opportunity=self.call, mode=mode, state=state, begun_by=self.office)
        self.panel = self.another_panel("Science")
        self.proposals: list[Proposal] = [builders.submitted_proposal(self.call) for _ in range(count)]
        self.items = [Item.objects.create(panel=self.panel, proposal=proposal) for proposal in self.proposals]
        self.chair = self.seat(Duty.CHAIR)
        self.secretary = self.seat(Duty.SECRETARY)
        for seat in (self.chair, self.secretary):
            self.declare(seat)

    def another_panel(self, name: str, **fields: Any) -> Panel:
        made = Panel.objects.create(round=self.round, name=name, **fields)
        made.criteria.set(self.call.criteria.all())
        return made

    def seat(
        self, duty: Duty = Duty.MEMBER, user: User | None = None, panel: Panel | None = None, **fields: Any
    ) -> Seat:
        """Seat somebody, who has declared nothing yet."""
        return Seat.objects.create(
            panel=panel or self.panel, user=user or builders.person(), duty=duty, label=f"R-{next(_numbers)}", **fields
        )

    def declare(self, seat: Seat, *items: Item) -> None:
        """Let ``seat`` declare that it has no conflict with these items, or with all of its panel."""
        for item in items or Item.objects.filter(panel=seat.panel):
            Declaration.objects.create(seat=seat, item=item)

    def member(self, *items: Item, duty: Duty = Duty.MEMBER) -> Seat:
        """Seat somebody who has declared no conflict and is assigned ``items``."""
        seat = self.seat(duty)
        self.declare(seat)
        for item in items:
            Review.objects.create(item=item, seat=seat)
        return seat

    def conflict(self, user: User, item: Item, ground: Ground = Ground.INSTITUTION) -> Conflict:
        return Conflict.objects.create(
            proposal=item.proposal, user=user, source=Source.DETECTED, ground=ground, evidence="both at one institute"
        )

    def written(self, item: Item, seat: Seat, value: int = 7, **fields: Any) -> Review:
        """Write and submit a review with the same mark for each criterion."""
        review, _ = Review.objects.get_or_create(item=item, seat=seat)
        Review.objects.filter(pk=review.pk).update(state=ReviewState.DRAFT, **fields)
        for criterion in item.panel.criteria.all():
            Mark.objects.create(review=review, criterion=criterion, value_permille=value * 1000)
        Review.objects.filter(pk=review.pk).update(state=ReviewState.SUBMITTED, submitted_at=database_now())
        review.refresh_from_db()
        return review
