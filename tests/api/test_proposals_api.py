"""Proposals for programs: the same visibility, the same deadline, and a submission that is received once."""

import uuid

import pytest
from django.test import Client

import builders
from cooperation.proposals import making
from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Submission
from moonbridge.formats import receipts
from moonbridge.record.queries import signer

pytestmark = pytest.mark.django_db


def program(user: User | None) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token('script', by=user)}"} if user else {})


def test_a_program_submits_once_however_often_it_sends() -> None:
    proposal = making.complete()
    client, url, key = program(making.lead_of(proposal)), f"/api/v1/proposals/{proposal.pk}", str(uuid.uuid4())
    assert client.get(url).json()["missing"] == []
    sent = {"path": f"{url}/submit", "data": {"version": 1}, "content_type": "application/json"}
    assert client.post(**sent).status_code == 400
    first, second = (client.post(**sent, headers={"Idempotency-Key": key}) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == second.json() == client.get(f"{url}/receipts/1").json()
    assert receipts.verify(first.json(), public_key=signer().public_key).number == 1
    assert Submission.objects.count() == 1
    assert client.post(f"{url}/take-back", headers={"Idempotency-Key": str(uuid.uuid4())}).json()["state"] == "draft"


def test_a_late_program_is_told_both_instants() -> None:
    proposal = making.complete(making.past_call())
    sent = {
        "data": {"version": 1},
        "content_type": "application/json",
        "headers": {"Idempotency-Key": str(uuid.uuid4())},
    }
    answer = program(making.lead_of(proposal)).post(f"/api/v1/proposals/{proposal.pk}/submit", **sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "deadline-passed")
    assert set(answer.json()["numbers"]) == {"deadline", "begun_at", "finished_at"}


def test_programs_see_what_the_pages_show_and_nothing_else() -> None:
    call = making.past_call()
    late = making.submit(making.complete(call), begun_at=call.deadline).proposal
    draft = making.complete(call)
    asks = {
        making.lead_of(late): {late.code},
        making.lead_of(draft): {draft.code},
        builders.office_of(call.agency): {late.code},
        builders.office_of(builders.agency()): set(),
        builders.person(): set(),
    }
    for user, codes in asks.items():
        listed = program(user).get("/api/v1/proposals").json()
        assert {one["code"] for one in listed["items"]} == codes
        assert listed["count"] == len(codes)
        for proposal in (late, draft):
            expected = 200 if proposal.code in codes else 404
            assert program(user).get(f"/api/v1/proposals/{proposal.pk}").status_code == expected
        assert program(user).get(f"/api/v1/proposals/{late.pk}/receipts/1").status_code == (
            200 if late.code in codes else 404
        )
    assert program(None).get("/api/v1/proposals").status_code == 401


@pytest.mark.parametrize("query", ["offset=-1", f"offset={10**30}", "limit=0", "opportunity=%00", "limit=many"])
def test_queries_that_make_no_sense_are_refused(query: str) -> None:
    assert program(builders.person()).get(f"/api/v1/proposals?{query}").status_code == 422


def test_the_list_asks_equally_often_for_one_and_for_three(django_assert_num_queries) -> None:
    for rows in (1, 3):
        lead = builders.person()
        for _ in range(rows):
            making.complete(lead=lead)
        client = program(lead)
        with django_assert_num_queries(3):  # the key, the count, the rows
            assert len(client.get("/api/v1/proposals").json()["items"]) == rows


def test_a_program_reads_what_tells_who_proposes_and_explains_it() -> None:
    call = builders.open_opportunity(review_mode="dual-anonymous")
    lead = builders.person("Zhang Xiaoming")
    proposal = making.complete(call, lead=lead, abstract="As X. Zhang showed.", expertise="We can.")
    url, sender = f"/api/v1/proposals/{proposal.pk}", program(lead)
    (told,) = sender.get(url).json()["told"]
    assert (told["found"], told["certain"], told["to_explain"]) == ("X. Zhang", True, True)
    sent = {"data": {"reasons": {told["key"]: "The name of an effect."}}, "content_type": "application/json"}
    stranger = program(builders.person())
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    assert stranger.post(f"{url}/explain", headers=headers, **sent).status_code == 404
    answer = sender.post(f"{url}/explain", headers=headers, **sent)
    assert [one["to_explain"] for one in answer.json()["told"]] == [False]
