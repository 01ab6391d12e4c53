"""Read opportunities: what a person may see, what is open, and which promises were kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import (
    Document,
    Follow,
    Opportunity,
    Question,
    StageDate,
    StageKind,
)
from moonbridge.cooperation.opportunities.states import PUBLIC, State
from moonbridge.cooperation.opportunities.terms import PROMISED_BY_HAND
from moonbridge.cooperation.programmes.models import Mission, Partner


def visible_to(user: Visitor) -> QuerySet[Opportunity]:
    """Return the opportunities that ``user`` may see: all public ones, and the drafts of the agencies whose office they are."""
    return Opportunity.objects.filter(
        Q(state__in=PUBLIC) | Q(agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))
    )


def of_office(user: Visitor) -> QuerySet[Opportunity]:
    """Return all opportunities, drafts included, of the agencies whose office ``user`` is."""
    return Opportunity.objects.filter(agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def agencies_of(user: Visitor) -> QuerySet[Partner]:
    """Return the agencies whose office ``user`` is, by name."""
    return Partner.objects.filter(pk__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)).order_by("name")


def missions_of(user: Visitor) -> QuerySet[Mission]:
    """Return the missions of the agencies whose office ``user`` is, by name."""
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    return Mission.objects.filter(agency_id__in=offices).select_related("agency").order_by("name")


def open_now(user: Visitor) -> QuerySet[Opportunity]:
    """Return the visible opportunities whose deadline is still to come by the database's clock, the soonest first."""
    return visible_to(user).filter(state=State.OPEN, deadline__gt=Now()).order_by("deadline", "pk")


def past(user: Visitor) -> QuerySet[Opportunity]:
    """Return the visible opportunities that are over: closed, decided, cancelled, or past their deadline."""
    over = Q(state__in=[State.CLOSED, State.DECIDED, State.CANCELLED]) | Q(state=State.OPEN, deadline__lte=Now())
    return visible_to(user).filter(over).order_by("-deadline", "pk")


def for_page(user: Visitor) -> QuerySet[Opportunity]:
    """Return the visible opportunities with everything that a page shows, in a number of queries that never grows."""
    return (
        visible_to(user)
        .select_related("agency", "mission__programme", "site")
        .prefetch_related(
            "elements",
            "envelope__element",
            "accommodations__element",
            "criteria",
            "portfolio_rules",
            "stage_dates",
            "documents",
            "amendments__by",
            Prefetch("questions", Question.objects.filter(answered_at__isnull=False), to_attr="answered"),
        )
    )


def documents(user: Visitor) -> QuerySet[Document]:
    """Return the documents of the opportunities that ``user`` may see."""
    return Document.objects.filter(opportunity__in=visible_to(user))


def questions(user: Visitor) -> QuerySet[Question]:
    """Return the questions that ``user`` may read: answered ones of visible opportunities, their own, and all of their office."""
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    readable = Q(answered_at__isnull=False, opportunity__in=visible_to(user)) | Q(opportunity__agency_id__in=offices)
    if user.is_authenticated:
        readable |= Q(asked_by=user)
    return Question.objects.filter(readable)


def following(token: UUID) -> QuerySet[Follow]:
    """Return the following that a mailed ``token`` speaks for; the token is the authority."""
    return Follow.objects.filter(token=token).select_related("opportunity")


@dataclass(frozen=True, slots=True)
class StageClock:
    """One stage on the clock: what was promised first, what is promised now, what happened."""

    stage: StageKind
    first_promised: datetime | None
    promised: datetime | None
    kept: datetime | None
    note: str
    late: timedelta | None
    """How long after the first promise it happened, or by how much it is overdue now; None where neither is so."""
    overdue: bool

    @property
    def days_late(self) -> int | None:
        """Whole days by which the first promise was or is missed; 0 within a day."""
        return None if self.late is None else self.late.days

    @property
    def moved(self) -> bool:
        """Whether the promise was changed after it was first made."""
        return self.first_promised is not None and self.promised != self.first_promised


def stage_clock(opportunity: Opportunity, now: datetime) -> list[StageClock]:
    """Return the stages in the order in which they happen, promised against actual, judged at ``now``."""
    dates = {StageKind(date.stage): date for date in opportunity.stage_dates.all()}
    running = opportunity.state != State.CANCELLED
    return [_on_the_clock(dates[stage], stage, now, running=running) for stage in StageKind if stage in dates]


def _on_the_clock(date: StageDate, stage: StageKind, now: datetime, *, running: bool) -> StageClock:
    due = date.first_promised or date.promised
    overdue = running and stage in PROMISED_BY_HAND and date.kept is None and due is not None and due < now
    at = date.kept or (now if overdue else None)
    late = max(at - due, timedelta()) if at and due else None
    return StageClock(stage, date.first_promised, date.promised, date.kept, date.note, late, overdue)


def overdue(now: datetime) -> QuerySet[StageDate]:
    """Return every promise that has passed unkept, of all public opportunities that were not cancelled, the oldest first.

    What counts is the date that was promised first: an amendment that moves it shows both, and hides nothing.
    """
    return (
        StageDate.objects.annotate(due=Coalesce("first_promised", "promised"))
        .filter(stage__in=PROMISED_BY_HAND, due__lt=now, kept__isnull=True)
        .filter(opportunity__state__in=PUBLIC - {State.CANCELLED})
        .select_related("opportunity__agency")
        .order_by("due", "id")
    )
