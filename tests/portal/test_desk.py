"""The desk: what somebody has to do, by the roles they hold, and nothing of anybody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.opportunities.models import StageDate, StageKind
from moonbridge.cooperation.review.models import Duty, Seat
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db
DESK = "/desk/"


def desk_of(client, user) -> str:
    client.force_login(user)
    answer = client.get(DESK)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


def test_a_stranger_signs_in_first(client) -> None:
    answer = client.get(DESK)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_login") + "?next=/desk/")


def test_a_newcomer_is_led_to_the_opportunities(client) -> None:
    html = desk_of(client, builders.person())
    assert "You have no proposal yet" in html
    assert [title in html for title in ("Your office", "Your reviews", "Your samples")] == [False] * 3


def test_a_team_finds_its_own_proposal_and_no_other(client) -> None:
    lead = builders.person()
    own, other = builders.proposal(lead=lead, title="Our radiometer"), builders.proposal(title="Their camera")
    html = desk_of(client, lead)
    assert reverse("proposal", args=[own.pk]) in html
    assert [other.title in html, reverse("proposal", args=[other.pk]) in html] == [False, False]


def test_an_office_finds_its_drafts_and_its_overdue_promises(client) -> None:
    agency = builders.agency()
    office = builders.office_of(agency)
    draft, foreign = builders.opportunity(agency, title="Draft of ours"), builders.opportunity(title="Draft of others")
    running = builders.open_opportunity(agency, title="Ours, running")
    StageDate.objects.filter(opportunity=running, stage=StageKind.DECISION).delete()
    StageDate.objects.create(
        opportunity=running, stage=StageKind.DECISION, promised=database_now(), first_promised=database_now()
    )
    html = desk_of(client, office)
    assert reverse("opportunity-edit", args=[draft.slug]) in html
    assert foreign.title not in html
    assert "Overdue promises" in html
    assert html.index("Overdue promises") < html.index("Draft of ours")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (RoleKind.CURATOR, "Your samples"), (RoleKind.AUDITOR, "Books that you may read"),
    ],
)  # fmt: skip
def test_each_role_has_its_corner(client, kind, title) -> None:
    html = desk_of(client, builders.role(kind, Scope.AGENCY, builders.agency()))
    assert (
        next(corner for corner in ("Your reviews", "Your samples", "Books that you may read") if corner in html)
        == title
    )


def test_whoever_sits_in_a_panel_finds_it_until_they_leave(client) -> None:
    made = Meeting()
    assert reverse("panel-desk", args=[made.panel.pk]) in desk_of(client, made.chair.user)
    member = made.seat()
    html = desk_of(client, member.user)
    assert [words in html for words in ("Your reviews", "Run the panel")] == [True, False]
    Seat.objects.filter(pk=member.pk).update(left_at=database_now())
    assert "Your reviews" not in desk_of(client, member.user)


def test_the_desk_asks_no_more_for_three_than_for_one(client) -> None:
    agency = builders.agency()
    office = builders.office_of(agency)

    def asked() -> int:
        builders.proposal(lead=office)
        builders.opportunity(agency)
        client.force_login(office)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(DESK).status_code == 200
        return len(queries)

    first = asked()
    asked()
    assert asked() == first


@pytest.mark.parametrize("duty", [duty for duty in Duty if duty not in {Duty.PEER, Duty.CHAIR}])
def test_whoever_may_open_a_panels_page_finds_the_way_to_it_on_both_desks(client, duty: Duty) -> None:
    seat = Meeting().seat(duty)
    panel = reverse("panel-desk", args=[seat.panel_id])
    there = f'href="{panel}"' in desk_of(client, seat.user)
    assert there == (f'href="{panel}"' in client.get(reverse("review-desk")).content.decode())
    assert there == (client.get(panel).status_code == 200)
