"""Write the terms of an opportunity; shared by drafting and amending."""

from typing import Any
from uuid import UUID

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import rules
from moonbridge.cooperation.opportunities.completeness import doubled
from moonbridge.cooperation.opportunities.models import Opportunity, StageDate
from moonbridge.cooperation.opportunities.terms import FOLLOWS_A_DEADLINE, PARTS, PLAIN, Part, Terms, read
from moonbridge.errors import InputError, Refused, Stale
from moonbridge.record.actions import append


def held_by_office(opportunity: Opportunity, by: User, version: int | None = None) -> Opportunity:
    """Lock the opportunity and return it as it stands now; only its office gets it, and only in the ``version`` it has read."""
    held = Opportunity.objects.select_for_update(of=("self",)).select_related("agency").get(pk=opportunity.pk)
    rules.require(rules.is_office, by, held)
    if version is not None and held.version != version:
        raise Stale(
            _("Somebody else changed this opportunity since you read it; nothing was overwritten."),
            read=version,
            now=held.version,
        )
    return held


def seal(opportunity: Opportunity, verb: str, facts: dict[str, Any], *, by: User | None) -> None:
    """Append a public decision on ``opportunity`` to the record."""
    append(verb, opportunity.address, facts, agency=opportunity.agency.slug, by=by, public=True)


def again(key: str | UUID) -> Opportunity:
    """Return the opportunity with this id as it stands now."""
    return Opportunity.objects.select_related("agency", "mission").get(pk=key)


def write(opportunity: Opportunity, terms: Terms) -> None:
    """Make the database say what ``terms`` say; the caller holds the lock.

    Raises :class:`InputError` for a row given twice and :class:`Refused` when a row goes that proposals or scores refer to.
    """
    if sentences := doubled(terms):
        raise InputError(" ".join(sentences))
    before = read(opportunity)
    for name in PLAIN:
        setattr(opportunity, name, getattr(terms, name))
    opportunity.version += 1
    opportunity.save(update_fields=[*PLAIN, "version"])
    opportunity.elements.set(terms.elements)
    for part in PARTS:
        _write_part(opportunity, part, before, terms)
    promise_deadlines(opportunity)


def _write_part(opportunity: Opportunity, part: Part, before: Terms, terms: Terms) -> None:
    kept, given = part.rows(before), part.rows(terms)
    for key in kept.keys() - given.keys():
        _remove(part, kept[key])
    for position, (key, row) in enumerate(given.items()):
        held = kept.get(key) or part.model(opportunity=opportunity, **dict(zip(part.key, key, strict=True)))
        for name in part.fields:
            setattr(held, name, getattr(row, name))
        if hasattr(held, "position"):
            held.position = position
        held.save()


def _remove(part: Part, row: Any) -> None:
    try:
        row.delete()
    except ProtectedError:
        name = ": ".join(map(_, part.subject(row)))
        raise Refused(_("“%(row)s” cannot go: proposals or scores refer to it already.") % {"row": name}) from None


def promise_deadlines(opportunity: Opportunity) -> None:
    """Put the deadlines on the stage clock: an opportunity promises them like its other dates."""
    for stage, name in FOLLOWS_A_DEADLINE.items():
        wanted = name == "deadline" or opportunity.letter_required
        promised = getattr(opportunity, name) if wanted else None
        if promised is None:
            StageDate.objects.filter(opportunity=opportunity, stage=stage).delete()
        else:
            StageDate.objects.update_or_create(opportunity=opportunity, stage=stage, defaults={"promised": promised})
