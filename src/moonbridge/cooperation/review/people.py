"""Seats and teams as the engine knows people: the ground for conflicts and for how well somebody fits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from allauth.socialaccount.models import SocialAccount

from moonbridge.accounts.models import Role, Scope, User
from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.cooperation.proposals.models import Participant, Proposal, TeamMember
from moonbridge.cooperation.review.models import Seat
from moonbridge.engines.reviewing.people import Person, Reviewer, Submission


def person_of(seat: Seat, orcids: Mapping[UUID, str], agencies: Mapping[UUID, str]) -> Person:
    """Return who sits there, as far as it is known: by the account, and by what the office wrote down of the seat."""
    user = seat.user
    return Person(
        user.name,
        (user.email,),
        seat.orcid or orcids.get(user.pk, ""),
        tuple(filter(None, [seat.ror.rpartition("/")[2].casefold()])),
        tuple(filter(None, [user.institution])),
        user.country,
        agencies.get(user.pk, ""),
        tuple(seat.funding),
    )


def orcids_of(users: Iterable[UUID]) -> dict[UUID, str]:
    """Return the ORCID iDs with which people sign in."""
    return dict(SocialAccount.objects.filter(provider="orcid", user__in=list(users)).values_list("user_id", "uid"))


def agencies_of(users: Iterable[UUID]) -> dict[UUID, str]:
    """Return for which agency people work, by name: the first one for which they hold a role."""
    roles = list(Role.objects.filter(user__in=list(users), scope=Scope.AGENCY).order_by("granted_at", "pk"))
    names = dict(Partner.objects.filter(pk__in={role.scope_id for role in roles}).values_list("pk", "name"))
    found: dict[UUID, str] = {}
    for role in roles:
        found.setdefault(role.user_id, names.get(role.scope_id, ""))
    return found


def teams_of(proposals: Collection[UUID]) -> dict[UUID, tuple[Person, ...]]:
    """Return who proposes what: the members of the teams, and the institutions and agencies that take part."""
    members = list(TeamMember.objects.filter(proposal__in=proposals).select_related("user").order_by("joined_at", "pk"))
    users = {member.user_id for member in members}
    orcids, agencies, seats = orcids_of(users), agencies_of(users), _said_of(users)
    found: dict[UUID, list[Person]] = defaultdict(list)
    for member in members:
        seat = seats.get(member.user_id) or Seat()
        seat.user = member.user
        found[member.proposal_id].append(person_of(seat, orcids, agencies))
    for part in Participant.objects.filter(proposal__in=proposals).select_related("partner").order_by("position", "pk"):
        found[part.proposal_id].append(_body(part))
    return {key: tuple(people) for key, people in found.items()}


def _said_of(users: Collection[UUID]) -> dict[UUID, Seat]:
    """Return a seat of each of these who holds one: what it says of them holds in their team as well."""
    return {seat.user_id: seat for seat in Seat.objects.filter(user__in=users).order_by("seated_at", "pk")}


def _body(part: Participant) -> Person:
    """Return a participating institution or agency as somebody without a name; a country is no tie."""
    partner = part.partner
    agency = partner.name if partner is not None and partner.kind == PartnerKind.AGENCY else ""
    named = partner.name if partner is not None and partner.kind == PartnerKind.INSTITUTION else ""
    return Person(institutions=tuple(filter(None, [part.institution, named])), country=part.country, agency=agency)


def members_among(proposals: Collection[UUID], users: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return which of these people are in which of these teams, as (proposal, user)."""
    found = TeamMember.objects.filter(proposal__in=proposals, user__in=users)
    return set(found.values_list("proposal_id", "user_id"))


def submission_of(proposal: Proposal, name: str, *, demand: int = 0, team: tuple[Person, ...] = ()) -> Submission:
    """Return a proposal as reviewers meet it: its anonymous part only, whatever the mode."""
    text = "\n".join(filter(None, [proposal.abstract, proposal.objectives]))
    keywords = tuple(filter(None, [proposal.theme]))
    return Submission(name, proposal.title, text, keywords, team=team, demand=demand)


def reviewer_of(seat: Seat, name: str, person: Person, *, least: int = 0, most: int = 0) -> Reviewer:
    """Return somebody who judges, with what the office knows of them."""
    return Reviewer(
        name, person, least, most, tuple(seat.kinds), tuple(seat.keywords), tuple(seat.texts), tuple(seat.languages)
    )


def user_name(user: User) -> str:
    """Return how tables call a person."""
    return user.name or user.email
