"""Debriefs: what each team would be told, for those who run the panels; what it was told, for the team."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.debriefing import spoken, with_parts
from moonbridge.cooperation.review.handovers import given_reviews, tied_to
from moonbridge.cooperation.review.models import MANAGING, Debrief, Item, Mark, Review, Round, Withholding
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight

_WORDS: Final = r"\S"
"""A comment says something where this is found in it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What the list of debriefs says of one: how much the team will be told, and how many comments are withheld."""

    proposal: Proposal
    reviews: int
    comments: int
    to_team: bool
    withheld: int


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
    return with_parts(_managed(user, round_))


def reviews_previewed_by(user: Visitor, round_: Round) -> QuerySet[Review]:
    """Return the reviews of these items that would speak to the teams and that ``user`` may read."""
    return spoken(round_).filter(_readable(user))


def proposals_previewed_by(user: Visitor, round_: Round) -> QuerySet[Proposal]:
    """Return the proposals whose debriefs ``user`` may see before they are released, by code."""
    return Proposal.objects.filter(pk__in=_managed(user, round_).values("proposal")).order_by("code")


def outlines(user: Visitor, round_: Round, proposals: Iterable[Proposal]) -> list[Outline]:
    """Return what the list says of some proposals, counted by the database in a number of queries that never grows."""
    shown = list(proposals)
    items = _managed(user, round_).filter(proposal__in=shown)
    reviews = given_reviews(round_).filter(_readable(user), item__proposal__in=shown)
    given, saying = _given(reviews)
    withheld, panels = _withheld(items, reviews), _with_own_comment(items)
    return [Outline(one, given[one.pk], saying[one.pk], one.pk in panels, withheld[one.pk]) for one in shown]


def _managed(user: Visitor, round_: Round) -> QuerySet[Item]:
    return Item.objects.filter(Sight(user).managed(), panel__round=round_)


def _readable(user: Visitor) -> Q:
    """Rooted at Review: that it counts in a preview for ``user``."""
    sight = Sight(user)
    return sight.marks() & sight.managed("item__")


def _given(reviews: QuerySet[Review]) -> tuple[Counter[UUID], Counter[UUID]]:
    """Return by proposal how many reviews there are, and how many of them say something to the team."""
    on_marks = Mark.objects.filter(review=OuterRef("pk"), withholding=None, comment__regex=_WORDS)
    says = Q(withholding=None, to_team__regex=_WORDS) | Q(Exists(on_marks))
    rows: Any = reviews.order_by().values_list("item__proposal")
    counted = list(rows.annotate(given=Count("pk"), saying=Count("pk", filter=says)))
    return Counter({key: given for key, given, _ in counted}), Counter({key: saying for key, _, saying in counted})


def _with_own_comment(items: QuerySet[Item]) -> set[UUID]:
    """Return the proposals to whose teams a panel itself writes."""
    return set(items.filter(withholding=None, to_team__regex=_WORDS).values_list("proposal", flat=True))


def _withheld(items: QuerySet[Item], reviews: QuerySet[Review]) -> Counter[UUID]:
    """Return by proposal how many comments are withheld."""
    seen, own = reviews.order_by().values("pk"), items.order_by().values("pk")
    kept = Withholding.objects.filter(Q(item__in=own) | Q(review__in=seen) | Q(mark__review__in=seen))
    of = Coalesce("item__proposal", "review__item__proposal", "mark__review__item__proposal")
    return Counter(kept.annotate(of=of).order_by().values_list("of", flat=True))
