"""Read requests and loans, each only by those whom it concerns, and what everybody may see of the collections."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat, StrIndex

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, holders, scope_ids
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.review.models import Source
from moonbridge.cooperation.samples import conflicts
from moonbridge.cooperation.samples.debts import loans_with_parts
from moonbridge.cooperation.samples.models import (
    Allocation,
    Assessment,
    Incident,
    Lender,
    Loan,
    Request,
    RequestLine,
    Transfer,
)
from moonbridge.cooperation.samples.rules.lending import member
from moonbridge.cooperation.samples.states.ledger import IncidentState
from moonbridge.cooperation.samples.states.lending import ENDED, RequestState

OFFICERS = (RoleKind.OFFICE, RoleKind.CURATOR)
COMMITTEE = (RoleKind.OFFICE, RoleKind.REVIEWER)


def _of_agencies(user: Visitor, kinds: Iterable[RoleKind]) -> Q:
    found = Q(pk=None)
    for kind in kinds:
        found |= Q(agency_id__in=scope_ids(user, kind, Scope.AGENCY))
    return found


def lenders() -> QuerySet[Lender]:
    """Return the agencies that lend, with the policy of each."""
    return Lender.objects.select_related("agency").order_by("agency__name")


def requests_visible_to(user: Visitor) -> QuerySet[Request]:
    """Return one's own requests, and for officers, committee and auditors of the agency those that were submitted.

    A request with which somebody has a conflict is not there for them, whatever else they are.
    """
    if not user.is_authenticated:
        return Request.objects.none()
    known = ~Q(state=RequestState.DRAFT) & Q(submitted_at__isnull=False)
    theirs = known & _of_agencies(user, (*OFFICERS, RoleKind.REVIEWER, RoleKind.AUDITOR))
    return Request.objects.filter(Q(by=user) | (theirs & conflicts.open_to(user)))


def drafts(user: Visitor) -> QuerySet[Request]:
    """Return the requests that ``user`` is still writing."""
    own = Request.objects.filter(by=user) if user.is_authenticated else Request.objects.none()
    return own.filter(state=RequestState.DRAFT)


def with_lines(requests: QuerySet[Request]) -> QuerySet[Request]:
    """Return the requests with what a page says of them, in a fixed number of queries."""
    lines = RequestLine.objects.select_related("split__collection__book")
    return requests.select_related("agency__lender", "by").prefetch_related(Prefetch("lines", lines))


def to_decide(user: Visitor) -> QuerySet[Request]:
    """Return the submitted requests that ``user`` may decide or judge."""
    return requests_visible_to(user).filter(
        _of_agencies(user, (*OFFICERS, RoleKind.REVIEWER)), state=RequestState.SUBMITTED
    )


def assessments_visible_to(user: Visitor) -> QuerySet[Assessment]:
    """Return one's own assessments, and for officers and auditors all of their agency; applicants see none."""
    if not user.is_authenticated:
        return Assessment.objects.none()
    seen = requests_visible_to(user).exclude(by=user)
    theirs = Q(request__in=seen.filter(_of_agencies(user, (*OFFICERS, RoleKind.AUDITOR))))
    return Assessment.objects.filter(Q(by=user, request__in=seen) | theirs).select_related("by", "request")


@dataclass(frozen=True, slots=True)
class TieShown:
    """A conflict as the office sees it: of whom, and the tie."""

    user: User
    tie: conflicts.Tie

    @property
    def can_be_lifted(self) -> bool:
        """Whether it may be lifted; what somebody declared stays."""
        return self.tie.source != Source.REVIEWER


def committee(agency: UUID) -> QuerySet[User]:
    """Return who judges requests to an agency, or decides them: committee, office and curators, by name."""
    people = Q(pk=None)
    for kind in (*COMMITTEE, RoleKind.CURATOR):
        people |= Q(pk__in=holders(kind, Scope.AGENCY, agency).values("pk"))
    return User.objects.filter(people).order_by("name", "email")


