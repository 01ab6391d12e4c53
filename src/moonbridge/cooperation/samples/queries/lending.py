"""Read requests and loans, each only by those whom it concerns, and what everybody may see of the collections."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat, StrIndex

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.programmes.models import Partner
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
    """Return one's own requests, and for officers, committee and auditors of the agency those that were submitted."""
    if not user.is_authenticated:
        return Request.objects.none()
    known = ~Q(state=RequestState.DRAFT) & Q(submitted_at__isnull=False)
    theirs = known & _of_agencies(user, (*OFFICERS, RoleKind.REVIEWER, RoleKind.AUDITOR))
    return Request.objects.filter(Q(by=user) | theirs)


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
    theirs = Q(request__in=Request.objects.filter(_of_agencies(user, (*OFFICERS, RoleKind.AUDITOR))).exclude(by=user))
    return Assessment.objects.filter(Q(by=user) | theirs).select_related("by", "request")


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
