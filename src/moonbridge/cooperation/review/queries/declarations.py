"""What somebody is to declare on, what they declared, and who proposes it where that may be shown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Participant, TeamMember
from moonbridge.cooperation.review.models import Bid, Conflict, Declaration, Item, Panel, Source
from moonbridge.cooperation.review.sight import Sight

PAGE: Final = 100
"""So many proposals are declared on at a time."""


@dataclass
class Asked:
    """A proposal on which somebody declares: what is shown of it, and their bid (None: nothing is declared yet).

    ``institutions`` (name, ISO code of the country) and ``people`` stay empty where who proposes may not be shown.
    """

    item: UUID
    proposal: UUID
    code: str
    title: str
    bid: int | None
    institutions: list[tuple[str, str]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    @property
    def bid_label(self) -> str:
        """The bid in words; empty where nothing is declared yet."""
        return "" if self.bid is None else str(Bid(self.bid).label)


def to_declare(user: User, panel: Panel) -> QuerySet[Item]:
    """Return what ``user`` has not declared on yet, by code."""
    return Item.objects.filter(Sight(user).to_declare(), panel=panel).order_by("proposal__code")


def declared(user: User, panel: Panel) -> QuerySet[Item]:
    """Return what ``user`` declared no conflict with, by code."""
    return Item.objects.filter(Sight(user).declared(), panel=panel).order_by("proposal__code")


def asked(user: User, items: QuerySet[Item]) -> list[Asked]:
    """Return ``items`` (of :func:`to_declare` or :func:`declared`) as they are shown for a declaration, without who proposes them."""
    bids = Declaration.objects.filter(item=OuterRef("pk"), seat__user=user, seat__left_at=None).values("bid")[:1]
    rows = items.annotate(bid=Subquery(bids))
    return [Asked(*row) for row in rows.values_list("pk", "proposal_id", "proposal__code", "proposal__title", "bid")]


def tell_who(user: User, shown: Iterable[Asked]) -> None:
    """Add who proposes them to proposals ``shown`` for a declaration, where that may be shown; two queries."""
    found = {one.proposal: one for one in shown}
    known = Item.objects.filter(Sight(user).proposers_to_declare(), pk__in=[one.item for one in found.values()])
    taking_part = Participant.objects.filter(proposal__in=known.values("proposal_id"))
    for proposal, *where in taking_part.values_list("proposal_id", "institution", "country"):
        found[proposal].institutions.append((where[0], where[1]))
    members = TeamMember.objects.filter(proposal__in=known.values("proposal_id"))
    for proposal, name in members.order_by("joined_at", "pk").values_list("proposal_id", "user__name"):
        found[proposal].people.append(name)


def own_conflicts(user: User, panel: Panel) -> list[dict[str, Any]]:
    """Return the conflicts that ``user`` declared with proposals of ``panel`` and that stand."""
    mine = Conflict.objects.filter(user=user, found_by=user, source=Source.REVIEWER, standing=True)
    here = mine.filter(proposal__items__panel=panel).annotate(code=F("proposal__code"), title=F("proposal__title"))
    per_code = defaultdict(list)
    for row in here.order_by("code", "found_at"):
        per_code[row.code, row.title].append(row)
    return [{"code": code, "title": title, "reasons": rows} for (code, title), rows in per_code.items()]
