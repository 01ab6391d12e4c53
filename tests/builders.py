"""Small builders: each makes one valid thing, with what a test says and defaults for the rest."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from moonbridge.accounts.models import Role, RoleKind, Scope, User
from moonbridge.cooperation.opportunities import models as opportunities
from moonbridge.cooperation.opportunities.states import State as OpportunityState
from moonbridge.cooperation.programmes.models import Element, Mission, Partner, Programme, Site
from moonbridge.cooperation.proposals import models as proposals
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.sites.models import Study
from moonbridge.quantities import MASS, POWER
from moonbridge.record.queries import database_now

_numbers = itertools.count(1)


def person(name: str = "", **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        f"person{number}@example.org", "a long enough password", name=name or f"Person {number}", **fields
    )


def agency(**fields: Any) -> Partner:
    number = next(_numbers)
    return Partner.objects.create(**{"slug": f"agency-{number}", "kind": "agency", "name": f"Agency {number}"} | fields)


def role(kind: RoleKind, scope: Scope, thing: Any, user: User | None = None) -> User:
    user = user or person()
    Role.objects.create(user=user, kind=kind, scope=scope, scope_id=thing.pk)
    return user


def office_of(agency: Partner) -> User:
    return role(RoleKind.OFFICE, Scope.AGENCY, agency)


def mission(host: Partner | None = None) -> Mission:
    number, host = next(_numbers), host or agency()
    programme = Programme.objects.create(slug=f"programme-{number}", name=f"Programme {number}", agency=host)
    made = Mission.objects.create(slug=f"mission-{number}", name=f"Mission {number}", programme=programme, agency=host)
    Element.objects.create(mission=made, slug="lander", kind="lander", name="Lander")
    return made


def site(where: Mission | None = None) -> Site:
    number, where = next(_numbers), where or mission()
    return Site.objects.create(
        slug=f"site-{number}",
        name=f"Site {number}",
        mission=where,
        programme=where.programme,
        latitude_deg="-88.8",
        longitude_deg="123.4",
    )


def site_study(by: User, **fields: Any) -> Study:
    """A study of a place near the south pole that is at work."""
    asked = {"latitude_deg": "-88.8", "longitude_deg": "123.4", "year": 2027, "mast_m": "2.0"}
    return Study.objects.create(by=by, **asked | fields)


def opportunity(
    host: Partner | None = None, *, closes_in: timedelta = timedelta(days=30), **fields: Any
) -> opportunities.Opportunity:
    """A draft for one lander: 20 kg in total and 10 kg per item, 50 W on average, one criterion from 0 to 10."""
    number, flown_on = next(_numbers), mission(host)
    lander = flown_on.elements.get()
    defaults = {
        "slug": f"opportunity-{number}", "agency": flown_on.agency, "mission": flown_on, "title": f"Opportunity {number}",
        "deadline": database_now() + closes_in,
    }  # fmt: skip
    made = opportunities.Opportunity.objects.create(**defaults | fields)
    made.elements.add(lander)
    lines = opportunities.EnvelopeLine.objects
    lines.create(
        opportunity=made, element=lander, resource="mass", total=MASS.parse("20 kg"), per_item=MASS.parse("10 kg")
    )
    lines.create(opportunity=made, element=lander, resource="power-average", total=POWER.parse("50 W"), position=1)
    opportunities.Criterion.objects.create(opportunity=made, name="Scientific merit")
    return made


def open_opportunity(
    host: Partner | None = None, *, state: OpportunityState = OpportunityState.OPEN, **fields: Any
) -> opportunities.Opportunity:
    """A published one, led through its states as the database demands: its terms are written while it is a draft."""
    made = opportunity(host, **{"published_at": database_now()} | fields)
    ended = state in {OpportunityState.CLOSED, OpportunityState.DECIDED}
    path = [OpportunityState.OPEN, *([OpportunityState.CLOSED] if ended else []), state]
    for step in dict.fromkeys(path):
        made.state = step
        made.save(update_fields=["state"])
    return made


def proposal(
    call: opportunities.Opportunity | None = None,
    lead: User | None = None,
    *,
    mass: str = "5 kg",
    power: str = "10 W",
    **fields: Any,
) -> proposals.Proposal:
    """A draft with one full option and its lead."""
    call, number = call or open_opportunity(), next(_numbers)
    made = proposals.Proposal.objects.create(
        **{
            "opportunity": call,
            "code": f"P-{number:03}",
            "title": f"Proposal {number}",
            "abstract": "What it measures.",
        }
        | fields
    )
    proposals.TeamMember.objects.create(proposal=made, user=lead or person(), role=proposals.TeamRole.LEAD)
    proposals.Participant.objects.create(
        proposal=made, institution="An institute", country="TH", share_permille=1000, leads=True
    )
    option = proposals.Option.objects.create(proposal=made, name="Full", element=call.elements.first())
    for line in call.envelope.all():
        amount = {"mass": MASS.parse(mass), "power-average": POWER.parse(power)}.get(line.resource)
        if amount is not None:
            proposals.Demand.objects.create(option=option, line=line, amount=amount)
    return made


def submitted_proposal(
    call: opportunities.Opportunity | None = None, lead: User | None = None, **fields: Any
) -> proposals.Proposal:
    now: datetime = database_now()
    return proposal(call, lead, **{"state": ProposalState.SUBMITTED, "submitted_at": now} | fields)


def complete_draft(host: Partner | None = None, **fields: Any) -> opportunities.Opportunity:
    """A draft that lacks nothing to be published: the decision is promised 60 days after the deadline."""
    made = opportunity(host, **{"summary": "What is offered.", "eligibility": "Everybody."} | fields)
    opportunities.StageDate.objects.create(
        opportunity=made, stage=opportunities.StageKind.DECISION, promised=made.deadline + timedelta(days=60)
    )
    return made
