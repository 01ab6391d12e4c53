"""The decided synthetic call: forty-one proposals, a panel's scores, a decision, and a place lost after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import actions as offering
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.proposals import actions as proposing
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.actions import upload_scores
from moonbridge.cooperation.selection import actions as selecting
from moonbridge.errors import Refused
from moonbridge.formats.tables import csv_bytes
from moonbridge.site.demonstration import content, teams
from moonbridge.site.demonstration.calls import command, days, terms

APART = timedelta(hours=7, minutes=13)
"""The time between two synthetic proposals; the last one came in on the day of the deadline."""

PATIENCE = 60.0
"""Seconds that the loader waits for the recommendation; a visitor's page would hand it to a job earlier."""


type Told = dict[str, Any]


def load(mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Carry the call from its draft to its decision, with instants counted back from ``now``."""
    call, story = content.read("decided/opportunity"), content.read("decided/story")
    opportunity = _open(call, mission, now, by=by)
    told = [row | {"lead": story["leads"].get(row["key"])} for row in content.decided_proposals()]
    proposals = _receive(opportunity, told, now, deadline=days(now, call["extended"]))
    _resolve(proposals, told)
    _withdraw(story, proposals)
    opportunity = offering.close(opportunity, by=by, command=command("decided", "close"))
    _merge(story, proposals, by=by)
    upload_scores(opportunity, _table(proposals), "scores.csv", by=by, command=command("decided", "scores"))
    _decide(opportunity, story, proposals, by=by)
    return opportunity


def _open(call: Told, mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Draft and publish the call on its past day, and move its deadline as the file says."""
    first = terms(call, mission, now)
    opportunity = offering.draft(
        agency=mission.agency, mission=mission, title=first.title, by=by, command=command("decided", "draft"),
        origin=Origin.SYNTHETIC,
    )  # fmt: skip
    offering.save_draft(opportunity, first, by=by, command=command("decided", "save"))
    opportunity = offering.publish(
        opportunity, by=by, command=command("decided", "publish"), at=days(now, call["published"])
    )
    offering.extend_deadline(
        opportunity,
        days(now, call["extended"]),
        reason=call["extension"]["reason"],
        by=by,
        command=command("decided", "extend"),
    )
    opportunity.refresh_from_db()
    return opportunity


def _receive(opportunity: Opportunity, told: list[Told], now: datetime, *, deadline: datetime) -> dict[str, Proposal]:
    """Let each team write and send its proposal, and return the proposals by their keys."""
    with _not_over_yet(opportunity, now):
        written = {row["key"]: teams.write(row, opportunity) for row in told}
    for number, proposal in enumerate(written.values(), start=1):
        proposing.receive_synthetic(proposal, at=deadline - number * APART, by=teams.lead_of(proposal))
    return written


@contextmanager
def _not_over_yet(opportunity: Opportunity, now: datetime) -> Iterator[None]:
    """Let teams begin although the deadline lies in the past; outside of this transaction nobody ever sees the later one."""
    kept = Opportunity.objects.filter(pk=opportunity.pk)
    kept.update(deadline=days(now, 1))
    yield
    kept.update(deadline=opportunity.deadline)


def _resolve(proposals: dict[str, Proposal], told: list[Told]) -> None:
    """Say which proposal each team meant that named another instrument, as the office does when it reads them."""
    for row in told:
        relations = proposals[row["key"]].relations.all()
        for named, relation in zip(row.get("relations", ()), relations, strict=True):
            relation.other = proposals[named["with"]]
            relation.save(update_fields=["other"])


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


def _table(proposals: dict[str, Proposal]) -> bytes:
    """Return the panel's table as the office uploads it: with the codes that the proposals drew."""
    header, *rows = content.scores()
    coded = [[proposals[key].code, *cells] for key, *cells in rows]
    return csv_bytes(header, coded)


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
