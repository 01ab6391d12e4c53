"""Who may do what with requests and loans."""

from uuid import UUID

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.samples.models import Loan, Request


def officer(user: Visitor, agency: UUID) -> bool:
    """Return whether ``user`` acts for the lending agency: its programme office or a curator."""
    return any(holds(user, kind, Scope.AGENCY, agency) for kind in (RoleKind.OFFICE, RoleKind.CURATOR))


def curator(user: Visitor, agency: UUID) -> bool:
    """Return whether ``user`` keeps the agency's samples: weighs, divides, takes back."""
    return holds(user, RoleKind.CURATOR, Scope.AGENCY, agency)


def member(user: Visitor, agency: UUID) -> bool:
    """Return whether ``user`` judges requests: a reviewer of the agency, or its programme office."""
    return any(holds(user, kind, Scope.AGENCY, agency) for kind in (RoleKind.OFFICE, RoleKind.REVIEWER))


def _is_applicant(user: Visitor, request: Request | None) -> bool:
    return request is not None and user.is_authenticated and request.by_id == user.pk


def _is_borrower(user: Visitor, loan: Loan | None) -> bool:
    return loan is not None and user.is_authenticated and loan.borrower_id == user.pk


def _is_officer(user: Visitor, thing: Request | Loan | None) -> bool:
    return thing is not None and officer(user, thing.agency_id)


def _is_curator(user: Visitor, loan: Loan | None) -> bool:
    return loan is not None and curator(user, loan.agency_id)


def _is_member(user: Visitor, request: Request | None) -> bool:
    return request is not None and member(user, request.agency_id)


is_applicant = predicate(_is_applicant)
"""Who asks: writes, submits and withdraws the request."""
is_borrower = predicate(_is_borrower)
"""The responsible person of a loan."""
is_officer = predicate(_is_officer) & ~is_borrower
"""Office or curator of the lending agency; nobody is the lender of what they borrow themselves."""
is_curator = predicate(_is_curator) & ~is_borrower
"""Weighs, divides and takes back; the second signature may be any officer's."""
may_decide = predicate(_is_officer) & ~is_applicant
"""Grant or decline a request: an officer, and never one's own."""
may_assess = predicate(_is_member) & ~is_applicant
"""Judge a request: the committee, and never one's own."""
