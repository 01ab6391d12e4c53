"""Every page of a proposal, seen by everybody: its team in each role, another team, the office before and after the deadline, strangers."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.proposals import making
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import actions
from moonbridge.cooperation.proposals.models import Proposal, TeamRole
from moonbridge.cooperation.proposals.states import State

pytestmark = pytest.mark.django_db

READ = ("proposal", "proposal-team", "proposal-export", "proposal-merge")
WRITE = ("proposal-edit",)
LEAD = ("proposal-submit", "proposal-withdraw")
POSTED = (
    "proposal-autosave",
    "proposal-fit",
    "proposal-attach",
    "proposal-letter",
    "proposal-unsubmit",
    "proposal-restore",
)


def counted() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    def made(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return made


def people(proposal: Proposal) -> dict[str, User | None]:
    agency = proposal.opportunity.agency
    return {
        "lead": making.lead_of(proposal),
        "editor": making.member(proposal, TeamRole.EDITOR),
        "reader": making.member(proposal, TeamRole.READER),
        "office": builders.office_of(agency),
        "another office": builders.office_of(builders.agency()),
        "another team": making.lead_of(making.complete(proposal.opportunity)),
        "administrator": User.objects.create_superuser("root@example.org", "a long enough password"),
        "stranger": None,
    }


def statuses(client_of, proposal: Proposal, name: str, *more: Any, post: bool = False) -> dict[str, int]:
    url = reverse(name, args=[proposal.pk, *more])
    found = {}
    for who, user in people(proposal).items():
        client = client_of(user)
        found[who] = client.post(url, {"command": uuid.uuid4()}).status_code if post else client.get(url).status_code
    return found


HIDDEN = {"office": 404, "another office": 404, "another team": 404, "administrator": 404, "stranger": 302}


@pytest.mark.parametrize("name", READ)
def test_a_draft_is_read_by_its_team_only(client_of, name: str) -> None:
    assert statuses(client_of, making.complete(), name) == {"lead": 200, "editor": 200, "reader": 200} | HIDDEN


@pytest.mark.parametrize("name", WRITE)
def test_a_draft_is_written_by_lead_and_editor_only(client_of, name: str) -> None:
    assert statuses(client_of, making.complete(), name) == {"lead": 200, "editor": 200, "reader": 404} | HIDDEN


@pytest.mark.parametrize("name", LEAD)
def test_only_the_lead_submits_and_withdraws(client_of, name: str) -> None:
    assert statuses(client_of, making.complete(), name) == {"lead": 200, "editor": 404, "reader": 404} | HIDDEN


@pytest.mark.parametrize("name", POSTED)
def test_nobody_outside_of_the_team_changes_anything(client_of, name: str) -> None:
    found = statuses(client_of, making.complete(), name, post=True)
    assert {who: status for who, status in found.items() if who in HIDDEN} == HIDDEN
    assert found["reader"] == 404


@pytest.mark.parametrize("name", ["proposal", "proposal-receipt", "proposal-receipt-file"])
def test_the_office_opens_what_was_submitted_once_the_deadline_has_passed(client_of, name: str) -> None:
    team = {"lead": 200, "editor": 200, "reader": 200}
    number = () if name == "proposal" else (1,)
    assert statuses(client_of, making.submitted(), name, *number) == team | HIDDEN
    User.objects.filter(email="root@example.org").delete()
    call = making.past_call()
    late = making.submit(making.complete(call), begun_at=call.deadline).proposal
    assert statuses(client_of, late, name, *number) == team | HIDDEN | {"office": 200}


@pytest.mark.parametrize(
    "name", ["proposal-edit", "proposal-team", "proposal-export", "proposal-merge", "proposal-submit"]
)
def test_the_office_never_sees_the_teams_own_pages(client_of, name: str) -> None:
    call = making.past_call()
    late = making.submit(making.complete(call), begun_at=call.deadline).proposal
    assert client_of(builders.office_of(call.agency)).get(reverse(name, args=[late.pk])).status_code == 404


def test_files_go_out_as_downloads_to_those_who_may_see_the_proposal(client_of, settings, tmp_path) -> None:
    proposal = making.complete()
    upload = SimpleUploadedFile("Plan für α.txt", b"a plan")
    file = actions.attach(proposal, upload, **making.by_lead(proposal))
    team = {"lead": 200, "editor": 200, "reader": 200}
    assert statuses(client_of, proposal, "proposal-attachment", file.pk) == team | HIDDEN
    answer = client_of(making.lead_of(proposal)).get(reverse("proposal-attachment", args=[proposal.pk, file.pk]))
    assert b"".join(answer.streaming_content) == b"a plan"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Plan")
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )
    assert "Plan" not in file.file.name
    other = making.complete(lead=making.lead_of(proposal))
    crossed = client_of(making.lead_of(proposal)).get(reverse("proposal-attachment", args=[other.pk, file.pk]))
    assert crossed.status_code == 404
    file.file.delete(save=False)


def test_the_offices_list_tells_before_the_deadline_how_many_letters_came_and_nothing_else(client_of) -> None:
    call = builders.open_opportunity()
    proposal = making.submitted(call, title="A secret seismometer", letter_sent_at=call.published_at)
    url = reverse("opportunity-proposals", args=[call.slug])
    office = client_of(builders.office_of(call.agency))
    page = office.get(url)
    assert (page.context["letters"], page.context["total"], page.context["proposals"]) == (1, 0, [])
    assert proposal.code not in page.content.decode()
    assert {who: client_of(user).get(url).status_code for who, user in people(proposal).items() if who != "office"} == {
        "lead": 404,
        "editor": 404,
        "reader": 404,
        "another office": 404,
        "another team": 404,
        "administrator": 404,
        "stranger": 302,
    }


def test_the_offices_list_shows_after_the_deadline_what_stood_at_it(client_of) -> None:
    call = making.past_call()
    stands = making.submit(making.complete(call, title="Stands", mass="4 kg"), begun_at=call.deadline).proposal
    too_large = making.complete(call, title="Draft")
    withdrawn_early = making.complete(
        call, title="Early", state=State.WITHDRAWN, withdrawn_at=call.deadline - timedelta(days=1)
    )
    gone = making.submit(making.complete(call, title="Gone", mass="7 kg"), begun_at=call.deadline).proposal
    actions.withdraw(gone, **making.by_lead(gone))
    office = client_of(builders.office_of(call.agency))
    page = office.get(reverse("opportunity-proposals", args=[call.slug]))
    assert {row["proposal"].pk for row in page.context["proposals"]} == {stands.pk, gone.pk}
    assert [line["asked"] for line in page.context["asked"]] == [4_000_000, 10_000]
    for hidden in (too_large, withdrawn_early):
        assert hidden.code not in page.content.decode()
    found = office.get(reverse("opportunity-proposals", args=[call.slug]), {"q": "stan", "order": "title"})
    assert [row["proposal"].pk for row in found.context["proposals"]] == [stands.pk]
    found = office.get(reverse("opportunity-proposals", args=[call.slug]), {"state": "withdrawn"})
    assert [row["proposal"].pk for row in found.context["proposals"]] == [gone.pk]


@pytest.mark.parametrize("name", ["proposal", "proposal-edit", "proposal-submit", "proposal-team"])
def test_pages_ask_the_database_equally_often_for_one_row_and_for_three(client_of, name: str) -> None:
    def queries(rows: int) -> int:
        proposal = making.complete()
        for number in range(rows - 1):
            option = proposal.options.create(name=f"Version {number}", kind="descoped", position=number + 1)
            option.modes.create(name="on")
            option.demands.create(line=proposal.opportunity.envelope.first(), amount=1)
            proposal.participants.create(institution=f"Institute {number}")
            proposal.relations.create(kind="needs", named="quiet")
            making.member(proposal, TeamRole.READER)
            proposal.attachments.create(
                name="a",
                size=1,
                sha256="0" * 64,
                media_type="text/plain",
                added_by=making.lead_of(proposal),
                file=ContentFile(b"", "a"),
            ).file.delete(save=False)
        client = client_of(making.lead_of(proposal))
        url = reverse(name, args=[proposal.pk])
        client.get(url)
        with counted() as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    assert queries(1) == queries(3)


def test_the_offices_list_asks_equally_often_for_one_proposal_and_for_three(client_of) -> None:
    def queries(rows: int) -> int:
        call = making.past_call()
        for _ in range(rows):
            making.submit(making.complete(call), begun_at=call.deadline)
        client, url = client_of(builders.office_of(call.agency)), reverse("opportunity-proposals", args=[call.slug])
        client.get(url)
        with counted() as seen:
            assert len(client.get(url).context["proposals"]) == rows
        return len(seen)

    assert queries(1) == queries(3)
