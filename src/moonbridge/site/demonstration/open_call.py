"""The open synthetic call: it takes proposals for some weeks, and everybody may try it."""

from datetime import datetime
from typing import Any

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.opportunities import actions as offering
from moonbridge.cooperation.opportunities.models import Opportunity, Origin, Question
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.proposals import actions as proposing
from moonbridge.record.queries import database_now
from moonbridge.site.demonstration import content, people, teams
from moonbridge.site.demonstration.calls import command, days, line, terms, with_line


def load(mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Publish the call, amend it once, let teams write and send, and let people ask."""
    call = content.read("open/opportunity")
    final = terms(call, mission, now)
    opportunity = offering.draft(
        agency=mission.agency,
        mission=mission,
        title=final.title,
        by=by,
        command=command("open", "draft"),
        origin=Origin.SYNTHETIC,
    )
    elements = {element.kind: element for element in mission.elements.all()}
    first = with_line(final, line(call["amendment"]["before"], elements))
    offering.save_draft(opportunity, first, by=by, command=command("open", "save"))
    opportunity = offering.publish(
        opportunity, by=by, command=command("open", "publish"), at=days(now, call["published"])
    )
    offering.amend(opportunity, final, reason=call["amendment"]["reason"], by=by, command=command("open", "amend"))
    opportunity.refresh_from_db()
    people.grant(people.REVIEWER, RoleKind.REVIEWER, Scope.OPPORTUNITY, opportunity)
    for told in content.read("open/proposals"):
        _propose(told, opportunity)
    _ask(call, opportunity, by=by)
    return opportunity


def _propose(told: dict[str, Any], opportunity: Opportunity) -> None:
    """Let a team come as far as the file says: a draft, a submission, or a withdrawal after it."""
    proposal = teams.write(told, opportunity)
    if told["stage"] == "draft":
        return
    lead = teams.lead_of(proposal)
    proposing.submit(
        proposal,
        version=proposal.version,
        by=lead,
        command=command("open", "submit", told["key"]),
        begun_at=database_now(),
    )
    if told["stage"] == "withdrawn":
        proposing.withdraw(proposal, by=lead, command=command("open", "withdraw", told["key"]))


def _ask(call: dict[str, Any], opportunity: Opportunity, *, by: User) -> None:
    """Ask the questions one day apart, so that they keep their order, and answer those that have an answer."""
    asker = people.team_lead("TICK")
    for number, row in enumerate(call["questions"]):
        question = offering.ask(opportunity, row["text"], by=asker, command=command("open", "ask", str(number)))
        Question.objects.filter(pk=question.pk).update(asked_at=days(database_now(), number - len(call["questions"])))
        if "answer" in row:
            offering.answer(question, row["answer"], by=by, command=command("open", "answer", str(number)))
