"""What somebody sees in a panel's meeting: the item that is open, what was said of it, and what comes next.

Everything is counted over the items that this person sees: while one is open that they must not know of, they see what they would see
if none were.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import F, Prefetch, Q, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Participant, TeamMember
from moonbridge.cooperation.review.boards import points_of_review
from moonbridge.cooperation.review.models import SITTING, Conflict, Item, Mark, Panel, PanelKind, Remark, Review, Seat
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import DUE, ItemState, ReviewState

_LIGHT: Final = ("state", "version", "left_out_because", "panel_id", "proposal__code", "proposal__title")
"""What an agenda shows of an item; a thousand of them are read for each screen that asks."""
COMING: Final = 8
"""Items that the screen of a meeting shows ahead; the panel's desk shows all."""


def items_of(user: User, panel: Panel) -> QuerySet[Item]:
    """Return the items of a panel whose discussion ``user`` follows, in its order, without the sealed part of the proposal."""
    found = Item.objects.filter(Sight(user).thread(), panel=panel).select_related("proposal", "recorded_by")
    return found.defer("proposal__expertise").order_by("position", "proposal__code")


@dataclass(frozen=True)
class Discussed:
    """An item with all that ``user`` may read of it."""

    user: User
    panel: Panel
    item: Item

    @cached_property
    def sight(self) -> Sight:
        """What the person may see."""
        return Sight(self.user)

    @cached_property
    def manages(self) -> bool:
        """Whether the person runs the discussion of this item."""
        return Item.objects.filter(self.sight.managed(), pk=self.item.pk).exists()

    @cached_property
    def reviews(self) -> list[Any]:
        """The submitted reviews, the technical ones after the panel's own; each with its marks, and its author where that is shown."""
        return list(_submitted(self.sight, self.item, self.panel))

    @cached_property
    def missing(self) -> list[Seat]:
        """Who has still to submit a review of it, where the person may know."""
        due = Review.objects.filter(self.sight.progress(), item=self.item, state__in=sorted(DUE))
        due = due.filter(self.sight.authors())
        return list(Seat.objects.filter(pk__in=due.values("seat_id")).select_related("user"))

    @cached_property
    def remarks(self) -> list[Remark]:
        """The thread."""
        return list(Remark.objects.filter(self.sight.thread("item__"), item=self.item).select_related("by"))

    @cached_property
    def absent(self) -> list[Seat]:
        """Who sits in the panel and leaves the room, for those who run the meeting."""
        return list(absent_from(self.user, self.item)) if self.manages else []

    @cached_property
    def participants(self) -> list[Participant]:
        """Who proposes, where the person may know."""
        known = Item.objects.filter(self.sight.proposers(), pk=self.item.pk)
        return list(Participant.objects.filter(proposal__in=known.values("proposal_id")))


def absent_from(user: User, item: Item) -> QuerySet[Seat]:
    """Return the seats whose people leave the room: in conflict with this item or, as far as ``user`` may know that, in its team."""
    away = Q(user__in=_conflicts([item.proposal_id]).values("user_id"))
    away |= Q(user__in=_teams(user, Item.objects.filter(pk=item.pk)).values("user_id"))
    return Seat.objects.filter(away, panel=item.panel_id, left_at=None, duty__in=SITTING).select_related("user")


def _conflicts(proposals: Iterable[Any]) -> QuerySet[Conflict]:
    return Conflict.objects.filter(standing=True, proposal__in=proposals)


def _teams(user: User, items: QuerySet[Item]) -> QuerySet[TeamMember]:
    """Return the teams of those of ``items`` of which ``user`` may know who proposes."""
    return TeamMember.objects.filter(proposal__in=items.filter(Sight(user).proposers()).values("proposal_id"))


def _submitted(sight: Sight, item: Item, panel: Panel) -> QuerySet[Any]:
    wanted = Q(item=item)
    if panel.kind == PanelKind.SCIENCE:
        wanted |= Q(
            item__proposal=item.proposal_id, item__panel__round=panel.round_id, item__panel__kind=PanelKind.TECHNICAL
        )
    marks = Mark.objects.filter(sight.marks("review__"), value_permille__isnull=False).select_related("criterion")
    found = Review.objects.filter(wanted, sight.marks(), state=ReviewState.SUBMITTED).only("pk", "version", "item_id")
    return (
        found.annotate(
            kind=F("item__panel__kind"), label=masked("seat__label", Q(item=item)), points=points_of_review(),
            author=masked("seat__user__name", sight.authors()), finding=masked("verdict", sight.marks()),
            for_team=masked("to_team", sight.marks()), knows=masked("expertise", sight.marks()),
            aside=masked("confidential", sight.confidential()),
        )
        .order_by("kind", "label", "pk")
        .prefetch_related(Prefetch("marks", queryset=marks))
    )  # fmt: skip


@dataclass(frozen=True)
class Room:
    """The meeting of a panel as one person sees it now."""

    user: User
    panel: Panel

    @cached_property
    def agenda(self) -> list[Item]:
        """The items to be discussed, in order."""
        light = items_of(self.user, self.panel).select_related(None).select_related("proposal").only(*_LIGHT)
        return [item for item in light if not item.left_out_because]

    @cached_property
    def open(self) -> Discussed | None:
        """The item that is being discussed."""
        now = next((item.pk for item in self.agenda if item.state == ItemState.OPEN), None)
        item = items_of(self.user, self.panel).filter(pk=now).first() if now else None
        return Discussed(self.user, self.panel, item) if item else None

    @property
    def place(self) -> int:
        """The place of the open item, counted from 1."""
        return self.agenda.index(self.open.item) + 1 if self.open else 0

    @property
    def closed(self) -> int:
        """How many items are discussed."""
        return sum(item.state == ItemState.CLOSED for item in self.agenda)

    @property
    def coming(self) -> Sequence[Item]:
        """What comes next."""
        return [item for item in self.agenda if item.state == ItemState.WAITING][:COMING]

    @cached_property
    def digest(self) -> str:
        """A digest of everything that this person's screen shows: a screen with the same one is up to date."""
        agenda = [(item.pk, item.state, item.version) for item in self.agenda]
        said: list[object] = [agenda, self.panel.round.state]
        if self.open:
            said += [[(one.pk, one.version) for one in self.open.reviews], [one.pk for one in self.open.remarks]]
            said += [[seat.pk for seat in self.open.missing], [seat.pk for seat in self.open.absent], self.open.manages]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def minutes(user: User, panel: Panel) -> list[Item]:
    """Return the items of a panel that ``user`` runs, in the order of discussion, those that are left out last."""
    found = Item.objects.filter(Sight(user).managed(), panel=panel).select_related("proposal", "recorded_by")
    rows = found.defer("proposal__expertise").order_by("position", "proposal__code")
    return sorted(rows, key=lambda item: bool(item.left_out_because))


def absent_by_item(user: User, panel: Panel) -> dict[object, list[str]]:
    """Return the names of those who left the room, by proposal, over the items that ``user`` runs; as :func:`absent_from`."""
    seats = dict(Seat.objects.filter(panel=panel, left_at=None, duty__in=SITTING).values_list("user_id", "user__name"))
    managed = Item.objects.filter(Sight(user).managed(), panel=panel)
    found = (_conflicts(managed.values("proposal_id")), _teams(user, managed))
    pairs = {pair for rows in found for pair in rows.filter(user__in=seats).values_list("proposal_id", "user_id")}
    away: dict[object, list[str]] = {}
    for proposal, person in sorted(pairs, key=lambda pair: (seats[pair[1]], pair[1])):
        away.setdefault(proposal, []).append(seats[person])
    return away
