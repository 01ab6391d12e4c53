"""What the synthetic calls share whose deadline has passed: published on a past day, answered by its teams, scored by a panel."""

from collections.abc import Iterable, Iterator
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
from moonbridge.formats.tables import csv_bytes
from moonbridge.site.demonstration import content, teams
from moonbridge.site.demonstration.calls import command, days, terms

APART = timedelta(hours=7, minutes=13)
"""The time between two synthetic proposals; the last one came in on the day of the deadline."""

type Told = dict[str, Any]


def publish(name: str, mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Draft the call of the folder ``name``, publish it on its past day, and move its deadline as the file says."""
    call = content.read(f"{name}/opportunity")
    first = terms(call, mission, now)
    opportunity = offering.draft(
        agency=mission.agency, mission=mission, title=first.title, by=by, command=command(name, "draft"),
        origin=Origin.SYNTHETIC,
    )  # fmt: skip
    offering.save_draft(opportunity, first, by=by, command=command(name, "save"))
    opportunity = offering.publish(
        opportunity, by=by, command=command(name, "publish"), at=days(now, call["published"])
    )
    later, reason = days(now, call["extended"]), call["extension"]["reason"]
    offering.extend_deadline(opportunity, later, reason=reason, by=by, command=command(name, "extend"))
    opportunity.refresh_from_db()
    return opportunity


def receive(opportunity: Opportunity, told: Iterable[Told], now: datetime) -> dict[str, Proposal]:
    """Let each team write and send its proposal, and return the proposals by their keys."""
    rows, deadline = list(told), opportunity.deadline or now
    with _not_over_yet(opportunity, now):
        written = {row["key"]: teams.write(row, opportunity) for row in rows}
    for number, proposal in enumerate(written.values(), start=1):
        proposing.receive_synthetic(proposal, at=deadline - number * APART, by=teams.lead_of(proposal))
    _resolve(written, rows)
    return written


@contextmanager
def _not_over_yet(opportunity: Opportunity, now: datetime) -> Iterator[None]:
    """Let teams begin although the deadline lies in the past; outside of this transaction nobody ever sees the later one.

    The database allows it because the same transaction has announced the extension.
    """
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


def score(name: str, opportunity: Opportunity, proposals: dict[str, Proposal], *, by: User) -> None:
    """Upload the panel's table of the folder ``name`` as the office does: with the codes that the proposals drew."""
    header, *rows = content.scores(name)
    coded = [[proposals[key].code, *cells] for key, *cells in rows]
    upload_scores(opportunity, csv_bytes(header, coded), "scores.csv", by=by, command=command(name, "scores"))
