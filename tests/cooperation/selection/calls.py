"""A closed call with scores, for the tests of this stage."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.actions import upload_scores
from moonbridge.cooperation.selection import actions, notices, tasks
from moonbridge.cooperation.selection.models import Decision, Recommendation
from moonbridge.formats.tables import csv_bytes

CODES = ("P-A", "P-B", "P-C", "P-D")
ASKED = {"P-A": "10 kg", "P-B": "9 kg", "P-C": "8 kg", "P-D": "2 kg"}
SCORES = {"P-A": "9", "P-B": "8", "P-C": "7.5", "P-D": "4"}
"""20 kg are offered. A and B and nothing else of size fit: 17 (19 kg). A, C, D: 20.5 (20 kg) is best; B, C, D: 19.5 (19 kg)."""
BEST = {"P-A": "Full", "P-C": "Full", "P-D": "Full"}


def queries_of(client: Client, path: str) -> int:
    """Return how often showing a page asks the database."""
    with CaptureQueriesContext(connection) as counted:
        assert client.get(path).status_code == 200
    return len(counted)


def command() -> uuid.UUID:
    return uuid.uuid4()


def hand_computed_call(**terms: Any) -> tuple[Opportunity, User, dict[str, Proposal]]:
    """20 kg in all, 10 kg per item, four proposals; its best portfolio is BEST, computed by hand."""
    call = builders.open_opportunity(state=State.CLOSED, **terms)
    made = {
        code: builders.submitted_proposal(call, code=code, title=f"Title {code}", mass=kg) for code, kg in ASKED.items()
    }
    office = builders.office_of(call.agency)
    bring_scores(call, office, SCORES)
    return call, office, made


def bring_scores(call: Opportunity, office: User, scores: Mapping[str, str]) -> None:
    data = csv_bytes(
        ("proposal", "reviewer", "Scientific merit"), [(code, "R1", score) for code, score in scores.items()]
    )
    upload_scores(call, data, "scores.csv", command=command(), by=office)


def recommended(call: Opportunity, office: User) -> Recommendation:
    solve = actions.recommend(call, by=office, command=command(), seconds=60)
    assert solve.recommendation is not None, solve.refusal
    return solve.recommendation


def work() -> None:
    """Do what is queued for the solver, as a worker would."""
    for job in ProcrastinateJob.objects.filter(task_name=notices.SOLVE_TASK).order_by("id"):
        tasks.carry_out(**job.args)


def drafted(call: Opportunity, office: User, **more: object) -> Decision:
    return actions.draft_decision(call, recommendation=recommended(call, office), by=office, command=command(), **more)


def published(call: Opportunity, office: User, **more: object) -> Decision:
    drafted(call, office, **more)
    return actions.publish_decision(call, by=office, command=command())
