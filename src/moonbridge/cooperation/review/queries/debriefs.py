"""Debriefs: what each team would be told, for those who run the panels; what it was told, for the team."""

from django.db.models import Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.debriefing import spoken, with_parts
from moonbridge.cooperation.review.handovers import tied_to
from moonbridge.cooperation.review.models import MANAGING, Debrief, Item, Review, Round
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight


def visible_to(user: Visitor) -> QuerySet[Debrief]:
    """Return the released debriefs that ``user`` may read: a team its own, the office those with which it has no conflict."""
    return Debrief.objects.filter(proposal__in=told_to(user))


def told_to(user: Visitor) -> QuerySet[Proposal]:
    """Return the proposals whose debriefs ``user`` may read once they are released."""
    if not user.is_authenticated:
        return Proposal.objects.none()
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    ours = Q(opportunity__agency_id__in=offices, items__isnull=False) & ~Q(pk__in=tied_to(user))
    return Proposal.objects.filter(Q(members__user=user) | ours).distinct()


def rounds_previewed_by(user: Visitor) -> QuerySet[Round]:
    """Return the rounds in which ``user`` runs a panel, as office, chair or secretary."""
    return Round.objects.filter(panels__in=panels_run(user, MANAGING)).distinct()


def items_previewed_by(user: Visitor, round_: Round) -> QuerySet[Item]:
    """Return the items whose debriefs ``user`` may see before they are released."""
    return with_parts(Item.objects.filter(Sight(user).managed(), panel__round=round_))


def reviews_previewed_by(user: Visitor, round_: Round) -> QuerySet[Review]:
    """Return the reviews of these items that would speak to the teams and that ``user`` may read."""
    sight = Sight(user)
    return spoken(round_).filter(sight.marks(), sight.managed("item__"))
