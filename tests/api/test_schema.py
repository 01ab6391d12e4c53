"""Whatever one sends to the API, it answers: no request that its own description allows (or nearly) makes it fail."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from ninja.openapi.schema import OpenAPISchema
from schemathesis.checks import not_a_server_error

import builders
from moonbridge.accounts.actions import make_token
from moonbridge.api.main import api
from moonbridge.site.wsgi import application

EXAMPLES = 8
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def keys(db) -> Iterator[list[dict[str, str]]]:
    """A stranger, the lead of a team, and the office of an agency that has an open call with proposals.

    The connection stays open between requests, as Django's own test client keeps it: the test's transaction lives in it.
    """
    agency, lead = builders.agency(), builders.person()
    builders.submitted_proposal(builders.open_opportunity(agency), lead)
    officer = builders.office_of(agency)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield [{}, *({"Authorization": f"Bearer {make_token('test', by=user)}"} for user in (lead, officer))]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_each_name_in_the_description_means_one_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninja keeps the last of two schemas of one name, so that the other's address would be described wrongly.

    A ``type`` statement makes such a name too: what several modules call ``Words``, each assigns.
    """
    meanings: dict[str, list[object]] = {}
    keep = OpenAPISchema.add_schema_definitions

    def note(described: OpenAPISchema, definitions: dict[str, object]) -> None:
        for name, meaning in definitions.items():
            known = meanings.setdefault(name, [])
            known += [] if meaning in known else [meaning]
        keep(described, definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", note)
    described = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    assert sorted(meanings) == sorted(described)
    assert [name for name, known in meanings.items() if len(known) > 1] == []


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_never_fails(case, keys) -> None:
    for headers in keys:
        answer = case.call(headers=headers | {"Idempotency-Key": str(uuid4())})
        case.validate_response(answer, checks=[not_a_server_error])
