"""What a call and its proposals demand of a portfolio, as rules of the engine, and the groups that they count."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from moonbridge.cooperation.opportunities.models import PERMILLE, GroupKind, Measure, PortfolioRule
from moonbridge.cooperation.programmes.models import PartnerKind
from moonbridge.cooperation.proposals.models import Participant, Proposal, Relation, RelationKind
from moonbridge.cooperation.selection.limits import element_of
from moonbridge.cooperation.selection.models import Override
from moonbridge.engines.selection.rules import (
    EVERYBODY,
    Breadth,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Rule,
    include,
    leave_out,
    needs,
    not_together,
)
from moonbridge.errors import Refused

type Resources = Mapping[tuple[str, str, str], str]
"""What the engine calls each resource of the envelope that it limits, by what tells it from others (``of_resource``)."""

FIRST_TIME = "first-time"
NEEDED_IS_GONE = gettext_noop("it needs another proposal that is no longer a candidate")
"""In English in every problem, so that it has one digest whoever solves it; pages translate it."""


def country_of(participant: Participant) -> str:
    """Return the code of the country that a participant stands for; empty where it is unknown."""
    return (participant.country or (participant.partner.country if participant.partner else "")).upper()


def countries_of(proposal: Proposal) -> list[str]:
    """Return the codes of the countries that take part in a proposal, sorted."""
    return sorted({code for participant in proposal.participants.all() if (code := country_of(participant))})


def country_shares(proposal: Proposal) -> dict[str, Fraction]:
    """Return the share of each country, 0 to 1. Where no share is stated, the leading countries have equal parts, or all have."""
    parties = [(country_of(p), p) for p in proposal.participants.all() if country_of(p)]
    shares: dict[str, int] = defaultdict(int)
    for code, participant in parties:
        shares[code] += participant.share_permille
    if any(shares.values()):
        return {code: Fraction(min(share, PERMILLE), PERMILLE) for code, share in shares.items()}
    sharing = {code for code, participant in parties if participant.leads} or set(shares)
    return {code: Fraction(1, len(sharing)) for code in sharing}


def institution_of(participant: Participant) -> str:
    """Return the institution for which a participant stands, or else the body that the catalogue knows; empty for a country alone."""
    partner = participant.partner
    body = partner.name if partner is not None and partner.kind != PartnerKind.COUNTRY else ""
    return " ".join((participant.institution or body).split())


def institutions(portfolio: Collection[PortfolioRule], proposals: Collection[Proposal]) -> dict[str, str]:
    """Return how each institution is spelled in the problem, by its name without case: of several spellings the first by alphabet.

    Empty where no rule of the call is about institutions; then proposals do not belong to them.
    """
    if not any(rule.by == GroupKind.INSTITUTION for rule in portfolio):
        return {}
    written = {institution_of(participant) for proposal in proposals for participant in proposal.participants.all()}
    return {name.casefold(): name for name in sorted(written, reverse=True) if name}


def groups_of(proposal: Proposal, spelled: Mapping[str, str] = MappingProxyType({})) -> dict[str, Fraction]:
    """Return the groups to which a proposal belongs, with its shares; ``spelled`` is what :func:`institutions` gives."""
    groups = {f"country:{code}": share for code, share in sorted(country_shares(proposal).items())}
    folded = {institution_of(participant).casefold() for participant in proposal.participants.all()}
    groups |= {f"institution:{spelled[name]}": Fraction(1) for name in sorted(folded & spelled.keys())}
    groups |= {f"element:{element_of(option)}": Fraction(1) for option in proposal.options.all()}
    if proposal.theme:
        groups[f"theme:{proposal.theme}"] = Fraction(1)
    if proposal.first_time:
        groups[FIRST_TIME] = Fraction(1)
    return groups | {EVERYBODY: Fraction(1)}


def portfolio_rules(
    portfolio: Collection[PortfolioRule], proposals: Collection[Proposal], resources: Resources = MappingProxyType({})
) -> Iterator[Rule]:
    """Yield the call's rules on groups, of ``resources`` as the engine calls them.

    How many may fly on one element is counted in places instead (see ``limits``).
    """
    spelled = institutions(portfolio, proposals)
    known = {group for proposal in proposals for group, share in groups_of(proposal, spelled).items() if share}
    for rule in portfolio:
        at_least, at_most = rule.at_least, rule.at_most
        if rule.distinct:
            yield Breadth(rule.by, at_least, at_most)
        elif rule.by != GroupKind.ELEMENT:
            resource = _resource(rule, resources)
            yield from (_measured(rule, group, resource) for group in _groups_meant(rule, known, spelled))


def _resource(rule: PortfolioRule, resources: Resources) -> str | None:
    if rule.resource and rule.of_resource not in resources:
        raise Refused(
            _("A portfolio rule speaks of “%(resource)s”, of which the envelope states no limit.")
            % {"resource": rule.resource_label}
        )
    return resources.get(rule.of_resource)


def _measured(rule: PortfolioRule, group: str, resource: str | None) -> Rule:
    """Return what a rule demands for one group."""
    least, most = rule.at_least, rule.at_most
    match rule.measure:
        case Measure.AMOUNT:
            return GroupAmount(group, resource or "", least, most)
        case Measure.PART:
            return GroupPart(group, resource, _thousandths(least), _thousandths(most))
        case Measure.SHARES:
            return GroupShares(group, _thousandths(least), _thousandths(most))
    return GroupCount(group, least, most)


def _thousandths(bound: int | None) -> Fraction | None:
    return None if bound is None else Fraction(bound, PERMILLE)


def _groups_meant(rule: PortfolioRule, known: Collection[str], spelled: Mapping[str, str]) -> list[str]:
    """Return the groups that a rule speaks of: the named one, or each that any proposal belongs to."""
    if rule.by in {GroupKind.ALL, GroupKind.FIRST_TIME}:
        return [EVERYBODY if rule.by == GroupKind.ALL else FIRST_TIME]
    if rule.group:
        return [f"{rule.by}:{_group_named(rule, spelled)}"]
    return sorted(group for group in known if group.startswith(f"{rule.by}:"))


def _group_named(rule: PortfolioRule, spelled: Mapping[str, str]) -> str:
    match rule.by:
        case GroupKind.COUNTRY:
            return rule.group.upper()
        case GroupKind.INSTITUTION:
            name = " ".join(rule.group.split())
            return spelled.get(name.casefold(), name)
    return rule.group


def relations(proposals: Collection[Proposal]) -> Iterator[Rule]:
    """Yield what proposals say about each other, where the office has resolved whom they mean.

    What was said of a proposal that has merged holds for the one it merged into. The words of a team are not repeated here:
    the other team would read them.
    """
    codes = {proposal.pk: proposal.code for proposal in proposals}
    for proposal in proposals:
        for relation in proposal.relations.all():
            if relation.other is not None:
                yield from _relation(proposal, relation, codes)


def _relation(proposal: Proposal, relation: Relation, codes: dict[UUID, str]) -> Iterator[Rule]:
    other = relation.other
    while other is not None and other.merged_into is not None:
        other = other.merged_into
    if other is None or other == proposal:
        return
    if relation.kind == RelationKind.NEEDS and other.pk not in codes:
        yield leave_out(proposal.code, reason=NEEDED_IS_GONE)
    elif relation.kind == RelationKind.NEEDS:
        yield needs(proposal.code, codes[other.pk])
    elif other.pk in codes:
        yield not_together(proposal.code, codes[other.pk])


def overrides(given: Iterable[Override], proposals: Collection[Proposal]) -> Iterator[Rule]:
    """Yield what the office forces, with its written reasons."""
    codes = {proposal.pk: proposal.code for proposal in proposals}
    for override in given:
        if override.proposal_id in codes:
            force = include if override.inside else leave_out
            yield force(codes[override.proposal_id], reason=override.reason)
