"""Whatever its borrower or a curator sends about a loan that is there, the API answers, and the books stay sound."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from api.programs import Program
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.actions import changing, incidents
from moonbridge.cooperation.samples.steps import STEPS
from moonbridge.site.wsgi import application

EXAMPLES = 8
VERBS = itertools.cycle(STEPS)
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application).include(
    path_regex=r"^/api/v1/(loans/|loan-extensions/|loan-transfers/|sample-incidents/|agencies/.*/returns)"
)


@dataclass
class Desk:
    """A house, what may stand in an address about its loan, and who sends something there."""

    house: House
    places: dict[str, dict[str, Any]]
    programs: tuple[Program, Program]


@pytest.fixture
def desk(db) -> Iterator[Desk]:
    """One whose connection stays open between requests: the test's transaction lives in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    house = House()
    yield Desk(house, known(house), (Program(house.borrower), Program(house.curator)))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def known(house: House) -> dict[str, dict[str, Any]]:
    """Return what may stand in an address, by its first word: a loan with more time asked for, a line to pass on, something missing."""
    loan = lending.on_loan(house)
    line, by, until = lending.first(loan), house.borrower, loan.ends_on + timedelta(days=1)
    asked = changing.ask_extension(loan, until, reason="x", by=by, command=uuid4())
    passed = changing.ask_transfer(line, house.other, institution="x", reason="x", by=by, command=uuid4())
    lost = incidents.report_missing(line, MG, what="x", by=by, command=uuid4())
    return {
        "loans": {"code": loan.code}, "agencies": {"slug": house.agency.slug}, "loan-extensions": {"key": str(asked.pk)},
        "loan-transfers": {"key": str(passed.pk)}, "sample-incidents": {"key": str(lost.pk)},
    }  # fmt: skip


def aimed(body: Any) -> Any:
    """Return a body in which every number of a line is that of the loan's only line."""
    if isinstance(body, dict):
        return {name: 1 if name == "line" else aimed(value) for name, value in body.items()}
    return [1 if isinstance(value, int) else aimed(value) for value in body] if isinstance(body, list) else body


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)
def test_a_loan_that_is_there_never_makes_the_api_fail(case, desk: Desk) -> None:
    case.path_parameters = case.path_parameters | desk.places[case.path.split("/")[3]]
    if "verb" in case.path_parameters:
        case.path_parameters["verb"] = next(VERBS)
    if isinstance(case.body, dict):
        case.body = aimed(case.body)
    for program in desk.programs:
        answer = case.call(headers=program.headers | {"Idempotency-Key": str(uuid4())})
        case.validate_response(answer, checks=[not_a_server_error])
    lending.require_sound(desk.house)
