"""Read assignments: those that one may see, and who reviews what now."""

from django.db.models import Exists, OuterRef, QuerySet

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.review.models import MANAGING, Allocation, Item, Panel
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight


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
