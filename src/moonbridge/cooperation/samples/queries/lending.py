"""Read requests and loans, each only by those whom it concerns, and what everybody may see of the collections."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import (
    Assessment,
    Incident,
    Lender,
    Loan,
    LoanLine,
    Request,
    RequestLine,
    Split,
    Transfer,
)
from moonbridge.cooperation.samples.states.ledger import IncidentState
from moonbridge.cooperation.samples.states.lending import ENDED, OWES, LoanState, RequestState
from moonbridge.engines.lending.policy import Duty
from moonbridge.engines.lending.standing import Debt, Lent, debts, delinquent
from moonbridge.record.queries import database_now

OFFICERS = (RoleKind.OFFICE, RoleKind.CURATOR)
COMMITTEE = (RoleKind.OFFICE, RoleKind.REVIEWER)


def today() -> date:
    """Return the day by the database's clock, in UTC."""
    return database_now().date()


def _of_agencies(user: Visitor, kinds: Iterable[RoleKind]) -> Q:
    found = Q(pk=None)
    for kind in kinds:
        found |= Q(agency_id__in=scope_ids(user, kind, Scope.AGENCY))
    return found


def lenders() -> QuerySet[Lender]:
    """Return the agencies that lend, with the policy of each."""
    return Lender.objects.select_related("agency").order_by("agency__name")


def catalogue() -> QuerySet[Split]:
    """Return the pieces that everybody may read of: those of agencies that lend, without the portions made for a loan."""
    portions = LoanLine.objects.exclude(lent=F("split")).filter(lent__isnull=False).values("lent_id")
    listed = Split.objects.filter(collection__agency__lender__isnull=False).exclude(pk__in=portions)
    return listed.select_related("collection__agency", "collection__book", "collection__mission")


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


def loans_with_parts(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Return the loans with what pages and the engine ask of them, in a fixed number of queries."""
    lines = LoanLine.objects.select_related("split__collection__book", "lent__collection__book", "loan")
    return loans.select_related("agency", "borrower").prefetch_related(Prefetch("lines", lines), "fulfilments")


def agencies_lent_for(user: Visitor) -> QuerySet[Partner]:
    """Return the lending agencies for which ``user`` is an officer."""
    found = Q(pk=None)
    for kind in OFFICERS:
        found |= Q(pk__in=scope_ids(user, kind, Scope.AGENCY))
    return Partner.objects.filter(found, lender__isnull=False).order_by("name")


def transfers_for(user: Visitor) -> QuerySet[Transfer]:
    """Return the open transfers that wait for ``user``: to be accepted as receiver, or decided as an officer."""
    if not user.is_authenticated:
        return Transfer.objects.none()
    decides = Q(line__loan__in=Loan.objects.filter(_of_agencies(user, OFFICERS)), accepted_at__isnull=False)
    mine = Q(to=user) | Q(asked_by=user) | decides
    return Transfer.objects.filter(mine, approved=None).select_related("line__loan", "line__split", "to", "asked_by")


def incidents_visible_to(user: Visitor) -> QuerySet[Incident]:
    """Return the incidents of one's own loans and, for officers and auditors, of their agency."""
    if not user.is_authenticated:
        return Incident.objects.none()
    theirs = Q(pk=None)
    for kind in (*OFFICERS, RoleKind.AUDITOR):
        theirs |= Q(split__collection__agency_id__in=scope_ids(user, kind, Scope.AGENCY))
    return Incident.objects.filter(Q(reported_by=user) | theirs).distinct().select_related("split__collection__agency")


def incidents_of(loan: Loan) -> QuerySet[Incident]:
    """Return what is or was missing of a loan; the label of the account from which it is missing names the line."""
    return Incident.objects.filter(missing_from__contains=f":{loan.code}/").select_related("split").order_by("at")


def written_off() -> QuerySet[Incident]:
    """Return the incidents of which everybody is told: written off, with a public note."""
    found = Incident.objects.filter(state=IncidentState.WRITTEN_OFF)
    return found.select_related("split__collection__agency").order_by("-at")


def lent_of(loan: Loan) -> Lent | None:
    """Return the dates of a loan (with its lines and fulfilments) as the engine takes them; None before it was received."""
    if loan.state not in OWES or loan.received_on is None or loan.ends_on is None:
        return None
    holds = loan.state in {LoanState.RECEIVED, LoanState.ACTIVE} and any(
        line.sent_back_on is None and line.closed_on is None for line in loan.lines.all()
    )
    fulfilled = frozenset(Duty(one.duty) for one in loan.fulfilments.all())
    return Lent(
        loan.code, loan.received_on, loan.ends_on, loan.last_inventory_on, holds=holds, ended=_sent_on(loan),
        fulfilled=fulfilled,
    )  # fmt: skip


def _sent_on(loan: Loan) -> date | None:
    """Return the day on which the last of the material left the borrower, None while some is there."""
    days = [line.sent_back_on or line.closed_on for line in loan.lines.all()]
    return max(day for day in days if day) if days and all(days) else None


def debts_of(loan: Loan) -> tuple[Debt, ...]:
    """Return what is still owed on a loan."""
    found = lent_of(loan)
    return debts(loan.policy, found) if found else ()


def owed_by(user: User, institution: str) -> list[Debt]:
    """Return all that the person, or the institution, owes on any loan."""
    who = Q(borrower=user) | (Q(institution__iexact=institution.strip()) if institution.strip() else Q(pk=None))
    found = loans_with_parts(Loan.objects.filter(who, state__in=OWES))
    return [debt for loan in found for debt in debts_of(loan)]


def delinquency(user: User, institution: str, on: date) -> tuple[Debt, ...]:
    """Return the debts for which neither the person nor the institution gets anything new on that day."""
    return delinquent(owed_by(user, institution), on)


def borrowed(user: Visitor) -> QuerySet[Loan]:
    """Return the loans of which ``user`` is the responsible person, those that run first."""
    own = Loan.objects.filter(borrower=user) if user.is_authenticated else Loan.objects.none()
    return loans_with_parts(own).order_by("ends_on", "-approved_at")


def running(agency: UUID) -> QuerySet[Loan]:
    """Return the loans of an agency that are not over."""
    return loans_with_parts(Loan.objects.filter(agency=agency).exclude(state__in=ENDED)).order_by("ends_on", "code")
