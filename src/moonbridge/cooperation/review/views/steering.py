"""Fetch the round and the panel that a page of conflicts or assignments is about; fetching is authorising."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.holding import ASSIGNING
from moonbridge.cooperation.review.aims import Pair
from moonbridge.cooperation.review.models import MANAGING, STEERING, Item, Panel, Round, Seat
from moonbridge.cooperation.review.reach import items_managed, panels_run


@dataclass(frozen=True)
class Steered:
    """A round as somebody who runs panels of it sees it: these panels, and the one that the page is about."""

    user: User
    round: Round
    panels: list[Panel]
    panel: Panel

    @cached_property
    def may_change(self) -> bool:
        """Whether the person assigns reviews and settles conflicts here: the office and the secretary, until marks are locked."""
        steered = panels_run(self.user, STEERING).filter(pk=self.panel.pk)
        return self.round.state in ASSIGNING and steered.exists()

    def item(self, code: str) -> Item | None:
        """Return the item with this code, if the person may know it."""
        return items_managed(self.user, self.panel).filter(proposal__code=code.strip()).first()

    def seat(self, label: str) -> Seat | None:
        """Return the seat with this label."""
        return self.panel.seats.filter(label=label.strip(), left_at=None).select_related("user").first()

    def pair(self, code: str, label: str) -> Pair | None:
        """Return the pair that a code and a label name."""
        item, seat = self.item(code), self.seat(label)
        return (item.pk, seat.pk) if item is not None and seat is not None else None

    def about(self, **more: Any) -> dict[str, Any]:
        """Return what every page here shows."""
        return {
            "opportunity": self.round.opportunity, "round": self.round, "panels": self.panels, "panel": self.panel,
        } | more  # fmt: skip

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what every page shows on which something can be changed."""
        return self.about(may_change=self.may_change) | more


def steered(request: HttpRequest, slug: str) -> Steered:
    """Return the round of an opportunity with the panels that the visitor runs; the query or the form names one of them."""
    user: User = request.user  # type: ignore[assignment]  # signed in
    run = panels_run(user, MANAGING).filter(round__opportunity__slug=slug)
    panels = list(run.select_related("round__opportunity__agency", "round__opportunity__mission").distinct())
    asked = request.POST.get("panel") or request.GET.get("panel") or ""
    found = next((one for one in panels if not asked or str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return Steered(user, found.round, panels, found)


def steering(request: HttpRequest, slug: str) -> Steered:
    """Return what :func:`steered` does, if the visitor may change something there."""
    seen = steered(request, slug)
    if not seen.may_change:
        raise Http404
    return seen
