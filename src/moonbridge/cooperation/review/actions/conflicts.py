"""Detect, pin, confirm and lift conflicts of interest."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.rules import is_office, require
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.holding import held_panel, held_round, require_seen
from moonbridge.cooperation.review.actions.recusals import stand
from moonbridge.cooperation.review.detecting import Finding, Recheck, rechecked
from moonbridge.cooperation.review.late import those_who_settle
from moonbridge.cooperation.review.models import (
    STEERING,
    Conflict,
    Ground,
    Item,
    KnownKind,
    KnownList,
    LateFinding,
    Round,
    Seat,
    Source,
)
from moonbridge.cooperation.review.reach import conflicts_visible_to, items_steered, panels_run
from moonbridge.cooperation.review.searches import is_large, new_to, newest_of, recheck_of
from moonbridge.engines.reviewing.conflicts import COAUTHOR_YEARS
from moonbridge.errors import InputError, Refused, Stale, WrongState
from moonbridge.formats.reviewing.known import papers_of, parents_of
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now


def detect(round_: Round, *, by: User, command: UUID, breaking: bool = False, search: UUID | None = None) -> int:
    """Keep what the rules find of the items that ``by`` steers, for the office what teams state too, and return how many are new.

    What concerns somebody who reviews the proposal now is kept only if ``breaking``: their review ends then, and a replacement is
    proposed. Without, it is left for somebody to look at. In a large round that is what the newest ``search`` has found: raises
    :class:`Stale` where it is another one than was looked at.
    """

    def act() -> int:
        held = held_round(round_.pk)
        teams = bool(is_office(by, held.opportunity))
        if is_large(held):
            found = _searched(held, search, by, teams=teams)
        else:
            found = rechecked(items_steered(by, held, STEERING), teams=teams, by=by)
        return take_in(found, by, breaking=breaking)

    asked = {"round": str(round_.pk), "breaking": breaking} | ({"search": str(search)} if search else {})
    return once(command, "review.detect", asked, act, by=by)


def _searched(round_: Round, looked_at: UUID | None, by: User, *, teams: bool) -> Recheck:
    """Return what the newest search has found, as far as ``by`` may know it."""
    search = newest_of(round_)[1]
    if search is None:
        raise Refused(_("Nothing has been searched yet; search for conflicts first."))
    if looked_at not in {None, search.pk}:
        raise Stale(_("Conflicts have been searched for anew; look at the new list first."))
    return recheck_of(new_to(by, search, teams=teams))


@transaction.atomic
def detect_quietly(round_: UUID) -> int:
    """Keep what the rules find in a whole round without ending any review; for the worker.

    What would end one waits, and those who settle it are told, once.
    """
    held = held_round(round_)
    return keep_quietly(held, rechecked(Item.objects.filter(panel__round=held), teams=True))


def keep_quietly(round_: Round, found: Recheck, proposal: UUID | None = None) -> int:
    """Keep of a search of a round, or of one proposal, what touches no active review, let the rest wait, and return how much is kept.

    The caller holds the lock on the round.
    """
    _let_wait(round_, found.broken, proposal)
    return take_in(found, None, breaking=False)


def _let_wait(round_: Round, found: Iterable[Finding], proposal: UUID | None) -> None:
    """Keep which conflicts wait now, and have those told who may settle what was not there before."""
    now = {one.key: one for one in found}
    late = LateFinding.objects.filter(proposal__opportunity=round_.opportunity_id)
    kept = {_tie(one): one.pk for one in (late.filter(proposal=proposal) if proposal else late)}
    LateFinding.objects.filter(pk__in=[key for tie, key in kept.items() if tie not in now]).delete()
    new = LateFinding.objects.bulk_create(
        LateFinding(proposal_id=one.proposal, user_id=one.user, source=one.source, ground=one.ground)
        for tie, one in now.items()
        if tie not in kept
    )
    if new:
        notices.tell_late(round_, new, those_who_settle(round_))


def _tie(late: LateFinding) -> tuple[UUID, UUID, str, str]:
    return (late.proposal_id, late.user_id, late.ground, late.source)


def settle(
    round_: Round, code: str, found: str, *, counts: bool, reason: str = "", by: User, command: UUID
) -> Conflict:
    """Say whether one conflict counts that the search finds of somebody who reviews the proposal ``code`` now.

    If it counts, their review ends and a replacement is proposed. If not, it is kept as lifted, with the written reason, and is not
    found again on the same evidence. ``found`` is its digest: raises :class:`Stale` where nothing is found any more that is called so.
    """
    said = " ".join(reason.split())[:500]
    if not counts and not said:
        raise InputError(_("Write down why, in a few words."), field="reason")

    def act() -> str:
        held = held_round(round_.pk)
        one = _waiting(held, code, found, by)
        LateFinding.objects.filter(proposal=one.proposal, user=one.user, source=one.source, ground=one.ground).delete()
        made = stand(_row(one, by)) if counts else _set_right(held, one, said, by)
        return str(made.pk)

    asked = {"round": str(round_.pk), "code": code, "found": found, "counts": counts, "reason": said}
    return Conflict.objects.get(pk=once(command, "review.settle-conflict", asked, act, by=by))


def _waiting(round_: Round, code: str, found: str, by: User) -> Finding:
    """Return the finding of that digest, of a proposal that ``by`` steers."""
    items = items_steered(by, round_, STEERING).filter(proposal__code=code)
    now = rechecked(items, teams=bool(is_office(by, round_.opportunity)), by=by).broken
    one = next((one for one in now if one.digest == found), None)
    if one is None:
        raise Stale(_("This conflict is settled already, or is not found any more; look at the new list."))
    return one


def _set_right(round_: Round, one: Finding, reason: str, by: User) -> Conflict:
    """Keep a finding as lifted, and look at once whether the same tie is found on other evidence."""
    made = _row(one, by)
    made.standing, made.lifted_by, made.lifted_at, made.lifted_because = False, by, database_now(), reason
    made.save(force_insert=True)
    _recorded(made, by)
    notices.look_at(one.proposal, round_.pk)
    return made


def take_in(found: Recheck, by: User | None, *, breaking: bool = False) -> int:
    """Keep what is new and return how much that is; only ``breaking`` what ends a review. The caller holds the lock on the round."""
    rows = [_row(one, by) for one in found.harmless]
    Conflict.objects.bulk_create(rows)
    if not breaking:
        return len(rows)
    for one in found.broken:
        stand(_row(one, by))
    return len(found.new)


def _row(one: Finding, by: User | None) -> Conflict:
    return Conflict(
        proposal_id=one.proposal, user_id=one.user, source=one.source, ground=one.ground, evidence=one.evidence,
        certain=one.certain, found_by=by,
    )  # fmt: skip


def pin(item: Item, seat: Seat, *, ground: Ground, evidence: str, by: User, command: UUID) -> Conflict:
    """Set a conflict as the office. Active reviews of that person on that proposal end at once, and replacements are proposed."""
    said = " ".join(evidence.split())[:500]

    def act() -> str:
        panel = held_panel(item.panel, by)
        require_seen(item, by)
        user = panel.seats.get(pk=seat.pk).user_id
        made = Conflict(
            proposal_id=item.proposal_id, user_id=user, source=Source.OFFICE, ground=ground, evidence=said, found_by=by
        )
        return str(stand(made).pk)

    asked = {"item": str(item.pk), "seat": str(seat.pk), "ground": str(ground), "evidence": said}
    return Conflict.objects.get(pk=once(command, "review.pin-conflict", asked, act, by=by))


def pin_all(round_: Round, pairs: Iterable[tuple[Item, Seat, Ground, str]], *, by: User, command: UUID) -> int:
    """Set many conflicts, all or none, and return how many there are."""
    given = list(pairs)

    def act() -> int:
        held_round(round_.pk)
        for number, (item, seat, ground, evidence) in enumerate(given):
            each = UUID(bytes=hashlib.sha256(command.bytes + number.to_bytes(4)).digest()[:16])
            pin(item, seat, ground=ground, evidence=evidence, by=by, command=each)
        return len(given)

    asked = [[str(item.pk), str(seat.pk), str(ground), evidence] for item, seat, ground, evidence in given]
    return once(command, "review.pin-conflicts", {"round": str(round_.pk), "pairs": asked}, act, by=by)


def lift(conflict: Conflict, *, reason: str, by: User, command: UUID) -> Conflict:
    """Let a conflict no longer count, with a written reason; it stays, and is not detected anew on the same evidence.

    What a reviewer declared is lifted by the office alone: who knows a tie of their own is not told by the panel that it is none.
    """
    said = " ".join(reason.split())[:500]
    if not said:
        raise InputError(_("Write down why, in a few words."), field="reason")

    def act() -> str:
        held = _steered(conflict, by)
        if held.source == Source.REVIEWER:
            require(is_office, by, held.proposal.opportunity)
        if not held.standing:
            raise WrongState(_("This conflict is lifted already."))
        held.standing, held.lifted_by, held.lifted_at, held.lifted_because = False, by, database_now(), said
        held.save(update_fields=["standing", "lifted_by", "lifted_at", "lifted_because"])
        _recorded(held, by)
        notices.look_at(held.proposal_id, held.proposal.opportunity.round.pk)
        return str(held.pk)

    asked = {"conflict": str(conflict.pk), "reason": said}
    return Conflict.objects.get(pk=once(command, "review.lift-conflict", asked, act, by=by))


def _recorded(lifted: Conflict, by: User) -> None:
    call = lifted.proposal.opportunity
    append("lift conflict", call.address, {"conflict": str(lifted.pk)}, agency=call.agency.slug, by=by)


def confirm(conflict: Conflict, *, by: User, command: UUID) -> Conflict:
    """Say that somebody looked at what was only likely, and that it is so."""

    def act() -> str:
        held = _steered(conflict, by)
        held.certain = True
        held.save(update_fields=["certain"])
        return str(held.pk)

    asked = {"conflict": str(conflict.pk)}
    return Conflict.objects.get(pk=once(command, "review.confirm-conflict", asked, act, by=by))


def _steered(conflict: Conflict, by: User) -> Conflict:
    """Lock the round and a conflict that ``by`` may see and settle; another one is as one that is not there."""
    round_ = held_round(Round.objects.get(opportunity__proposals=conflict.proposal_id).pk)
    steered = panels_run(by, STEERING).filter(round=round_)
    conflicts_visible_to(by, steered).get(pk=conflict.pk)
    locked = Conflict.objects.select_for_update(of=("self",)).select_related("proposal__opportunity__agency")
    return locked.get(pk=conflict.pk)


def bring_list(
    round_: Round, kind: KnownKind, data: bytes, name: str, *, by: User, command: UUID, years: int = COAUTHOR_YEARS
) -> KnownList:
    """Take in a CSV list by which conflicts are detected, as the office; it replaces the one before, which stays.

    ``years``: how old a paper may be to make a conflict.
    """

    def act() -> str:
        held = held_round(round_.pk)
        require(is_office, by, held.opportunity)
        rows = _rows(kind, data, name)
        if not rows:
            raise Refused(_("This list is empty."))
        made = KnownList.objects.create(round=held, kind=kind, name=name[:200], rows=rows, years=years, uploaded_by=by)
        return str(made.pk)

    asked = {"round": str(round_.pk), "kind": str(kind), "sha256": hashlib.sha256(data).hexdigest(), "years": years}
    return KnownList.objects.get(pk=once(command, "review.bring-list", asked, act, by=by))


def _rows(kind: KnownKind, data: bytes, name: str) -> list[list[Any]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(_("This is not a CSV file in UTF-8."), field="file") from None
    if kind == KnownKind.PARENTS:
        return [[child, parent] for child, parents in parents_of(text, name).items() for parent in parents]
    return [[paper.id, paper.year, sorted(paper.authors)] for paper in papers_of(text, name)]
