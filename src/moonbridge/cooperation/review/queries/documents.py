"""What a reviewer reads of a proposal: its open part, and, where the kernel allows, who proposes it. Hidden things stay in the database."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from django.db.models import Case, F, Prefetch, Q, QuerySet, Value, When

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.proposals import parts, receipts
from moonbridge.cooperation.proposals.models import Attachment, Participant, Proposal, TeamMember
from moonbridge.cooperation.review.models import Item
from moonbridge.cooperation.review.sight import Sight

_FIELDS: Final = Proposal._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
_COLUMNS: Final = {field.name: field for field in _FIELDS if field.name in parts.SEALED}
"""The columns of a proposal that tell who proposes it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A proposal as one person may read it before one panel; ``sealed`` is None where who proposes is not theirs to know."""

    open: dict[str, Any]
    sealed: dict[str, Any] | None


def reading(user: Visitor, item: Item) -> Reading:
    """Return what ``user`` may read of the proposal of ``item``, which they may read: fetch the item through the kernel first."""
    sight = Sight(user)
    known = Item.objects.filter(sight.proposers(), pk=item.pk).values("proposal_id")
    found = _proposal(item, known)
    said = receipts.content_of(found)
    said["attachments"] = named(attachments(user, item))
    return Reading(parts.anonymous(said), parts.sealed(said) if found.known else None)  # type: ignore[attr-defined]


def _proposal(item: Item, known: QuerySet[Item, Any]) -> Proposal:
    """Return the proposal with all that it says; whatever tells who proposes is empty unless ``known`` names it."""
    seen = {
        f"seen_{name}": Case(When(pk__in=known, then=name), default=Value(field.get_default(), output_field=field))
        for name, field in _COLUMNS.items()
    }
    kept = Proposal.objects.defer(*_COLUMNS).annotate(known=Q(pk__in=known), **seen)
    found = kept.select_related("opportunity").prefetch_related(
        Prefetch("participants", Participant.objects.filter(proposal__in=known).select_related("partner")),
        Prefetch("members", TeamMember.objects.filter(proposal__in=known).select_related("user")),
        Prefetch("attachments", Attachment.objects.none()),
        "options__element", "options__demands__line", "options__modes", "relations",
    ).get(pk=item.proposal_id)  # fmt: skip
    for name in _COLUMNS:
        setattr(found, name, getattr(found, f"seen_{name}"))
    return found


def attachments(user: Visitor, item: Item) -> QuerySet[Attachment]:
    """Return the files that ``user`` may have of the proposal of ``item``: sealed ones where who proposes is theirs to know."""
    sight = Sight(user)
    read = Item.objects.filter(sight.contents(), pk=item.pk).values("proposal_id")
    known = Item.objects.filter(sight.proposers(), pk=item.pk).values("proposal_id")
    shown = Q(proposal__in=read, sealed=False) | Q(proposal__in=known)
    return Attachment.objects.filter(shown).annotate(code=F("proposal__code")).order_by("sealed", "added_at", "pk")


def named(files: QuerySet[Attachment]) -> list[dict[str, Any]]:
    """Return the files under names that tell nobody anything: ``P-7KX2-1.pdf``, and ``P-7KX2-sealed-1.pdf``."""
    found, counted = [], {False: 0, True: 0}
    for file in files:
        counted[file.sealed] += 1
        place = f"sealed-{counted[True]}" if file.sealed else str(counted[False])
        name = f"{file.code}-{place}{PurePosixPath(file.name).suffix.casefold()}"  # type: ignore[attr-defined]  # annotated
        found.append({"id": file.pk, "name": name, "title": file.title, "sealed": file.sealed, "size": file.size})
    return found
