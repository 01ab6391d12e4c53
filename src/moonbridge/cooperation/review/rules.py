"""Who may do what with scores and invitations, and which proposals are scored."""

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from moonbridge.accounts.models import Role, User
from moonbridge.accounts.queries import Visitor
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.opportunities.models import Opportunity, StageKind
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.models import Duty, Seat
from moonbridge.cooperation.review.states import RoundState
from moonbridge.formats.tables.scores import Scale, Scheme


def _is_under_review(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and opportunity.state == State.CLOSED


is_under_review = predicate(_is_under_review)
may_upload = is_office & is_under_review
"""The office, between the deadline and the decision."""


def scheme(opportunity: Opportunity) -> Scheme:
    """Return what may appear in a score table: the submitted proposals and the criteria with their scales."""
    submitted = opportunity.proposals.filter(state=ProposalState.SUBMITTED).order_by("code")
    return Scheme(
        tuple(submitted.values_list("code", flat=True)),
        tuple(
            Scale(
                criterion.name, criterion.lowest, criterion.highest, (criterion.name_zh,) if criterion.name_zh else ()
            )
            for criterion in opportunity.criteria.all()
        ),
    )


GIVEN = (Duty.CHAIR, Duty.SECRETARY, Duty.MEMBER, Duty.RESERVE, Duty.OBSERVER)
"""Duties that the office gives by itself: referees are invited with what they judge, peers come from teams."""
ANSWERABLE = frozenset({RoundState.PREPARING, RoundState.DECLARING, RoundState.REVIEWING, RoundState.DISCUSSING})
"""States of a round in which somebody who was invited may still come in."""


def owns_address(user: User, email: str) -> bool:
    """Return whether an address is the person's own: that of the account, or another one that they have confirmed."""
    if user.email.casefold() == email.casefold():
        return True
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return bool(confirmed.exists())


def reviews_are_over(opportunity: Opportunity) -> bool:
    """Return whether the date until which reviews were promised has passed by the database's clock; never where none is promised."""
    return opportunity.stage_dates.filter(stage=StageKind.REVIEWS, promised__lte=Now()).exists()


def known_to_office(opportunity: Opportunity) -> QuerySet[User]:
    """Return the people whom the agency knows already: they hold a role of it, or sit or sat in a panel of it.

    Only these are seated at once. Everybody else is invited, whether or not the address has an account here, so that nobody learns
    from this site who has one.
    """
    agency = opportunity.agency_id
    roles = Role.objects.filter(
        Q(scope_id=agency) | Q(scope_id__in=Opportunity.objects.filter(agency=agency).values("pk"))
    )
    seats = Seat.objects.filter(panel__round__opportunity__agency=agency)
    known = Q(pk__in=roles.values("user_id")) | Q(pk__in=seats.values("user_id"))
    return User.objects.filter(known, is_active=True).order_by("name", "email")
