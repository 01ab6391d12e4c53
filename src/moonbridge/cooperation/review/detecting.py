"""Find who should not judge what, from what people say of themselves, from lists, and from earlier teams in the platform."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
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
from moonbridge.engines.reviewing.people import Known, Paper, Reviewer, Submission
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

_AT_A_TIME: Final = 100
"""Proposals that are compared with everybody between two words on how far the search is."""

type Told = Callable[[int, int], None]
"""Called with how many proposals have been compared, of how many; whoever watches may stop the search by raising."""


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


@dataclass(frozen=True, slots=True)
class Meetings:
    """Which proposals and people meet in some panel. Asked pair by pair, since a large panel has half a million of them."""

    before: Mapping[UUID, frozenset[UUID]]
    sitting: Mapping[UUID, frozenset[UUID]]

    def __contains__(self, pair: tuple[UUID, UUID]) -> bool:
        """Return whether the proposal is before a panel in which the person sits."""
        proposal, user = pair
        return not self.before.get(proposal, frozenset()).isdisjoint(self.sitting.get(user, frozenset()))


def _meetings(rows: Iterable[Item], seats: Iterable[Seat]) -> Meetings:
    before, sitting = defaultdict(set), defaultdict(set)
    for row in rows:
        before[row.proposal_id].add(row.panel_id)
    for seat in seats:
        sitting[seat.user_id].add(seat.panel_id)
    return Meetings(_frozen(before), _frozen(sitting))


def _frozen(found: Mapping[UUID, set[UUID]]) -> dict[UUID, frozenset[UUID]]:
    return {key: frozenset(panels) for key, panels in found.items()}


def searched(items: QuerySet[Item], *, teams: bool, told: Told | None = None) -> tuple[Finding, ...]:
    """Return what the rules find of ``items`` now, and with ``teams`` what the teams state; ``told`` hears how far it is."""
    sitting = Seat.objects.filter(panel__in=items.values("panel"))
    return (*detected(items, told=told), *(stated(items, sitting) if teams else ()))


def detected(items: QuerySet[Item], *, told: Told | None = None) -> tuple[Finding, ...]:
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
    reviewers = [reviewer_of(seat, str(seat.user_id), person_of(seat, orcids, agencies)) for seat in seats]
    submissions = [submission_of(one, str(key), team=teams.get(key, ())) for key, one in proposals.items()]
    meet, members = _meetings(rows, seats), members_among(proposals, users)
    findings = (
        Finding(UUID(one.proposal), UUID(one.reviewer), GROUNDS[one.ground], one.evidence[:500], one.certain)
        for one in _by_rules(detector, reviewers, submissions, told)
    )
    pairs = ((one, (one.proposal, one.user)) for one in findings)
    return tuple(sorted({one for one, pair in pairs if pair in meet and pair not in members}))


def _by_rules(
    detector: engine.Detector, reviewers: list[Reviewer], submissions: list[Submission], told: Told | None
) -> Iterable[engine.Conflict]:
    """Yield what the engine finds, some proposals at a time."""
    for start in range(0, len(submissions), _AT_A_TIME):
        if told is not None:
            told(start, len(submissions))
        yield from detector.detect(reviewers, submissions[start : start + _AT_A_TIME])


def stated(items: QuerySet[Item], seats: QuerySet[Seat]) -> tuple[Finding, ...]:
    """Return what the teams of ``items`` say of those who sit there on ``seats``; a name that comes close is to be looked at.

    Only the office reads it: who judges never learns what a team said.
    """
    rows, sitting = list(items), list(seats.filter(left_at=None).select_related("user"))
    proposals, people = {row.proposal_id for row in rows}, {seat.user_id: seat.user for seat in sitting}
    statements = NamedConflict.objects.filter(proposal__in=proposals)
    meet, members = _meetings(rows, sitting), members_among(proposals, people)
    pairs = ((one, user.pk, (one.proposal_id, user.pk)) for one, user in meant(statements, people.values()))
    return tuple(sorted({_stated(one, user) for one, user, pair in pairs if pair in meet and pair not in members}))


def _stated(named: NamedConflict, user: UUID) -> Finding:
    said = ": ".join(filter(None, [named.email or named.name or named.institution, named.words]))
    certain = bool(named.email) or not named.name
    return Finding(named.proposal_id, user, Ground(named.tie), said[:500], certain, Source.TEAM)


def _known(item: Item, users: Collection[UUID], proposals: Collection[UUID]) -> Known:
    """Return the newest lists that the office brought in, and the teams in which these people have proposed something."""
    parents: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for child, parent in _newest(item, KnownKind.PARENTS):
        parents[child] += (parent,)
    papers = tuple(Paper(name, year, frozenset(authors)) for name, year, authors in _newest(item, KnownKind.PAPERS))
    return Known(dict(parents), papers, earlier_teams(users, proposals))


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


def earlier_teams(users: Collection[UUID], proposals: Collection[UUID]) -> dict[str, frozenset[str]]:
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
    own = by and by.pk
    found = tuple(one for one in searched(items, teams=teams) if one.user != own)
    kept = list(kept_of(items, teams=teams).exclude(user=own).select_related("proposal", "user"))
    new = _first_of_each(unsettled(found, kept))
    return Recheck(new, no_longer_found(found, kept, items), _broken(new))


def kept_of(items: QuerySet[Item], *, teams: bool) -> QuerySet[Conflict]:
    """Return the conflicts of these proposals that a search has found, with ``teams`` those that teams stated as well."""
    sources = [Source.DETECTED, *([Source.TEAM] if teams else [])]
    return Conflict.objects.filter(source__in=sources, proposal__in=items.values("proposal"))


def no_longer_found(found: Iterable[Finding], kept: Iterable[Conflict], items: QuerySet[Item]) -> tuple[Conflict, ...]:
    """Return those of ``kept`` that stand and were not found again, of people who sit, or sat, in the panels of ``items``."""
    there = {one.key for one in found}
    meet = _meetings(items, Seat.objects.filter(panel__in=items.values("panel")))
    return tuple(one for one in kept if one.standing and _key(one) not in there and _key(one)[:2] in meet)


def new_among(found: Collection[Finding]) -> Recheck:
    """Return which of ``found`` are not kept yet, standing or lifted."""
    kept = Conflict.objects.filter(proposal__in={one.proposal for one in found}, user__in={one.user for one in found})
    new = _first_of_each(unsettled(found, kept))
    return Recheck(new, (), _broken(new))


def unsettled(found: Iterable[Finding], kept: Iterable[Conflict]) -> list[Finding]:
    """Return which of ``found`` neither stand on the same ground nor were lifted on the same evidence."""
    held = list(kept)
    standing = {_key(one) for one in held if one.standing}
    settled = {(*_key(one), one.evidence) for one in held if not one.standing}
    return [one for one in found if one.key not in standing and (*one.key, one.evidence) not in settled]


def _first_of_each(new: list[Finding]) -> tuple[Finding, ...]:
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
