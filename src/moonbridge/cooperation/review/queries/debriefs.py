"""Debriefs: what each team would be told, for those who run the panels; what it was told, for the team."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.debriefing import content
from moonbridge.cooperation.review.models import MANAGING, Debrief, Item, Mark, Review, Round
from moonbridge.cooperation.review.queries.handover import given_reviews
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.queries.scores import tied_to
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
    return _with_parts(Item.objects.filter(Sight(user).managed(), panel__round=round_))


def reviews_previewed_by(user: Visitor, round_: Round) -> QuerySet[Review]:
    """Return the reviews of these items that would speak to the teams and that ``user`` may read."""
    sight = Sight(user)
    return _spoken(round_).filter(sight.marks(), sight.managed("item__"))


def contents(items: Iterable[Item], reviews: Iterable[Review], mode: str) -> Mapping[UUID, dict[str, Any]]:
    """Return what each team is told, by the key of its proposal."""
    by_proposal: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        by_proposal[item.proposal_id].append(item)
    given: dict[UUID, list[Review]] = defaultdict(list)
    for review in reviews:
        given[review.item.proposal_id].append(review)
    return {key: content(mode, held, given[key]) for key, held in by_proposal.items()}


def everything(round_: Round) -> Mapping[UUID, dict[str, Any]]:
    """Return what every team is told, whoever releases it."""
    items = _with_parts(Item.objects.filter(panel__round=round_, proposal__submitted_at__isnull=False))
    return contents(items, _spoken(round_), round_.mode)


def _with_parts(items: QuerySet[Item]) -> QuerySet[Item]:
    found = items.select_related("panel", "proposal", "withholding").prefetch_related(
        "panel__criteria", "panel__descriptors"
    )
    return found.order_by("proposal__code", "panel__position", "panel__name")


def _spoken(round_: Round) -> QuerySet[Review]:
    marks = Mark.objects.select_related("criterion", "withholding").order_by("criterion__position", "pk")
    return (
        given_reviews(round_)
        .select_related("item", "seat__user", "withholding")
        .prefetch_related(Prefetch("marks", marks))
    )
