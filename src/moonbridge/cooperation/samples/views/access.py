"""Fetch what a page is about; fetching is authorising."""

from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.debts import loans_with_parts
from moonbridge.cooperation.samples.models import Assessment, Collection, Loan, LoanLine, Request, Split
from moonbridge.cooperation.samples.queries import bench, lending
from moonbridge.cooperation.samples.queries.readable import pieces_read_by
from moonbridge.cooperation.samples.rules.ledger import may_release
from moonbridge.cooperation.samples.rules.lending import may_decide
from moonbridge.errors import InputError


def request_seen(user: User, key: UUID) -> Request:
    """Return a request that ``user`` may see, with what pages show of it."""
    return get_object_or_404(lending.with_lines(lending.requests_visible_to(user)), pk=key)


def request_written(user: User, key: UUID) -> Request:
    """Return a request of ``user``."""
    found = request_seen(user, key)
    if found.by_id != user.pk:
        raise Http404
    return found


def request_judged(user: User, key: UUID) -> Request:
    """Return a request that ``user`` sees, or does not see since they declared a conflict: sent twice, that is answered alike."""
    declared = Request.objects.filter(assessments__in=Assessment.objects.filter(by=user).exclude(conflict=""))
    seen = lending.requests_visible_to(user)
    return get_object_or_404(
        Request.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=declared.values("pk"))), pk=key
    )


def request_decided(user: User, key: UUID) -> Request:
    """Return a request that ``user`` may decide."""
    found = request_seen(user, key)
    if not may_decide(user, found):
        raise Http404
    return found


def loan_seen(user: User, code: str) -> Loan:
    """Return a loan that ``user`` may see, with what pages show of it."""
    return get_object_or_404(loans_with_parts(lending.loans_visible_to(user)), code=code)


def loan_borrowed(user: User, code: str) -> Loan:
    """Return a loan of which ``user`` is the responsible person."""
    found = loan_seen(user, code)
    if found.borrower_id != user.pk:
        raise Http404
    return found


def line_borrowed(user: User, code: str, number: int) -> LoanLine:
    """Return a line of one's own loan."""
    lines = LoanLine.objects.select_related("loan__agency", "split__collection__book", "lent")
    return get_object_or_404(lines, loan=loan_borrowed(user, code), number=number)


def agency_lent_for(user: User, slug: str) -> Partner:
    """Return a lending agency of which ``user`` is an officer."""
    return get_object_or_404(lending.agencies_lent_for(user), slug=slug)


def receiver(email: str) -> User:
    """Return the active person to whom a line shall pass; raises :class:`InputError` where nobody is known by that address."""
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise InputError(gettext("Nobody is known here with this address; ask them to sign up first."), field="email")
    return found


def agency_kept(user: User, slug: str) -> Partner:
    """Return an agency of which ``user`` is a curator."""
    return get_object_or_404(bench.agencies_kept_by(user), slug=slug)


def collection_kept(user: User, slug: str) -> Collection:
    """Return a collection of which ``user`` is a curator."""
    return get_object_or_404(bench.collections_kept_by(user), slug=slug)


def piece_kept(user: User, key: UUID) -> Split:
    """Return a piece of which ``user`` is a curator."""
    return get_object_or_404(bench.pieces_kept_by(user), pk=key)


def piece_read(user: User, key: UUID) -> Split:
    """Return a piece whose history ``user`` may read."""
    return get_object_or_404(pieces_read_by(user), pk=key)


def piece_released(user: User, key: UUID) -> Split:
    """Return a piece of which ``user``, as the office, says whether it may be lent."""
    found = piece_read(user, key)
    if not may_release(user, found.collection):
        raise Http404
    return found
