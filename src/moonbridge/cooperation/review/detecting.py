"""Find who should not judge what, from what people say of themselves, from lists, and from earlier teams in the platform."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict, TeamMember
from moonbridge.cooperation.review.models import Conflict, Ground, Item, KnownKind, KnownList, Review, Seat, Source
from moonbridge.cooperation.review.naming import meant
from moonbridge.cooperation.review.people import (
    agencies_of,
    members_among,
    orcids_of,
    person_of,
    reviewer_of,
    submission_of,
    teams_of,
)
from moonbridge.cooperation.review.states import ACTIVE
from moonbridge.engines.ledger import seal
from moonbridge.engines.reviewing import conflicts as engine
from moonbridge.engines.reviewing.people import Known, Paper
from moonbridge.record.queries import database_now

GROUNDS: Final = {
    engine.Ground.SELF: Ground.SELF,
    engine.Ground.MAIL_DOMAIN: Ground.MAIL,
    engine.Ground.INSTITUTION: Ground.INSTITUTION,
    engine.Ground.PARENT: Ground.PARENT,
    engine.Ground.COAUTHORS: Ground.COAUTHOR,
    engine.Ground.AGENCY: Ground.AGENCY,
    engine.Ground.FUNDING: Ground.FUNDING,
    engine.Ground.TEAM_MATES: Ground.TEAM,
    engine.Ground.NAME: Ground.NAME,
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A conflict that the rules find or a team states: who with what, why, and whether somebody should look."""

    proposal: UUID
    user: UUID
    ground: Ground
    evidence: str
    certain: bool = True
    source: Source = Source.DETECTED

    @property
    def key(self) -> tuple[UUID, UUID, str, str]:
        """What is the same however it is worded."""
        return (self.proposal, self.user, self.ground, self.source)

    @property
    def digest(self) -> str:
        """What a page calls it by: no other finding, and none with other evidence, is called the same."""
        return seal.digest([*map(str, self.key), self.evidence])


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the rules say now against what is kept: new conflicts, kept ones no longer found, and new ones on an active review."""

    new: tuple[Finding, ...]
    gone: tuple[Conflict, ...]
    broken: tuple[Finding, ...]

    @property
    def harmless(self) -> tuple[Finding, ...]:
        """The new ones that touch no active review."""
        touched = set(self.broken)
        return tuple(one for one in self.new if one not in touched)


def detected(items: QuerySet[Item]) -> tuple[Finding, ...]:
    """Return the conflicts of those who sit in the panels of ``items`` with these proposals; members of a team need none.

    A pair has one for each tie, so that one that was lifted hides no other.
    """
    rows = list(items.select_related("proposal"))
    seats = list(Seat.objects.filter(panel__in={row.panel_id for row in rows}, left_at=None).select_related("user"))
    if not rows or not seats:
        return ()
    users, proposals = {seat.user_id for seat in seats}, {row.proposal_id: row.proposal for row in rows}
    orcids, agencies, teams = orcids_of(users), agencies_of(users), teams_of(proposals)
    detector = engine.Detector(database_now().date(), _known(rows[0], users, proposals), _years(rows[0]))
    found = detector.detect(
        [reviewer_of(seat, str(seat.user_id), person_of(seat, orcids, agencies)) for seat in seats],
        [submission_of(one, str(key), team=teams.get(key, ())) for key, one in proposals.items()],
    )
    judged = _judged(rows, seats) - members_among(proposals, users)
    findings = (
        Finding(UUID(one.proposal), UUID(one.reviewer), GROUNDS[one.ground], one.evidence[:500], one.certain)
        for one in found
    )
    return tuple(sorted({one for one in findings if (one.proposal, one.user) in judged}))


def stated(items: QuerySet[Item], seats: QuerySet[Seat]) -> tuple[Finding, ...]:
    """Return what the teams of ``items`` say of those who sit there on ``seats``; a name that comes close is to be looked at.

    Only the office reads it: who judges never learns what a team said.
    """
    rows, sitting = list(items), list(seats.filter(left_at=None).select_related("user"))
    proposals, people = {row.proposal_id for row in rows}, {seat.user_id: seat.user for seat in sitting}
    statements = NamedConflict.objects.filter(proposal__in=proposals)
    judged = _judged(rows, sitting) - members_among(proposals, people)
    pairs = ((one, user) for one, user in meant(statements, people.values()) if (one.proposal_id, user.pk) in judged)
    return tuple(sorted({_stated(one, user.pk) for one, user in pairs}))


def _stated(named: NamedConflict, user: UUID) -> Finding:
    said = ": ".join(filter(None, [named.email or named.name or named.institution, named.words]))
    certain = bool(named.email) or not named.name
    return Finding(named.proposal_id, user, Ground(named.tie), said[:500], certain, Source.TEAM)


def _judged(rows: Iterable[Item], seats: Iterable[Seat]) -> set[tuple[UUID, UUID]]:
    """Return the proposals and people who meet in some panel."""
    people: dict[UUID, list[UUID]] = defaultdict(list)
    for seat in seats:
        people[seat.panel_id].append(seat.user_id)
    return {(row.proposal_id, user) for row in rows for user in people[row.panel_id]}


def _known(item: Item, users: Collection[UUID], proposals: Collection[UUID]) -> Known:
    """Return the newest lists that the office brought in, and the teams in which these people have proposed something."""
    parents: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for child, parent in _newest(item, KnownKind.PARENTS):
        parents[child] += (parent,)
    papers = tuple(Paper(name, year, frozenset(authors)) for name, year, authors in _newest(item, KnownKind.PAPERS))
    return Known(dict(parents), papers, _earlier_teams(users, proposals))


def _years(item: Item) -> int:
    """Return how old a paper may be to make a conflict, as the office said with the newest list of papers."""
    held = lists_in_force(round__panels=item.panel_id).filter(kind=KnownKind.PAPERS)
    return held.values_list("years", flat=True).first() or engine.COAUTHOR_YEARS


def _newest(item: Item, kind: KnownKind) -> list[list[Any]]:
    held = lists_in_force(round__panels=item.panel_id).filter(kind=kind)
    return held.values_list("rows", flat=True).first() or []


def lists_in_force(**of: Any) -> QuerySet[KnownList]:
    """Return the lists by which conflicts are found: of what the office brought in, the newest of each kind."""
    return KnownList.objects.filter(**of).order_by("kind", "-uploaded_at", "id").distinct("kind")


def _earlier_teams(users: Collection[UUID], proposals: Collection[UUID]) -> dict[str, frozenset[str]]:
    """Return the teams of what was ever submitted, as addresses, of these people and of the teams that propose now.

    A team is called by its year and a digest: which proposal it was is not for everybody who reads of a conflict.
    """
    concerned = set(TeamMember.objects.filter(proposal__in=proposals).values_list("user_id", flat=True)) | set(users)
    rows = TeamMember.objects.filter(user__in=concerned, proposal__submitted_at__isnull=False)
    found: dict[str, set[str]] = defaultdict(set)
    for key, year, email in rows.values_list("proposal_id", "proposal__submitted_at__year", "user__email"):
        found[f"a team of {year} ({hashlib.sha256(key.bytes).hexdigest()[:8]})"].add(email)
    return {name: frozenset(members) for name, members in found.items() if len(members) > 1}


def rechecked(items: QuerySet[Item], *, teams: bool, by: User | None = None) -> Recheck:
    """Compare what the rules find now, and with ``teams`` what the teams state, with what is kept of these items.

    What concerns ``by``, who asks, is left out: nobody settles a conflict of their own, or reads there what a team says of them.
    A conflict counts as known if it stands on the same ground, whatever its wording, or was lifted on the same evidence. Of the
    others one is new for each pair and ground: what was not lifted comes up, however often something else was.
    """
    sitting = Seat.objects.filter(panel__in=items.values("panel"))
    own = by and by.pk
    everything = (*detected(items), *(stated(items, sitting) if teams else ()))
    found = tuple(one for one in everything if one.user != own)
    kept = list(
        Conflict.objects.filter(
            source__in=[Source.DETECTED, *([Source.TEAM] if teams else [])], proposal__in=items.values("proposal")
        )
        .exclude(user=own)
        .select_related("proposal", "user")
    )
    new, there = _new(found, kept), {one.key for one in found}
    people = _judged(items, sitting)
    gone = tuple(one for one in kept if one.standing and _key(one) not in there and _key(one)[:2] in people)
    return Recheck(new, gone, _broken(new))


def new_among(found: Collection[Finding]) -> Recheck:
    """Return which of ``found`` are not kept yet, standing or lifted."""
    kept = Conflict.objects.filter(proposal__in={one.proposal for one in found}, user__in={one.user for one in found})
    new = _new(found, kept)
    return Recheck(new, (), _broken(new))


def _new(found: Iterable[Finding], kept: Iterable[Conflict]) -> tuple[Finding, ...]:
    held = list(kept)
    standing = {_key(one) for one in held if one.standing}
    settled = {(*_key(one), one.evidence) for one in held if not one.standing}
    new = [one for one in found if one.key not in standing and (*one.key, one.evidence) not in settled]
    first_of_each = {one.key: one for one in reversed(new)}
    return tuple(first_of_each.values())[::-1]


def _key(kept: Conflict) -> tuple[UUID, UUID, str, str]:
    return (kept.proposal_id, kept.user_id, kept.ground, kept.source)


def _broken(new: Collection[Finding]) -> tuple[Finding, ...]:
    """Return those of ``new`` that concern somebody who reviews the proposal now."""
    reviewing = Review.objects.filter(
        state__in=sorted(ACTIVE), item__proposal__in={one.proposal for one in new}, seat__user__in={one.user for one in new}
    )  # fmt: skip
    pairs = set(reviewing.values_list("item__proposal_id", "seat__user_id"))
    return tuple(one for one in new if (one.proposal, one.user) in pairs)
