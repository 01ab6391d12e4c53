"""The decided synthetic call: forty-one proposals, a panel's scores, a decision, and a place lost after it."""

from datetime import datetime

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import actions as offering
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.proposals import actions as proposing
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.selection import actions as selecting
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.errors import Refused
from moonbridge.site.demonstration import content, past_call, teams
from moonbridge.site.demonstration.calls import command
from moonbridge.site.demonstration.past_call import Told

PATIENCE = 60.0
"""Seconds that the loader waits for the recommendation; a visitor's page would hand it to a job earlier."""


def load(mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Carry the call from its draft to its decision, with instants counted back from ``now``."""
    story = content.read("decided/story")
    opportunity = past_call.publish("decided", mission, now, by=by)
    told = [row | {"lead": story["leads"].get(row["key"])} for row in content.decided_proposals()]
    proposals = past_call.receive(opportunity, told, now)
    _withdraw(story, proposals)
    opportunity = offering.close(opportunity, by=by, command=command("decided", "close"))
    _merge(story, proposals, by=by)
    past_call.score("decided", opportunity, proposals, by=by)
    _decide(opportunity, story, proposals, by=by)
    return opportunity


def _withdraw(story: Told, proposals: dict[str, Proposal]) -> None:
    for row in story["withdrawn"]:
        gone = proposals[row["proposal"]]
        proposing.withdraw(gone, by=teams.lead_of(gone), command=command("decided", "withdraw", row["proposal"]))


def _merge(story: Told, proposals: dict[str, Proposal], *, by: User) -> None:
    for row in story["merged"]:
        source, target = proposals[row["proposal"]], proposals[row["into"]]
        merge = proposing.ask_merge(
            source,
            target.code,
            reason=row["reason"],
            by=teams.lead_of(source),
            command=command("decided", "merge", row["proposal"]),
        )
        proposing.agree(merge, target, by=teams.lead_of(target), command=command("decided", "agree", row["proposal"]))
        merge.refresh_from_db()
        proposing.approve_merge(merge, by=by, command=command("decided", "approve", row["proposal"]))


def _decide(opportunity: Opportunity, story: Told, proposals: dict[str, Proposal], *, by: User) -> None:
    for row in story["overrides"]:
        forced = proposals[row["proposal"]]
        selecting.force(
            forced,
            inside=row["inside"],
            reason=row["reason"],
            by=by,
            command=command("decided", "force", row["proposal"]),
        )
    solve = selecting.recommend(opportunity, by=by, command=command("decided", "recommend"), seconds=PATIENCE)
    if solve.recommendation is None:
        raise Refused("The demonstration's recommendation was not worked out; load it once more.", solve=str(solve.pk))
    told = story["decision"]
    selecting.draft_decision(
        opportunity,
        recommendation=solve.recommendation,
        reserve=told["reserve"],
        conditions={proposals[key].code: text for key, text in told["conditions"].items()},
        notes={proposals[key].code: text for key, text in told["notes"].items()},
        note=told["note"],
        by=by,
        command=command("decided", "decision"),
    )
    selecting.publish_decision(opportunity, by=by, command=command("decided", "publish-decision"))
    lost = proposals[story["lost"]["proposal"]]
    selecting.lose(lost.outcome, reason=story["lost"]["reason"], by=by, command=command("decided", "lose"))
    for offer in opportunity.solves.filter(state=SolveState.RUNNING):
        selecting.carry_out(offer)  # without waiting for the worker, who may not be there yet