def ties_shown(user: User, request: Request) -> list[TieShown]:
    """Return the conflicts of the committee with a request that ``user`` sees: for officers and auditors, and never to who asks."""
    office = requests_visible_to(user).filter(_of_agencies(user, (*OFFICERS, RoleKind.AUDITOR)), pk=request.pk)
    if request.by_id == user.pk or not office.exists():
        return []
    people = {one.pk: one for one in committee(request.agency_id)}
    found = conflicts.standing([request], list(people.values()))
    shown = (one for one in found if one.source != Source.DETECTED or member(people[one.user], request.agency_id))
    return [TieShown(people[one.user], one) for one in shown]


def loans_visible_to(user: Visitor) -> QuerySet[Loan]:
    """Return one's own loans, and for officers and auditors those of their agency."""
    if not user.is_authenticated:
        return Loan.objects.none()
    return Loan.objects.filter(Q(borrower=user) | _of_agencies(user, (*OFFICERS, RoleKind.AUDITOR)))


def agencies_lent_for(user: Visitor) -> QuerySet[Partner]:
    """Return the lending agencies for which ``user`` is an officer."""
    found = Q(pk=None)
    for kind in OFFICERS:
        found |= Q(pk__in=scope_ids(user, kind, Scope.AGENCY))
    return Partner.objects.filter(found, lender__isnull=False).order_by("name")


def transfers_visible_to(user: Visitor) -> QuerySet[Transfer]:
    """Return the transfers that one receives or asked for, and for officers those of their agency to which the receiver agreed."""
    if not user.is_authenticated:
        return Transfer.objects.none()
    decides = Q(line__loan__in=Loan.objects.filter(_of_agencies(user, OFFICERS)), accepted_at__isnull=False)
    found = Transfer.objects.filter(Q(to=user) | Q(asked_by=user) | decides).order_by("asked_at", "pk")
    return found.select_related("line__loan", "line__split", "line__lent", "to", "asked_by", "made")


def transfers_for(user: Visitor) -> QuerySet[Transfer]:
    """Return the open transfers that wait for ``user``: to be accepted as receiver, or decided as an officer."""
    return transfers_visible_to(user).filter(approved=None)


def incidents_visible_to(user: Visitor) -> QuerySet[Incident]:
    """Return what one reported, what is missing of one's own loans and, for officers and auditors, of their agency's pieces."""
    if not user.is_authenticated:
        return Incident.objects.none()
    place = StrIndex(OuterRef("missing_from"), Concat(Value(":"), "code", Value("/")))
    own = Loan.objects.filter(borrower=user).annotate(place=place).filter(place__gt=0)
    seen = Q(reported_by=user) | Q(Exists(own))
    for kind in (*OFFICERS, RoleKind.AUDITOR):
        seen |= Q(split__collection__agency_id__in=scope_ids(user, kind, Scope.AGENCY))
    return Incident.objects.filter(seen).distinct().select_related("split__collection__agency")


def incidents_of(loan: Loan) -> QuerySet[Incident]:
    """Return what is or was missing of a loan; the label of the account from which it is missing names the line."""
    return Incident.objects.filter(missing_from__contains=f":{loan.code}/").select_related("split").order_by("at")


def written_off() -> QuerySet[Incident]:
    """Return the incidents of which everybody is told: written off, with a public note."""
    found = Incident.objects.filter(state=IncidentState.WRITTEN_OFF)
    return found.select_related("split__collection__book").order_by("-at")


def borrowed(user: Visitor) -> QuerySet[Loan]:
    """Return the loans of which ``user`` is the responsible person, those that run first."""
    own = Loan.objects.filter(borrower=user) if user.is_authenticated else Loan.objects.none()
    return loans_with_parts(own).order_by("ends_on", "-approved_at")


def running(agency: UUID) -> QuerySet[Loan]:
    """Return the loans of an agency that are not over."""
    return loans_with_parts(Loan.objects.filter(agency=agency).exclude(state__in=ENDED)).order_by("ends_on", "code")


def newest_allocation(agency: Partner) -> Allocation | None:
    """Return the newest allocation of an agency."""
    return Allocation.objects.filter(agency=agency).order_by("-at").first()
