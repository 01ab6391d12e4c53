"""A reviewer's own reviews, what is due, and what others wrote on the same proposal."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Now

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities.models import StageDate, StageKind
from moonbridge.cooperation.review.models import JUDGING, SITTING, Duty, Item, Mark, Panel, Review, Round, Seat, Verdict
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import DUE, RoundState
from moonbridge.formats.tables.scores import score_text

_OF_THE_PANEL: Final = ("consensus", "to_team", "confidential", "position")
"""What the panel says on an item; it is not read where only reviews are."""


def own(user: Visitor) -> QuerySet[Review]:
    """Return the reviews that ``user`` owes or has given, with ``code`` and ``title`` of the proposal and where it is judged."""
    named = Review.objects.filter(Sight(user).own()).annotate(
        code=F("item__proposal__code"), title=F("item__proposal__title"), synthetic=F("item__proposal__synthetic")
    )
    kept = named.select_related("item__panel__round__opportunity__agency", "seat")
    return kept.defer(*(f"item__{name}" for name in _OF_THE_PANEL))


def of_author(user: Visitor) -> QuerySet[Review]:
    """Return the reviews that ``user`` owes or has given, with no more than saving one needs to know."""
    return Review.objects.filter(Sight(user).own()).select_related("item__panel").only("item__panel__kind")


def others(user: Visitor, review: Review) -> list[dict[str, Any]]:
    """Return what else ``user`` may read on the proposal of ``review``, newest last; what is hidden of one is None.

    ``author`` is a name; ``marks`` lists, for each criterion, its name, the digits of the mark (``shown``) and the comment.
    """
    sight = Sight(user)
    beside = Review.objects.filter(sight.marks(), item__proposal_id=review.item.proposal_id).exclude(pk=review.pk)
    rows = list(
        beside.annotate(
            author=masked("seat__user__name", sight.authors()), private=masked("confidential", sight.confidential())
        )
        .order_by("item__panel__position", "submitted_at", "pk")
        .values(
            "pk", "item__panel__name", "item__panel__kind", "to_team", "verdict", "expertise", "submitted_at", "author", "private"
        )
    )  # fmt: skip
    marks: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    given = Mark.objects.filter(sight.marks("review__"), review__in=[row["pk"] for row in rows])
    for mark in given.values("review_id", "criterion__name", "value_permille", "comment"):
        value = mark["value_permille"]
        marks[mark["review_id"]].append(mark | {"shown": None if value is None else score_text(value)})
    verdicts = dict(Verdict.choices)
    return [row | {"marks": marks[row["pk"]], "verdict": verdicts.get(row["verdict"], "")} for row in rows]


@dataclass
class Sitting:
    """A panel in which somebody sits: what they owe there, and by when.

    ``dates`` holds the promised instants of the stages that matter, as things are ``now``; ``reminders`` are the instants to come at
    which a reminder goes to whoever still owes something, of declarations or of reviews.
    """

    seat: Seat
    dates: dict[str, datetime]
    now: datetime
    to_declare: int = 0
    due: list[Review] = field(default_factory=list)
    given: list[Review] = field(default_factory=list)

    @property
    def panel(self) -> Panel:
        """The panel."""
        return self.seat.panel

    @property
    def round(self) -> Round:
        """The round of the panel."""
        return self.seat.panel.round

    @property
    def judges(self) -> bool:
        """Whether this seat may be given reviews."""
        return self.seat.duty in JUDGING

    @property
    def visits(self) -> bool:
        """Whether the panel's own page is open from this seat."""
        return self.seat.duty in {*SITTING, Duty.OBSERVER}

    @property
    def declarations_due(self) -> datetime | None:
        """By when conflicts are to be declared; None where no date is promised."""
        return self.dates.get(StageKind.DECLARATIONS)

    @property
    def reviews_due(self) -> datetime | None:
        """By when reviews are to be submitted; None where no date is promised."""
        return self.dates.get(StageKind.REVIEWS)

    @property
    def reminders(self) -> list[datetime]:
        """When reminders will go out to those who still owe something, the earlier first: the two of the calendar, or what is left."""
        due = self.declarations_due if self.round.state == RoundState.DECLARING else self.reviews_due
        if due is None:
            return []
        both = (self.round.first_reminder_days, self.round.second_reminder_days)
        return [at for days in both if (at := due - timedelta(days=days)) > self.now]


def sittings(user: Visitor) -> list[Sitting]:
    """Return the panels in which ``user`` sits and that are not concluded, those with something to declare first, then by date.

    Four queries, however much there is.
    """
    running = Sight(user).seats().exclude(panel__round__state=RoundState.CONCLUDED).annotate(now=Now())
    seats = list(running.select_related("panel__round__opportunity__agency").order_by("seated_at", "pk"))
    dates = _dates({seat.panel.round.opportunity_id for seat in seats})
    found = {seat.panel_id: Sitting(seat, dates[seat.panel.round.opportunity_id], seat.now) for seat in seats}
    for panel, many in _counted(user):
        found[panel].to_declare = many
    for review in own(user).filter(item__panel__in=found).order_by("item__proposal__code"):
        sitting = found[review.item.panel_id]
        (sitting.due if review.state in DUE else sitting.given).append(review)
    return sorted(found.values(), key=_urgency)


def _urgency(sitting: Sitting) -> tuple[bool, bool, datetime, str]:
    due = sitting.declarations_due if sitting.to_declare else sitting.reviews_due
    return not sitting.to_declare, not sitting.due, due or datetime.max.replace(tzinfo=UTC), sitting.panel.name


def _dates(opportunities: set[UUID]) -> defaultdict[UUID, dict[str, datetime]]:
    kinds = (StageKind.DECLARATIONS, StageKind.REVIEWS, StageKind.DISCUSSION)
    found: defaultdict[UUID, dict[str, datetime]] = defaultdict(dict)
    promised = StageDate.objects.filter(opportunity__in=opportunities, stage__in=kinds)
    for date in promised:
        if date.promised is not None:
            found[date.opportunity_id][date.stage] = date.promised
    return found


def _counted(user: Visitor) -> list[tuple[UUID, int]]:
    """Return how many proposals await a declaration, for each panel whose review is not concluded."""
    asked = Item.objects.filter(Sight(user).to_declare()).exclude(panel__round__state=RoundState.CONCLUDED)
    counted = asked.order_by().values_list("panel_id").annotate(many=Count("pk"))
    return list(counted.values_list("panel_id", "many"))


def dates_of(panel: Panel) -> dict[str, datetime]:
    """Return when the stages that matter to reviewers of ``panel`` are promised."""
    return _dates({panel.round.opportunity_id})[panel.round.opportunity_id]
