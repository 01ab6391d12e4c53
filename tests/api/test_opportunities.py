"""Opportunities by JSON: the same visibility as the pages, exact amounts, constant queries."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from builders import agency, complete_draft, office_of, open_opportunity, person
from moonbridge.accounts.actions import make_token
from moonbridge.cooperation.opportunities import actions
from moonbridge.cooperation.opportunities.models import Opportunity, Question

pytestmark = pytest.mark.django_db
PARTS = ["", "/envelope", "/dates", "/amendments", "/questions"]


@pytest.fixture
def call() -> Opportunity:
    made = complete_draft()
    return actions.publish(made, by=office_of(made.agency), command=uuid.uuid4())


def get(path: str, user=None):
    headers = {"Authorization": f"Bearer {make_token('test', by=user)}"} if user else {}
    return Client().get(f"/api/v1{path}", headers=headers)


@pytest.mark.parametrize("part", PARTS)
def test_a_draft_is_there_for_its_office_alone(part: str, call: Opportunity) -> None:
    draft = complete_draft()
    for user, status in ((None, 404), (person(), 404), (office_of(agency()), 404), (office_of(draft.agency), 200)):
        assert get(f"/opportunities/{draft.slug}{part}", user).status_code == status
    assert get(f"/opportunities/{call.slug}{part}").status_code == 200


def test_the_list_shows_what_one_may_see(call: Opportunity) -> None:
    draft = complete_draft(call.agency)
    assert [row["slug"] for row in get("/opportunities").json()] == [call.slug]
    own = get("/opportunities", office_of(call.agency)).json()
    assert {row["slug"] for row in own} == {call.slug, draft.slug}
    assert [row["slug"] for row in get("/opportunities?state=draft", office_of(call.agency)).json()] == [draft.slug]
    assert get("/opportunities?state=draft").json() == []
    assert get("/opportunities?limit=0").status_code == 422


def test_amounts_are_exact_text(call: Opportunity) -> None:
    assert get(f"/opportunities/{call.slug}/envelope").json() == [
        {
            "element": "lander",
            "resource": "mass",
            "name": "",
            "total": "20 kg",
            "per_item": "10 kg",
            "held_back": "0 kg",
        },
        {
            "element": "lander",
            "resource": "power-average",
            "name": "",
            "total": "50 W",
            "per_item": None,
            "held_back": "0 W",
        },
    ]


def test_the_whole_says_what_the_page_says(call: Opportunity) -> None:
    whole = get(f"/opportunities/{call.slug}").json()
    assert (whole["slug"], whole["state"], whole["elements"]) == (call.slug, "open", ["lander"])
    assert [stage["stage"] for stage in whole["dates"]] == ["open", "proposals", "decision"]
    assert whole["criteria"][0]["name"] == "Scientific merit"


def test_lists_take_the_same_number_of_queries_at_one_and_three_rows(django_assert_num_queries) -> None:
    for rows in (1, 3):
        while Opportunity.objects.count() < rows:
            open_opportunity()
        with django_assert_num_queries(1):
            assert len(get("/opportunities").json()) == rows


def test_a_question_is_asked_with_a_key_once(call: Opportunity) -> None:
    path, key = f"/api/v1/opportunities/{call.slug}/questions", str(uuid.uuid4())
    body = json.dumps({"text": "How cold?"})
    assert Client().post(path, body, content_type="application/json").status_code == 401
    headers = {"Authorization": f"Bearer {make_token('test', by=person())}"}
    assert Client().post(path, body, content_type="application/json", headers=headers).status_code == 400
    headers["Idempotency-Key"] = key
    answers = [Client().post(path, body, content_type="application/json", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Question.objects.count() == 1
    other = Client().post(path, json.dumps({"text": "Other?"}), content_type="application/json", headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "command-reused")
    assert get(f"/opportunities/{call.slug}/questions").json() == []


@pytest.mark.parametrize(("text", "status"), [("\0", 400), ("a\ud800b", 422), ("   ", 400)])
def test_signs_that_no_database_keeps_are_refused_not_failed(text: str, status: int, call: Opportunity) -> None:
    headers = {"Authorization": f"Bearer {make_token('test', by=person())}", "Idempotency-Key": str(uuid.uuid4())}
    path, body = f"/api/v1/opportunities/{call.slug}/questions", json.dumps({"text": text})
    assert Client().post(path, body, content_type="application/json", headers=headers).status_code == status


def test_the_overdue_list_is_public() -> None:
    late = complete_draft(closes_in=timedelta(days=-90), origin="replay")
    actions.publish(late, by=office_of(late.agency), command=uuid.uuid4(), at=late.deadline - timedelta(days=9))
    assert [(row["opportunity"], row["stage"]) for row in get("/overdue").json()] == [(late.slug, "decision")]
