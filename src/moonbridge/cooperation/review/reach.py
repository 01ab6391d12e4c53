"""Which rounds, panels, items, conflicts and assignments a person runs or may see; actions ask it as pages do."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.review.models import (
    MANAGING,
    Allocation,
    Conflict,
    Duty,
    Item,
    Panel,
    Review,
    Round,
    Seat,
    Source,
)
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import ACTIVE, UNSEALED

_REASONS: Final = ("ground", "source", "evidence", "certain")
"""What a conflict is told with: each would say who proposes."""


def rounds_of_office(user: Visitor) -> QuerySet[Round]:
    """Return the rounds of the agencies whose office ``user`` is."""
    return Round.objects.filter(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def panels_seated(user: Visitor, duties: Iterable[Duty] = tuple(Duty)) -> QuerySet[Panel]:
    """Return the panels in which ``user`` holds a seat now, with one of these duties."""
    return Panel.objects.filter(pk__in=Sight(user).seats(duties).values("panel_id"))


def panels_run(user: Visitor, duties: Iterable[Duty]) -> QuerySet[Panel]:
    """Return the panels that ``user`` runs: as the agency's office, or from a seat with one of these duties."""
    return Panel.objects.filter(round__in=rounds_of_office(user)) | panels_seated(user, duties)


def items_managed(user: Visitor, panel: Panel) -> QuerySet[Item]:
    """Return the items of ``panel`` of which ``user`` may know who reviews them, by code."""
    managed = Item.objects.filter(Sight(user).managed(), panel=panel)
    return managed.select_related("proposal").order_by("proposal__code")


def allocations_visible_to(user: Visitor) -> QuerySet[Allocation]:
    """Return the assignments of which ``user`` sees every single item, as office, chair or secretary.

    An assignment says of each item what it means for all others (totals, loads, who may step in), so that no part of it is shown to
    somebody who must not know one of them.
    """
    managed = Item.objects.filter(Sight(user).managed())
    about = Allocation.items.through.objects.filter(allocation_id=OuterRef("pk"))
    hidden = about.exclude(item_id__in=managed.values("pk"))
    run = Allocation.objects.filter(panel__in=panels_run(user, MANAGING).values("pk"))
    return run.filter(Exists(about), ~Exists(hidden)).select_related(
        "panel__round__opportunity", "made_by", "decided_by"
    )


def conflicts_visible_to(user: Visitor, panels: Iterable[Panel]) -> QuerySet[Conflict]:
    """Return the conflicts of those who sit in ``panels`` with their items, as far as ``user`` manages these.

    ``told_ground``, ``told_source``, ``told_evidence`` and ``told_certain`` are null where ``user`` must not know who proposes: the
    reason would tell it. ``label`` and ``code`` name reviewer and proposal. What a team stated is for the office alone: nobody who
    judges learns of it, not even that there is something.
    """
    sight, held = Sight(user), list(panels)

    def among(condition: Q) -> Q:
        """Ask panel by panel whether the proposal is in one set and the person in another: each is made once, not for each conflict."""
        return reduce(or_, (_in_panel(panel, condition) for panel in held), Q(pk__in=[]))

    sealed = any(panel.round.is_dual and panel.round.state not in UNSEALED for panel in held)
    told = {name: masked(name, among(sight.proposers())) if sealed else F(name) for name in _REASONS}
    seats = Seat.objects.filter(panel__in=held, user=OuterRef("user_id")).order_by("label")
    reviewing = Review.objects.filter(
        item__proposal=OuterRef("proposal_id"), seat__user=OuterRef("user_id"), state__in=sorted(ACTIVE)
    )
    return (
        Conflict.objects.filter(among(sight.managed()))
        .filter(~Q(source=Source.TEAM) | among(sight.office()))
        .annotate(
            **{f"told_{name}": value for name, value in told.items()},
            label=Subquery(seats.values("label")[:1], output_field=CharField()),
            code=F("proposal__code"),
            reviewing=Exists(reviewing),
        )
        .select_related("proposal", "user", "lifted_by")
    )


def _in_panel(panel: Panel, condition: Q) -> Q:
    """Rooted at Conflict: the proposal is before ``panel``, where ``condition`` holds of it, and the person sits or sat there."""
    items, seats = Item.objects.filter(condition, panel=panel), Seat.objects.filter(panel=panel)
    return Q(proposal__in=items.values("proposal"), user__in=seats.values("user"))


def items_steered(user: Visitor, round_: Round, duties: Iterable[Duty]) -> QuerySet[Item]:
    """Return the items of a round that ``user`` manages in panels which they run as office or from a seat with these duties."""
    run = panels_run(user, duties).filter(round=round_)
    return Item.objects.filter(Sight(user).managed(), panel__in=run.values("pk"))
