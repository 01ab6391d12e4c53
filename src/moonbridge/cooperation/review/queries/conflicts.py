"""Read conflicts of interest: only those of items that one manages, and their reasons only where one may know who proposes."""

from collections.abc import Iterable

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.review.models import Conflict, Duty, Item, Panel, Review, Round, Seat
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import ACTIVE


def conflicts_visible_to(user: Visitor, panels: QuerySet[Panel]) -> QuerySet[Conflict]:
    """Return the conflicts of those who sit in ``panels`` with their items, as far as ``user`` manages these.

    ``told_ground``, ``told_source``, ``told_evidence`` and ``told_certain`` are null where ``user`` must not know who proposes: the
    reason would tell it. ``label`` and ``code`` name reviewer and proposal.
    """
    sight = Sight(user)
    there = Item.objects.filter(
        panel__in=panels.values("pk"), proposal=OuterRef("proposal_id"), panel__seats__user=OuterRef("user_id")
    )
    known = Q(Exists(there.filter(sight.proposers())))
    seats = Seat.objects.filter(panel__in=panels.values("pk"), user=OuterRef("user_id")).order_by("label")
    reviewing = Review.objects.filter(
        item__proposal=OuterRef("proposal_id"), seat__user=OuterRef("user_id"), state__in=sorted(ACTIVE)
    )
    return (
        Conflict.objects.filter(Exists(there.filter(sight.managed())))
        .annotate(
            **{f"told_{name}": masked(name, known) for name in ("ground", "source", "evidence", "certain")},
            label=Subquery(seats.values("label")[:1], output_field=CharField()),
            code=F("proposal__code"),
            reviewing=Exists(reviewing),
        )
        .select_related("proposal", "user", "lifted_by")
    )


def items_steered(user: Visitor, round_: Round, duties: Iterable[Duty]) -> QuerySet[Item]:
    """Return the items of a round that ``user`` manages in panels which they run as office or from a seat with these duties."""
    run = panels_run(user, duties).filter(round=round_)
    return Item.objects.filter(Sight(user).managed(), panel__in=run.values("pk"))
