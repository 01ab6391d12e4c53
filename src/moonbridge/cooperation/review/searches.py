"""Which rounds a job searches for conflicts, and what it found, as far as a person may know it and settle it.

A search is of the whole round. Its reader is shown what a search made for them alone would find: of items that they steer, nothing of
themselves, and what teams state as the office only.
"""

from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Collate

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.detecting import Finding, Recheck
from moonbridge.cooperation.review.models import (
    STEERING,
    Conflict,
    Found,
    Ground,
    Item,
    Review,
    Round,
    Search,
    Seat,
    Source,
)
from moonbridge.cooperation.review.reach import items_steered
from moonbridge.cooperation.review.states import ACTIVE, SearchState

AT_ONCE: Final = 20_000
"""Pairs of a proposal and a person that are compared while a page waits, as many as an assignment works out at once; more are a job."""


def is_large(round_: Round) -> bool:
    """Return whether there is so much to compare in a round that a job searches it."""
    items, seats = Item.objects.filter(panel__round=round_), Seat.objects.filter(panel__round=round_, left_at=None)
    counted = Round.objects.filter(pk=round_.pk).values_list(_number(items), _number(seats))
    return any((proposals or 0) * (people or 0) > AT_ONCE for proposals, people in counted)


def _number(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n"))


def running(round_: UUID | OuterRef) -> QuerySet[Search]:
    """Return the search on which a job works in a round; none where no job does."""
    return Search.objects.filter(round=round_, state=SearchState.RUNNING)


def newest_of(round_: Round) -> tuple[Search | None, Search | None]:
    """Return the newest search of a round, and the newest that has found something; either may be missing, and both be one."""
    newest = list(round_.searches.all())
    return next(iter(newest), None), next((one for one in newest if one.state == SearchState.FOUND), None)


def new_of(search: Search) -> QuerySet[Found]:
    """Return what a search found that is neither kept since nor lifted on the same evidence; one for each pair, source and ground.

    ``reviewing`` says whether the person reviews the proposal now.
    """
    tie = {name: OuterRef(name) for name in ("proposal_id", "user_id", "source", "ground")}
    kept = Conflict.objects.filter(**tie)
    lifted = kept.filter(standing=False, evidence=OuterRef("evidence"))
    new = search.found.filter(~Exists(kept.filter(standing=True)), ~Exists(lifted))
    first = new.order_by(*tie, Collate("evidence", "C"), "certain").distinct(*tie)
    pair = {"item__proposal": OuterRef("proposal_id"), "seat__user": OuterRef("user_id")}
    reviews = Review.objects.filter(state__in=sorted(ACTIVE), **pair)
    return Found.objects.filter(pk__in=first.values("pk")).annotate(reviewing=Exists(reviews))


def finding_of(found: Found) -> Finding:
    """Return what was found as a search at once tells it."""
    source, ground = Source(found.source), Ground(found.ground)
    return Finding(found.proposal_id, found.user_id, ground, found.evidence, found.certain, source)


def recheck_of(found: QuerySet[Found]) -> Recheck:
    """Return these new conflicts, and which of them concern reviews that go on, as a search at once tells them."""
    rows = [(finding_of(one), one) for one in found]
    broken = tuple(said for said, one in rows if one.reviewing)  # type: ignore[attr-defined]  # annotated
    return Recheck(tuple(said for said, _ in rows), (), broken)


def new_to(user: User, search: Search, *, teams: bool) -> QuerySet[Found]:
    """Return what :func:`new_of` does, as far as ``user`` may know it; with ``teams`` what teams state, too."""
    return _seen(new_of(search), user, search, {"panel__seats__left_at": None}, teams=teams)


def gone_to(user: User, search: Search, *, teams: bool) -> QuerySet[Conflict]:
    """Return the conflicts that stand and that a search did not find any more, as far as ``user`` may know them."""
    kept = Conflict.objects.filter(pk__in=search.gone.values("pk"), standing=True)
    return _seen(kept, user, search, {}, teams=teams)


def _seen[Row: (Found, Conflict)](
    rows: QuerySet[Row], user: User, search: Search, seated: dict[str, Any], *, teams: bool
) -> QuerySet[Row]:
    """Keep of ``rows`` what is of items that ``user`` steers and of others who sit there, ``seated`` so."""
    steered = Item.objects.filter(pk__in=items_steered(user, search.round, STEERING).values("pk"))
    there = steered.filter(proposal=OuterRef("proposal_id"), panel__seats__user=OuterRef("user_id"), **seated)
    told = rows if teams else rows.exclude(source=Source.TEAM)
    return told.filter(Exists(there)).exclude(user=user.pk).select_related("proposal", "user")
