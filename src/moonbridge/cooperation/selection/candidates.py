"""From what the stages before keep in the database to the problem that the engine solves.

The names in a problem are stable and short, because it is also what the office downloads and what is sealed: proposals by their code,
elements by their slug (``mission`` for the whole of it), options by their name. How they read on a page is said in
:mod:`moonbridge.cooperation.selection.wording`.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.proposals.models import Option, Participant, Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.handovers import set_aside
from moonbridge.cooperation.review.queries import standings
from moonbridge.cooperation.selection import statements
from moonbridge.cooperation.selection.conditions import groups_of, institutions, overrides, portfolio_rules, relations
from moonbridge.cooperation.selection.limits import Envelope, Places
from moonbridge.cooperation.selection.statements import MERIT_SCALE
from moonbridge.engines.ledger import seal
from moonbridge.engines.selection import problem as engine
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import Rule
from moonbridge.errors import Refused
from moonbridge.formats.calls.write import call_data
from moonbridge.quantities import COUNT

_PERMILLE: Final = 1000


def candidates(opportunity: Opportunity) -> Problem:
    """Return the problem of the decision: the envelope, every submitted proposal with its merit, and the rules of the call.

    What the office has set aside is no candidate; the decision declines it with the reason.

    Raises :class:`Refused` when there is nothing to choose from or a proposal has no merit yet.
    """
    standing_ones = opportunity.proposals.filter(state=State.SUBMITTED)
    proposals = list(with_parts(standing_ones.exclude(pk__in=set_aside(opportunity).values("proposal"))))
    if not proposals:
        raise Refused(_("There is no submitted proposal to choose from."))
    found = standings(opportunity)
    merits = {key: standing.merit for key, standing in found.items()}
    doubts = {key: standing.doubt for key, standing in found.items() if standing.doubt is not None}
    if unscored := [proposal.code for proposal in proposals if proposal.pk not in merits]:
        raise Refused(_("Some proposals have no scores yet; bring in a score table first."), unscored=unscored)
    return build(opportunity, proposals, merits, doubts=doubts)


def build(
    opportunity: Opportunity,
    proposals: Collection[Proposal],
    merits: Mapping[UUID, int],
    *more_rules: Rule,
    doubts: Mapping[UUID, int] = MappingProxyType({}),
) -> Problem:
    """Return the problem of choosing among ``proposals`` (loaded by :func:`with_parts`), with these merits in millionths.

    ``doubts``, the standard deviations of merits in millionths, go with calibrated merits.
    """
    synthetic = opportunity.origin == Origin.SYNTHETIC
    envelope = Envelope(opportunity.envelope.select_related("element"), proposals, synthetic=synthetic)
    # In one order whatever the database finds first: the digest of a problem covers the order of its rules.
    portfolio = list(opportunity.portfolio_rules.order_by("by", "group", "distinct", "measure", "resource", "name"))
    places = Places(portfolio, proposals)
    spelled = institutions(portfolio, proposals)
    office = overrides(opportunity.overrides.all(), proposals)
    stated = list(statements.standing(opportunity))
    return Problem(
        limits=(*envelope.limits, *places.limits),
        proposals=tuple(
            _proposal(p, merits[p.pk], doubts.get(p.pk), envelope, places, spelled=spelled) for p in proposals
        ),
        rules=(
            *portfolio_rules(portfolio, proposals, envelope.resources), *places.rules, *relations(proposals),
            *statements.rules(stated, proposals), *office, *more_rules,
        ),
        synergies=tuple(statements.synergies(stated, proposals)),
        resources=envelope.kinds | {limit.resource: COUNT for limit in places.limits},
        title=opportunity.title,
        seed=opportunity.draw_seed,
        lottery_within=Fraction(opportunity.lottery_within, MERIT_SCALE),
    )  # fmt: skip


def digest_of(problem: Problem) -> str:
    """Return the digest by which a problem is known: SHA-256 over the canonical form of what its download says."""
    return seal.digest(call_data(problem))


def with_parts(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return the proposals by code, with everything that :func:`build` reads of them, in a fixed number of queries."""
    options = Option.objects.select_related("element").prefetch_related("demands")
    participants = Participant.objects.select_related("partner")
    parts = (Prefetch("options", options), Prefetch("participants", participants), "relations__other__merged_into")
    return proposals.prefetch_related(*parts).order_by("code")


def _proposal(
    proposal: Proposal,
    merit: int,
    doubt: int | None,
    envelope: Envelope,
    places: Places,
    *,
    spelled: Mapping[str, str],
) -> engine.Proposal:
    options = tuple(
        engine.Option(
            option.name,
            _option_merit(merit, option),
            envelope.demands(option) | places.demands(option),
            None if doubt is None else _option_merit(doubt, option),
        )
        for option in proposal.options.all()
    )
    if not options:
        raise Refused(_("%(code)s has no option to fly.") % {"code": proposal.code}, proposal=proposal.code)
    return engine.Proposal(
        proposal.code, options, title=proposal.title, groups=groups_of(proposal, spelled), synthetic=proposal.synthetic
    )


def _option_merit(merit: int, option: Option) -> Fraction:
    """Return merit (or doubt) x worth of the option, rounded half to even to whole millionths, as a number from 0 to 100."""
    return Fraction(round(Fraction(merit * option.merit_permille, _PERMILLE)), MERIT_SCALE)
