"""Conflicts that the search found of people who review the proposal now, as far as a person may know them and settle them.

Nothing ends by itself, so they wait: for the office, for the secretary too unless a team stated it. Whom one concerns learns nothing of
it here, and whoever has a conflict with the proposal, or is in its team, nothing either.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import ngettext

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.review.models import STEERING, LateFinding, Review, Round, Seat, Source
from moonbridge.cooperation.review.reach import items_steered
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE


def late_findings(user: Visitor, round_: Round, *, office: bool | None = None) -> QuerySet[LateFinding]:
    """Return what waits in a round for ``user`` to settle it; where the review has ended since, nothing waits any more.

    ``office``: whether they are of the office that called, if that is known already; else the database is asked.
    """
    seated = {"panel__seats__user": OuterRef("user_id"), "panel__seats__left_at": None}
    there = items_steered(user, round_, STEERING).filter(proposal=OuterRef("proposal_id"), **seated)
    reviewing = Review.objects.filter(
        item__proposal=OuterRef("proposal_id"), seat__user=OuterRef("user_id"), state__in=sorted(ACTIVE)
    )
    stated = Exists(there.filter(Sight(user).office())) if office is None else Q(Value(office))
    told = ~Q(source=Source.TEAM) | stated
    return LateFinding.objects.filter(
        told, Exists(there), Exists(reviewing), proposal__opportunity=round_.opportunity_id
    ).exclude(user=user.pk)


def late_sentence(many: int) -> str:
    """Say how many conflicts wait to be settled; nothing where none does."""
    text = ngettext(
        "%(n)d conflict of somebody who reviews the proposal now is not settled.",
        "%(n)d conflicts of people who review the proposals now are not settled.",
        many,
    )
    return text % {"n": many} if many else ""


def those_who_settle(round_: Round) -> QuerySet[User]:
    """Return the office of the agency that called and the secretaries of its panels: who is told that something waits."""
    office = Q(
        roles__kind=RoleKind.OFFICE, roles__scope=Scope.AGENCY, roles__scope_id=round_.opportunity.agency_id
    )  # fmt: skip
    seats = Seat.objects.filter(panel__round=round_, duty__in=STEERING, left_at=None)
    return User.objects.filter(office | Q(pk__in=seats.values("user_id")), is_active=True).distinct()
