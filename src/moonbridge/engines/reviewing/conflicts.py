"""Who must not review what, and how that is known: declared, detected, or pinned by the office.

Each conflict has a source, the evidence and a date, so that it can be shown, questioned and taken back. What is merely
likely (a close name) is marked as not certain; it bars the pair all the same until somebody looks.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from moonbridge.engines.reviewing.mail_hosts import HOSTS, is_whole_sector
from moonbridge.engines.reviewing.names import close, name_keys, plain
from moonbridge.engines.reviewing.panel import Mask
from moonbridge.engines.reviewing.people import Known, Person, Reviewer, Submission

COAUTHOR_YEARS: Final = 4
"""Papers older than this make no conflict, unless the call says otherwise."""


class Ground(StrEnum):
    """Why somebody must not review something."""

    SELF = "self"
    DECLARED_BY_REVIEWER = "declared by the reviewer"
    DECLARED_BY_TEAM = "declared by the team"
    PINNED = "pinned by the office"
    MAIL_DOMAIN = "same mail domain"
    INSTITUTION = "same institution"
    PARENT = "same parent organisation"
    COAUTHORS = "co-authors"
    AGENCY = "same agency"
    FUNDING = "same funding"
    TEAM_MATES = "earlier team mates"
    NAME = "close names"


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """Why ``reviewer`` must not review ``proposal`` (ids): the ground, where it is from, the evidence, and since when.

    ``type`` is the kind of tie that a declaration names (family, adviser, ...). ``certain`` is false where somebody should look.
    """

    proposal: str
    reviewer: str
    ground: Ground
    source: str
    evidence: str
    date: dt.date
    type: str = ""
    certain: bool = True


type _Tie = tuple[str, str]
"""A key that two people share, and how it is said."""


@dataclass(frozen=True, slots=True)
class Detector:
    """The rules by which conflicts are found, on a date."""

    on: dt.date
    known: Known = field(default_factory=Known)
    years: int = COAUTHOR_YEARS
    shared_hosts: frozenset[str] = HOSTS
    grounds: frozenset[Ground] = frozenset(Ground)

    def detect(self, reviewers: Sequence[Reviewer], submissions: Sequence[Submission]) -> tuple[Conflict, ...]:
        """Return every conflict that the rules find, in the order of proposals and reviewers.

        A pair has one for each tie: who wrote with two members of a team has two, so that one taken back leaves the other.
        """
        found = {
            conflict
            for ground, keys in self._rules().items()
            if ground in self.grounds
            for conflict in self._shared(ground, keys, reviewers, submissions)
        }
        return tuple(sorted(found))

    def _rules(self) -> dict[Ground, Callable[[Person], Iterable[_Tie]]]:
        papers, teams = self._papers_by_author(), self._teams_by_member()
        return {
            Ground.SELF: _identities,
            Ground.MAIL_DOMAIN: self._domains,
            Ground.INSTITUTION: _institutions,
            Ground.PARENT: self._parents,
            Ground.COAUTHORS: lambda person: papers.get(person.orcid, ()),
            Ground.AGENCY: lambda person: [(plain(person.agency), person.agency)] if person.agency else (),
            Ground.FUNDING: lambda person: [(plain(grant), grant) for grant in person.funding],
            Ground.TEAM_MATES: lambda person: sorted(
                {tie for key, _ in _identities(person) for tie in teams.get(key, ())}
            ),
            Ground.NAME: lambda person: [(key, person.name) for key in name_keys(person.name)],
        }

    def _shared(
        self,
        ground: Ground,
        keys: Callable[[Person], Iterable[_Tie]],
        reviewers: Sequence[Reviewer],
        submissions: Sequence[Submission],
    ) -> Iterator[Conflict]:
        """Yield a conflict for each reviewer and team member who share a key."""
        holders: dict[str, dict[str, tuple[Reviewer, str]]] = defaultdict(dict)
        for reviewer in reviewers:
            for key, said in keys(reviewer.person):
                holders[key][reviewer.id] = (reviewer, said)
        for submission in submissions:
            for member in submission.team:
                for key, said in keys(member):
                    for reviewer, theirs in holders.get(key, {}).values():
                        if ground is not Ground.NAME or close(reviewer.person.name, member.name):
                            yield self._conflict(submission, reviewer, ground, member, (said, theirs))

    def _conflict(
        self, submission: Submission, reviewer: Reviewer, ground: Ground, member: Person, said: tuple[str, str]
    ) -> Conflict:
        evidence = f"{member.name}: " * bool(member.name) + (
            said[0] if said[0] == said[1] else f"{said[0]} / {said[1]}"
        )
        certain = ground is not Ground.NAME
        return Conflict(submission.id, reviewer.id, ground, "detected", evidence, self.on, certain=certain)

    def _domains(self, person: Person) -> Iterator[_Tie]:
        """Yield the mail domains of a person and those above them, but for shared hosts and whole sectors."""
        for email in person.emails:
            host = email.rpartition("@")[2].strip().casefold().rstrip(".")
            if host in self.shared_hosts:
                continue
            labels = host.split(".")
            for start in range(len(labels) - 1):
                above = ".".join(labels[start:])
                if not is_whole_sector(above) and above not in self.shared_hosts:
                    yield above, host

    def _parents(self, person: Person) -> Iterator[_Tie]:
        """Yield the institutions of a person with all organisations above them."""
        for ror in person.rors:
            seen, waiting = {ror}, [ror]
            while waiting:
                above = [up for up in self.known.parents.get(waiting.pop(), ()) if up not in seen]
                seen.update(above)
                waiting += above
            yield from ((up, f"{ror} under {up}" if up != ror else ror) for up in sorted(seen))

    def _papers_by_author(self) -> dict[str, list[_Tie]]:
        found: dict[str, list[_Tie]] = defaultdict(list)
        for paper in self.known.papers:
            if self.on.year - paper.year <= self.years:
                for author in paper.authors:
                    found[author].append((paper.id, f"{paper.id} ({paper.year})"))
        return found

    def _teams_by_member(self) -> dict[str, list[_Tie]]:
        found: dict[str, list[_Tie]] = defaultdict(list)
        for name, members in self.known.teams.items():
            for member in members:
                found[member.casefold()].append((name, name))
        return found


def _identities(person: Person) -> list[_Tie]:
    """Return what tells one person from all others."""
    return [(key.strip().casefold(), key) for key in (person.orcid, *person.emails) if key.strip()]


def _institutions(person: Person) -> list[_Tie]:
    named = [(" ".join(plain(name).split()), name) for name in person.institutions if name.strip()]
    return [(ror, ror) for ror in person.rors] + named


def barred(conflicts: Iterable[Conflict], proposals: Sequence[str], reviewers: Sequence[str]) -> Mask:
    """Return the pairs that the conflicts bar, shape (proposals, reviewers); what names nobody here is left out."""
    row = {name: number for number, name in enumerate(proposals)}
    column = {name: number for number, name in enumerate(reviewers)}
    matrix = np.zeros((len(row), len(column)), dtype=bool)
    for conflict in conflicts:
        if conflict.proposal in row and conflict.reviewer in column:
            matrix[row[conflict.proposal], column[conflict.reviewer]] = True
    return matrix


@dataclass(frozen=True, slots=True)
class Recheck:
    """What changed when a team or an affiliation did: conflicts that are new and gone, and assigned pairs they touch."""

    new: tuple[Conflict, ...]
    gone: tuple[Conflict, ...]
    broken: tuple[Conflict, ...]


def rechecked(
    before: Iterable[Conflict], after: Iterable[Conflict], assigned: Iterable[tuple[str, str]] = ()
) -> Recheck:
    """Return what changed between two detections; ``assigned`` are pairs of proposal and reviewer, by id.

    A conflict counts as the same if proposal, reviewer, ground and source are: its date and wording may differ.
    """

    def keyed(conflicts: Iterable[Conflict]) -> dict[tuple[str, str, Ground, str], Conflict]:
        return {(one.proposal, one.reviewer, one.ground, one.source): one for one in conflicts}

    old, now, pairs = keyed(before), keyed(after), set(assigned)
    new = tuple(one for key, one in now.items() if key not in old)
    gone = tuple(one for key, one in old.items() if key not in now)
    return Recheck(new, gone, tuple(one for one in new if (one.proposal, one.reviewer) in pairs))
