"""Turn what a file says of a synthetic proposal into a draft, and let its lead write and send it."""

from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, Resource
from moonbridge.cooperation.proposals import actions
from moonbridge.cooperation.proposals.content import Draft, Mode, Option, Participant, Relation
from moonbridge.cooperation.proposals.models import OptionKind, Proposal
from moonbridge.quantities import DATA_PER_DAY, POWER
from moonbridge.site.demonstration import people
from moonbridge.site.demonstration.calls import command, room

PERMILLE_OF_PERCENT = 10
NOTHING = "0"


def write(told: dict[str, Any], opportunity: Opportunity) -> Proposal:
    """Let the lead of the proposal that ``told`` describes begin it and save what the team says."""
    lead = people.person(told["lead"]) if told.get("lead") else people.team_lead(told["key"])
    said = draft(told, opportunity)
    begun = actions.begin(opportunity, title=said.title, by=lead, command=_command("begin", told, opportunity))
    return actions.save(begun, said, version=begun.version, by=lead, command=_command("save", told, opportunity))


def lead_of(proposal: Proposal) -> User:
    """Return the lead of the proposal's team."""
    return proposal.members.select_related("user").get(role="lead").user


def draft(told: dict[str, Any], opportunity: Opportunity) -> Draft:
    """Return what the file says of a proposal as a team writes it."""
    full = told["options"][0]
    control = told["export_control"]
    return Draft(
        title=told["title"],
        acronym=told.get("acronym", told["key"]),
        theme=told["theme"],
        first_time=told.get("first_time", False),
        abstract=told["abstract"],
        objectives=told.get("objectives", ""),
        accommodation=told.get("accommodation", ""),
        export_control=control["text"],
        export_control_clear=control["clear"],
        participants=tuple(map(_participant, told["team"])),
        # A descoped version that says nothing of its box and temperatures has those of the full one.
        options=tuple(_option(row, room(full) | room(row), told, opportunity) for row in told["options"]),
        relations=tuple(Relation(kind=row["kind"], named=row["named"]) for row in told.get("relations", ())),
    )


def _participant(row: dict[str, Any]) -> Participant:
    return Participant(
        institution=row["institution"],
        country=row["country"],
        contribution=row["contribution"],
        share_permille=row["share"] * PERMILLE_OF_PERCENT,
        leads=row.get("leads", False),
    )


def _option(row: dict[str, Any], size: dict[str, Any], told: dict[str, Any], opportunity: Opportunity) -> Option:
    element = opportunity.elements.get(kind=row["on"])
    option = Option(
        id=uuid5(NAMESPACE_URL, f"{opportunity.pk}/{told['key']}/{row['name']}"),
        kind=row.get("kind", OptionKind.FULL.value),
        name=row["name"],
        element_id=element.pk,
        argument=row.get("argument", ""),
        merit_permille=row.get("worth", 1000),
        modes=tuple(map(_mode, row.get("modes", ()))),
    )
    asked = row["demands"]
    lines = opportunity.envelope.filter(element=element)
    names = {line.pk: line.name if line.resource == Resource.OTHER else line.resource for line in lines}
    demands = {line.pk: line.kind.parse(str(asked.get(names[line.pk], NOTHING))) for line in lines}
    return replace(option, demands=demands, **size)


def _mode(row: dict[str, Any]) -> Mode:
    return Mode(
        name=row["name"],
        power_mw=POWER.parse(row["power"]),
        data_per_day=DATA_PER_DAY.parse(row["data"]),
        duty_permille=row["duty"],
    )


def _command(verb: str, told: dict[str, Any], opportunity: Opportunity) -> UUID:
    return command(opportunity.slug, verb, told["key"])
