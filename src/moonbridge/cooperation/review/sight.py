"""Who may see what of a review: the one place where it is decided, as conditions that the database evaluates.

A :class:`Sight` belongs to one person. Each of its conditions joins the query that a page, an export, a count, a mail or the API asks, so
that nothing is fetched first and hidden afterwards. Two kinds of use:

* rows: ``Item.objects.filter(sight.items())`` keeps what the person may know to exist;
* columns: :func:`masked` turns a column into NULL where its condition fails, and everything that sorts, filters, counts or averages
  uses the masked column, so that a hidden value compares as null and leaves no trace in a total.

What holds, before the details: a person with a standing conflict, or in the team, sees nothing of the review of that proposal, whatever
else they are; and whoever sits in a panel sees an item only after having declared that there is no conflict. The office's own people
need not declare; a conflict of theirs hides the item from them as from everybody.

====================  =======================================================================================================
what                  who
====================  =======================================================================================================
an item exists        office, chair, secretary, observer; who owes a review of it; members once the panel discusses
content               office, chair, secretary; who owes a review; members once the panel discusses
who proposes          as content; in dual-anonymous calls the office and the secretary, others once the sealed parts are open
sealed part           as who proposes
a review's marks      its author; office, chair and secretary when it is submitted; members once the panel discusses;
                      a technical review also the science panel of the same proposal once it discusses
who wrote it          its author, office, chair, secretary; members once the panel discusses, of each other only (never of
                      external referees, of peers, or of the other panel)
that it is begun      its author, office, chair, secretary
confidential comment  as marks, of the own panel
thread, consensus     office, chair, secretary, members once the panel discusses
conflicts, bids       one's own (bids, and what one declared), office, secretary, chair
====================  =======================================================================================================

Teams see none of this; what they are told is the debrief, when it is released.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Expression, F, Q, QuerySet, When

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import ReviewMode
from moonbridge.cooperation.proposals.models import TeamMember
from moonbridge.cooperation.review.models import (
    MANAGING,
    SITTING,
    Conflict,
    Declaration,
    Duty,
    Item,
    PanelKind,
    Review,
    Seat,
)
from moonbridge.cooperation.review.states import ACTIVE, TALKING, UNSEALED, ReviewState


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may see of reviews. Conditions are rooted at the model that their name says, or at ``at``, the way to it."""

    user: Visitor

    @property
    def _me(self) -> Any:
        return self.user.pk if self.user.is_authenticated else None

    def seats(self, duties: Iterable[Duty] = tuple(Duty)) -> QuerySet[Seat]:
        """Return the seats that the person holds now, with one of these duties."""
        return Seat.objects.filter(user_id=self._me, duty__in=list(duties), left_at=None)

    def unconflicted(self, at: str = "") -> Q:
        """Rooted at Item: neither a standing conflict nor a place in the team."""
        return self._not_tied(f"{at}proposal_id")

    def uninvolved(self) -> Q:
        """Rooted at Proposal: as :meth:`unconflicted`, for a proposal that is before no panel yet."""
        return self._not_tied("pk")

    def _not_tied(self, proposal: str) -> Q:
        """Return that the person has no tie to the proposal whose id is at ``proposal``."""
        conflicts = Conflict.objects.filter(user_id=self._me, standing=True).values("proposal_id")
        teams = TeamMember.objects.filter(user_id=self._me).values("proposal_id")
        return ~Q(**{f"{proposal}__in": conflicts}) & ~Q(**{f"{proposal}__in": teams})

    def _answered(self, at: str) -> Q:
        """Rooted at Item: declared to be without conflict, from a seat held now."""
        declared = Declaration.objects.filter(seat__user_id=self._me, seat__left_at=None).values("item_id")
        return Q(**{f"{at}pk__in": declared})

    def office(self, at: str = "") -> Q:
        """Rooted at Item: as the office of the agency that called."""
        offices = scope_ids(self.user, RoleKind.OFFICE, Scope.AGENCY)
        return Q(**{f"{at}panel__round__opportunity__agency_id__in": offices}) & self.unconflicted(at)

    def _seated(self, duties: Iterable[Duty], at: str) -> Q:
        """Rooted at Item: from a seat in its panel with one of these duties, after having declared no conflict."""
        mine = Q(**{f"{at}panel_id__in": self.seats(duties).values("panel_id")})
        return mine & self._answered(at) & self.unconflicted(at)

    def managed(self, at: str = "") -> Q:
        """Rooted at Item: as office, chair or secretary: who reviews it, how far they are, and all that was submitted."""
        return self.office(at) | self._seated(MANAGING, at)

    def discussed(self, at: str = "") -> Q:
        """Rooted at Item: as a sitting member whose panel has begun to discuss."""
        talking = Q(**{f"{at}panel__round__state__in": sorted(TALKING)})
        return talking & self._seated(SITTING, at)

    def _owed(self, at: str) -> Q:
        """Rooted at Item: as somebody who owes or has given a review of it."""
        given = Review.objects.filter(seat__user_id=self._me, state__in=sorted(ACTIVE)).values("item_id")
        return Q(**{f"{at}pk__in": given}) & self._seated(tuple(Duty), at)

    def contents(self, at: str = "") -> Q:
        """Rooted at Item: what is proposed (its anonymous part where the call is dual-anonymous)."""
        return self.managed(at) | self.discussed(at) | self._owed(at)

    def items(self, at: str = "") -> Q:
        """Rooted at Item: that it is there, with code and title."""
        return self.contents(at) | self._seated([Duty.OBSERVER], at)

    def to_declare(self, at: str = "") -> Q:
        """Rooted at Item: what the person is asked to declare on, and has not yet.

        Those who sit, reserves and observers: all of their panel, once declarations are asked. Referees and peers: what was assigned to
        them. Shown then: code, title and, unless the call is dual-anonymous, who proposes.
        """
        all_of_it = self.seats((*SITTING, Duty.RESERVE, Duty.OBSERVER)).exclude(panel__round__state="preparing")
        assigned = Review.objects.filter(seat__in=self.seats(), state__in=sorted(ACTIVE)).values("item_id")
        asked = Q(**{f"{at}panel_id__in": all_of_it.values("panel_id")}) | Q(**{f"{at}pk__in": assigned})
        return asked & ~self._answered(at) & self.unconflicted(at)

    def proposers(self, at: str = "") -> Q:
        """Rooted at Item: who proposes it, and the sealed part."""
        known = ~Q(**{f"{at}panel__round__mode": ReviewMode.DUAL}) | Q(
            **{f"{at}panel__round__state__in": sorted(UNSEALED)}
        )
        return (known & self.contents(at)) | self.office(at) | self._seated([Duty.SECRETARY], at)

    def declared(self, at: str = "") -> Q:
        """Rooted at Item: what the person declared no conflict with from a seat held now, and may declare on anew.

        Shown of it is what was shown when it was asked, even where the item itself is not to be seen yet.
        """
        return self._answered(at) & self.unconflicted(at)

    def proposers_to_declare(self, at: str = "") -> Q:
        """Rooted at Item: who proposes it, for the declaration."""
        return (self.to_declare(at) | self.declared(at)) & ~Q(**{f"{at}panel__round__mode": ReviewMode.DUAL})

    def own(self, at: str = "") -> Q:
        """Rooted at Review: written by the person, and still theirs to see."""
        # A person has one seat in a panel, and a review is given from a seat in the panel of its item: this is that seat.
        mine = Q(**{f"{at}seat__user_id": self._me, f"{at}seat__left_at": None, f"{at}state__in": sorted(ACTIVE)})
        return mine & self._answered(f"{at}item__") & self.unconflicted(f"{at}item__")

    def reviews(self, at: str = "") -> Q:
        """Rooted at Review: that it is there."""
        return self.own(at) | self.managed(f"{at}item__") | self.marks(at)

    def marks(self, at: str = "") -> Q:
        """Rooted at Review: its marks, its comments to the team and its verdict."""
        submitted = Q(**{f"{at}state": ReviewState.SUBMITTED})
        return self.own(at) | (submitted & (self._shared(at) | self._feasibility(at)))

    def confidential(self, at: str = "") -> Q:
        """Rooted at Review: its confidential comment."""
        return self.own(at) | (Q(**{f"{at}state": ReviewState.SUBMITTED}) & self._shared(at))

    def authors(self, at: str = "") -> Q:
        """Rooted at Review: who wrote it."""
        colleagues = Q(**{f"{at}seat__duty__in": list(SITTING)}) & self.discussed(f"{at}item__")
        return self.own(at) | self.managed(f"{at}item__") | (Q(**{f"{at}state": ReviewState.SUBMITTED}) & colleagues)

    def progress(self, at: str = "") -> Q:
        """Rooted at Review: whether it is begun, and when it was saved."""
        return self.own(at) | self.managed(f"{at}item__")

    def _shared(self, at: str) -> Q:
        return self.managed(f"{at}item__") | self.discussed(f"{at}item__")

    def _feasibility(self, at: str) -> Q:
        """Rooted at Review: a technical review of a proposal that the person's own panel discusses."""
        ours = Item.objects.filter(self.discussed()).values("proposal_id")
        technical = Q(**{f"{at}item__panel__kind": PanelKind.TECHNICAL})
        return technical & Q(**{f"{at}item__proposal_id__in": ours}) & self.unconflicted(f"{at}item__")

    def thread(self, at: str = "") -> Q:
        """Rooted at Item: its remarks, its consensus, its place in the order of discussion."""
        return self.managed(at) | self.discussed(at)

    def bids(self, at: str = "") -> Q:
        """Rooted at Declaration: what somebody declared and bid."""
        return Q(**{f"{at}seat__user_id": self._me}) & self.unconflicted(f"{at}item__") | self.managed(f"{at}item__")


def masked(column: str | Expression, condition: Q) -> Case:
    """Return ``column`` where ``condition`` holds and NULL elsewhere: an expression to select, filter, sort, count or average by."""
    value = F(column) if isinstance(column, str) else column
    return Case(When(condition, then=value), default=None)
