"""What the panel states about proposals, as rules and synergies of the engine."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.selection.conditions import NEEDED_IS_GONE
from moonbridge.cooperation.selection.models import Statement, StatementKind, StatementMember
from moonbridge.engines.selection.problem import Synergy
from moonbridge.engines.selection.rules import Conflict, Needs, Rule, leave_out

MERIT_SCALE: Final = 10_000
"""A merit in millionths of the full mark is a number from 0 to 100 with four decimals."""


def standing(opportunity: Opportunity) -> QuerySet[Statement]:
    """Return what the panel states and has not withdrawn, with the proposals concerned, in a fixed number of queries."""
    return with_proposals(opportunity.statements.filter(withdrawn_at=None))


def with_proposals(statements: QuerySet[Statement]) -> QuerySet[Statement]:
    """Return the statements with the proposals that they are about, and into what those have merged."""
    members = StatementMember.objects.select_related("proposal__merged_into")
    found = statements.select_related("proposal__merged_into", "by", "withdrawn_by")
    return found.prefetch_related(Prefetch("members", members))


def concerned(statement: Statement) -> list[Proposal]:
    """Return every proposal that a statement is about, the one that needs the others first."""
    members = [member.proposal for member in statement.members.all()]
    return members if statement.proposal is None else [statement.proposal, *members]


def as_said(statement: Statement) -> Rule | Synergy:
    """Return a statement as the engine says it, of the proposals by their codes as they were named."""
    codes = tuple(member.proposal.code for member in statement.members.all())
    match statement.kind:
        case StatementKind.AT_MOST:
            return Conflict(codes, statement.number or 1)
        case StatementKind.NEEDS:
            return Needs(statement.proposal.code if statement.proposal else "", codes, statement.number or 1)
    return _together(statement, codes)


def rules(statements: Collection[Statement], proposals: Collection[Proposal]) -> Iterator[Rule]:
    """Yield what holds among the candidates of what the panel states. What was stated of a merged proposal holds for the joint one."""
    codes = {proposal.pk: proposal.code for proposal in proposals}
    for statement in statements:
        if statement.kind == StatementKind.AT_MOST:
            yield from _at_most(statement, codes)
        elif statement.kind == StatementKind.NEEDS:
            yield from _needs(statement, codes)


def synergies(statements: Collection[Statement], proposals: Collection[Proposal]) -> Iterator[Synergy]:
    """Yield what pairs of candidates are worth beyond their merits, as the panel states."""
    codes = {proposal.pk: proposal.code for proposal in proposals}
    for statement in statements:
        if statement.kind == StatementKind.TOGETHER:
            pair = tuple(_standing_members(statement, codes))
            if len(pair) > 1:
                yield _together(statement, pair)


def _together(statement: Statement, pair: tuple[str, ...]) -> Synergy:
    first, second = pair
    return Synergy(first, second, Fraction(statement.worth or 0, MERIT_SCALE))


def _at_most(statement: Statement, codes: Mapping[UUID, str]) -> Iterator[Rule]:
    """Yield the limit on a set, where more of it are candidates than may fly. Its reason is the office's word, which teams may read."""
    members, most = _standing_members(statement, codes), statement.number or 1
    if len(members) > most:
        yield Conflict(tuple(members), most, statement.reason)


def _needs(statement: Statement, codes: Mapping[UUID, str]) -> Iterator[Rule]:
    """Yield the need. Who merged with what it needs has it; a joint proposal stands for each of its parts."""
    if statement.proposal is None or (needing := codes.get(_final(statement.proposal).pk)) is None:
        return
    members = _standing_members(statement, codes)
    own = members.pop(needing, 0)
    missing = (statement.number or 1) - own
    if missing > sum(members.values()):
        yield leave_out(needing, reason=NEEDED_IS_GONE)
    elif missing > 0:
        yield Needs(needing, tuple(members), min(missing, len(members)))


def _standing_members(statement: Statement, codes: Mapping[UUID, str]) -> Counter[str]:
    """Return the candidates that stand for the members, in their order, with the number of members that each stands for."""
    finals = (_final(member.proposal).pk for member in statement.members.all())
    return Counter(codes[key] for key in finals if key in codes)


def _final(proposal: Proposal) -> Proposal:
    while proposal.merged_into is not None:
        proposal = proposal.merged_into
    return proposal
