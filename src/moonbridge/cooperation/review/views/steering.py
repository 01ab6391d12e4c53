"""Fetch the round and the panel that a page of conflicts or assignments is about; fetching is authorising."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.review.actions.holding import ASSIGNING, may_settle
from moonbridge.cooperation.review.aims import Pair
from moonbridge.cooperation.review.models import MANAGING, STEERING, Item, Panel, Round, Seat
from moonbridge.cooperation.review.reach import items_managed, panels_run
from moonbridge.cooperation.review.searches import running


@dataclass(frozen=True)
class Steered:
    """A round as somebody who runs panels of it sees it: these panels, and the one that the page is about."""

    user: User
    round: Round
    panels: list[Panel]
    panel: Panel
    searching: bool = False
    """Whether a job searches the round for conflicts now."""

    @cached_property
    def is_office(self) -> bool:
        """Whether the person is of the office of the agency that called."""
        return bool(is_office(self.user, self.round.opportunity))

    @cached_property
    def may_change(self) -> bool:
        """Whether the person assigns reviews and sets conflicts here: the office and the secretary, until marks are locked."""
        return self.round.state in ASSIGNING and self._steers

    @cached_property
    def may_settle(self) -> bool:
        """Whether the person searches for conflicts and settles what is found: the office and the secretary, until the decision."""
        return may_settle(self.round) and self._steers

    @cached_property
    def _steers(self) -> bool:
        return panels_run(self.user, STEERING).filter(pk=self.panel.pk).exists()

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
            "searching": self.searching,
        } | more  # fmt: skip

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what every page shows on which something can be changed."""
        return self.about(may_change=self.may_change) | more


def steered(request: HttpRequest, slug: str) -> Steered:
    """Return the round of an opportunity with the panels that the visitor runs; the query or the form names one of them."""
    user: User = request.user  # type: ignore[assignment]  # signed in
    run = panels_run(user, MANAGING).filter(round__opportunity__slug=slug)
    now = run.annotate(searching=Exists(running(OuterRef("round_id"))))
    panels: list[Any] = list(now.select_related("round__opportunity__agency", "round__opportunity__mission").distinct())
    asked = request.POST.get("panel") or request.GET.get("panel") or ""
    found = next((one for one in panels if not asked or str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return Steered(user, found.round, panels, found, found.searching)


def steering(request: HttpRequest, slug: str) -> Steered:
    """Return what :func:`steered` does, if the visitor may change something there."""
    seen = steered(request, slug)
    if not seen.may_change:
        raise Http404
    return seen


def settling(request: HttpRequest, slug: str) -> Steered:
    """Return what :func:`steered` does, if the visitor may settle conflicts there, although marks may be locked."""
    seen = steered(request, slug)
    if not seen.may_settle:
        raise Http404
    return seen


def back_to(seen: Steered, name: str, **query: str) -> HttpResponse:
    """Lead to a page of the same panel."""
    return redirect(reverse(name, args=[seen.round.opportunity.slug], query={"panel": str(seen.panel.pk)} | query))
