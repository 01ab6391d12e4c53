"""Who must not judge a request: what is found, what members declare, what the office sets; the rules are those of the review of proposals.

What is found is found anew whenever somebody asks, from what accounts, seats, earlier teams and the request say at that instant. So
whoever joins the committee, or changes institution, is barred at once. A reader with a conflict sees nothing of the request.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.review.detecting import GROUNDS, earlier_teams
from moonbridge.cooperation.review.models import Ground, Seat, Source
from moonbridge.cooperation.review.people import orcids_of, person_of
from moonbridge.cooperation.samples.models import Assessment, Request, RequestConflict
from moonbridge.cooperation.samples.rules.lending import member
from moonbridge.engines.ledger import seal
from moonbridge.engines.reviewing import conflicts as engine
from moonbridge.engines.reviewing.mail_hosts import HOSTS
from moonbridge.engines.reviewing.people import Known, Person, Reviewer, Submission
from moonbridge.record.queries import database_now

JUDGES: Final = (RoleKind.OFFICE, RoleKind.REVIEWER)
SEARCHED: Final = frozenset({
    engine.Ground.SELF, engine.Ground.MAIL_DOMAIN, engine.Ground.INSTITUTION, engine.Ground.TEAM_MATES, engine.Ground.NAME,
})  # fmt: skip
"""An agency lends to its own people as well: that both work for it is no tie here."""
RESERVED: Final = frozenset({"example", "test", "invalid", "localhost"})
"""Top-level domains of no institution, and ``example`` below others (RFC 2606)."""
_ORCID: Final = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_EMAIL: Final = re.compile(r"[^\s<>,;()]+@[^\s<>,;()]+")


@dataclass(frozen=True, slots=True)
class Tie:
    """A conflict that stands: of whom with which request, who says so, why, and since when where somebody said it."""

    request: UUID
    user: UUID
    source: Source
    ground: Ground
    evidence: str
    certain: bool = True
    since: datetime | None = None

    @property
    def digest(self) -> str:
        """What a page calls it by; the same tie on other evidence is called otherwise."""
        return seal.digest([*map(str, (self.request, self.user, self.source, self.ground)), self.evidence])


def standing(requests: Sequence[Request], people: Collection[User]) -> tuple[Tie, ...]:
    """Return every conflict of these ``people`` with ``requests`` (with who asks), in a fixed number of queries.

    One's own requests are none.
    """
    if not requests or not people:
        return ()
    lifted = {_key(row) for row in _rows(requests, people).filter(standing=False)}
    found = (tie for tie in _found(requests, people) if (tie.request, tie.user, tie.ground, tie.evidence) not in lifted)
    own = {(one.pk, one.by_id) for one in requests}
    said = (*_set(requests, people), *_declared(requests, people))
    return tuple(tie for tie in (*said, *found) if (tie.request, tie.user) not in own)


def bars(request: Request, user: User) -> bool:
    """Return whether a conflict keeps ``user`` from the request; nothing is searched of whoever does not judge."""
    ties = standing([request], [user])
    return any(tie.source != Source.DETECTED for tie in ties) or (bool(ties) and member(user, request.agency_id))


def open_to(user: Visitor) -> Q:
    """Return the condition on requests that no conflict hides them from ``user``."""
    if not user.is_authenticated:
        return Q()
    agencies = Q(pk=None)
    for kind in JUDGES:
        agencies |= Q(agency_id__in=scope_ids(user, kind, Scope.AGENCY))
    judged = list(Request.objects.filter(agencies, submitted_at__isnull=False).exclude(by=user).select_related("by"))
    hidden = [tie.request for tie in standing(judged, [user])]
    rows = RequestConflict.objects.filter(user=user, standing=True).values("request")
    said = Assessment.objects.filter(by=user).exclude(conflict="").values("request")
    return ~Q(pk__in=hidden) & ~Q(pk__in=rows) & ~Q(pk__in=said)


def _rows(requests: Iterable[Request], people: Iterable[User]) -> QuerySet[RequestConflict]:
    return RequestConflict.objects.filter(request__in=list(requests), user__in=list(people))


def _key(row: RequestConflict) -> tuple[UUID, UUID, str, str]:
    return (row.request_id, row.user_id, row.ground, row.evidence)


def _set(requests: Iterable[Request], people: Iterable[User]) -> Iterator[Tie]:
    """Yield what the office set."""
    for row in _rows(requests, people).filter(standing=True):
        yield Tie(row.request_id, row.user_id, Source(row.source), Ground(row.ground), row.evidence, since=row.at)


def _declared(requests: Iterable[Request], people: Iterable[User]) -> Iterator[Tie]:
    """Yield what members of the committee say of themselves."""
    rows = Assessment.objects.filter(request__in=list(requests), by__in=list(people)).exclude(conflict="")
    for row in rows:
        yield Tie(row.request_id, row.by_id, Source.REVIEWER, Ground.OTHER, row.conflict, since=row.at)


def _found(requests: Iterable[Request], people: Collection[User]) -> Iterator[Tie]:
    """Yield what the rules find."""
    asking = [one.by for one in requests]
    known = _known({user.pk: user for user in (*people, *asking)}.values())
    teams = earlier_teams(list(known), ())
    hosts = HOSTS | {host for person in known.values() for host in _reserved(person)}
    detector = engine.Detector(database_now().date(), Known(teams=teams), shared_hosts=hosts, grounds=SEARCHED)
    found = detector.detect(
        [Reviewer(str(user.pk), known[user.pk]) for user in people],
        [Submission(str(one.pk), team=(*_asking(one, known[one.by_id]), *_named(one.team))) for one in requests],
    )
    for one in found:
        evidence = one.evidence[:500]
        yield Tie(UUID(one.proposal), UUID(one.reviewer), Source.DETECTED, GROUNDS[one.ground], evidence, one.certain)


def _known(users: Iterable[User]) -> dict[UUID, Person]:
    """Return what is known of people: by their accounts, and by a seat in some panel where they hold one."""
    by_id = {user.pk: user for user in users}
    orcids = orcids_of(by_id)
    seats = {seat.user_id: seat for seat in Seat.objects.filter(user__in=by_id).order_by("seated_at", "pk")}
    found: dict[UUID, Person] = {}
    for key, user in by_id.items():
        seat = seats.get(key) or Seat()
        seat.user = user
        found[key] = person_of(seat, orcids, {})
    return found


def _asking(request: Request, person: Person) -> tuple[Person, Person]:
    """Return who asks, whom their account tells apart from people of a like name, and the institution that borrows."""
    nameless = Person("", person.emails, person.orcid, person.rors, person.institutions, person.country)
    return nameless, Person(institutions=tuple(filter(None, [request.institution.strip()])))


def _named(team: str) -> Iterator[Person]:
    """Yield who is named in the words on the team: one a line, the name first, then institution, address or ORCID iD."""
    for line in re.split(r"[\n;]", team):
        emails, orcids = _EMAIL.findall(line), _ORCID.findall(line)
        words = _ORCID.sub("", _EMAIL.sub("", line))
        name, *others = [part.strip(" ()<>") for part in re.split(r"[,(]", words)]
        institutions = tuple(part for part in others if part)
        if name or emails or orcids:
            yield Person(name, tuple(emails), orcids[0] if orcids else "", institutions=institutions)


def _reserved(person: Person) -> Iterator[str]:
    """Yield the hosts of a person that no institution has."""
    for email in person.emails:
        host = email.rpartition("@")[2].strip().casefold()
        labels = host.split(".")
        if labels[-1] in RESERVED or labels[-2:-1] == ["example"]:
            yield host
