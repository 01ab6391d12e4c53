"""The pages of conflicts, declarations and assignments: who opens them, what they show, and in how many queries."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions import allocations
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import Allocation, Conflict, Duty, Item, KnownList, Review
from moonbridge.cooperation.review.results import proposed
from moonbridge.cooperation.review.states import AllocationState, ReviewState

pytestmark = pytest.mark.django_db
PAGES = ("review-conflicts", "review-bids", "review-assignment", "review-recheck")


@pytest.fixture
def made() -> Meeting:
    made = Meeting(2)
    made.panel.demand = 1
    made.panel.save()
    for seat in (made.member(), made.member()):
        made.conflict(seat.user, made.items[0])
    return made


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def look(user, made, name: str, *more, status: int = 200, **query: str):
    answer = client_of(user).get(reverse(name, args=[made.call.slug, *more], query=query))
    assert answer.status_code == status, answer
    return answer


def send(user, made, name: str, *more, status: int = 302, **data):
    whole = {"command": str(uuid.uuid4()), "panel": str(made.panel.pk)} | data
    answer = client_of(user).post(reverse(name, args=[made.call.slug, *more]), whole)
    assert answer.status_code == status, answer.content[:500]
    return answer


def test_only_those_who_run_a_panel_open_them(made) -> None:
    for name in PAGES[:3]:
        for user in (made.office, made.secretary.user, made.chair.user):
            look(user, made, name)
    for user in (made.office, made.secretary.user):
        look(user, made, "review-recheck")
    outsiders = (made.panel.seats.filter(duty="member").first().user, made.proposals[0].members.get().user,
                 builders.office_of(builders.agency()), builders.person(), made.seat(Duty.OBSERVER).user)  # fmt: skip
    for user in outsiders:
        for name in PAGES:
            look(user, made, name, status=404)
        look(user, made, "review-conflicts-table", "csv", status=404)
        send(user, made, "review-detect", status=404)
    look(made.chair.user, made, "review-recheck", status=404)
    for name in ("review-detect", "review-assignment-ask", "review-conflicts-pin", "review-assign"):
        send(made.chair.user, made, name, status=404)


def test_a_panel_of_another_call_is_not_found_here(made) -> None:
    other = Meeting(1)
    look(made.office, made, "review-assignment", status=404, panel=str(other.panel.pk))
    look(made.office, made, "review-assignment", status=404, panel="nonsense")


@pytest.mark.parametrize("who", ["chair", "secretary"])
def test_in_conflict_one_sees_neither_pair_nor_count_nor_who_may_step_in(made, who) -> None:
    seat = getattr(made, who)
    hidden, item = made.proposals[0], made.items[1]
    reviewer = made.member(made.items[0], item)
    allocations.ask(made.panel, Asked(Aim.TOTAL), by=made.office, command=uuid.uuid4())
    made.conflict(seat.user, made.items[0])
    pages = {name: look(seat.user, made, name) for name in PAGES[:3]}
    for answer in pages.values():
        assert hidden.code not in answer.content.decode()
        assert hidden.title not in answer.content.decode()
    assert pages["review-conflicts"].context["page"].paginator.count == 0
    inputs = pages["review-assignment"].context["inputs"]
    assert (inputs.items, inputs.demand, inputs.active, inputs.conflicts) == (1, 1, 1, 0)
    assert [(one.pk, [r.seat for r, _ in reviews]) for one, reviews in pages["review-assignment"].context["rows"]] == [
        (item.pk, [reviewer])
    ]
    assert pages["review-assignment"].context["recent"] == []
    found = Allocation.objects.get()
    look(seat.user, made, "review-allocation", found.pk, status=404)
    for name in ("conflicts", "assignment"):
        table = look(seat.user, made, f"review-{name}-table", "csv").content.decode()
        assert hidden.code not in table
    absent = uuid.uuid4()
    answers = {key: look(seat.user, made, "review-allocation", key, status=404).content for key in (found.pk, absent)}
    assert answers[found.pk].replace(str(found.pk).encode(), b"") == answers[absent].replace(str(absent).encode(), b"")


def test_conflicts_are_listed_filtered_pinned_and_lifted(made) -> None:
    kept = Conflict.objects.first()
    listed = look(made.office, made, "review-conflicts")
    assert listed.context["page"].paginator.count == 2
    assert kept.evidence in listed.content.decode()
    label = made.panel.seats.get(user=kept.user).label
    assert [one.pk for one in look(made.office, made, "review-conflicts", label=label).context["page"]] == [kept.pk]
    send(made.office, made, "review-conflict-lift", kept.pk, reason="Long ago.")
    assert "Long ago." in look(made.office, made, "review-conflicts", show="lifted").content.decode()
    send(made.office, made, "review-conflict-lift", kept.pk, reason="Again.", status=409)
    send(made.office, made, "review-conflict-lift", kept.pk, reason="", status=400)
    code = made.proposals[1].code
    send(made.office, made, "review-conflicts-pin", code=code, label=label, ground="rival", evidence="As told")
    assert Conflict.objects.filter(ground="rival", user=kept.user, proposal=made.proposals[1]).exists()
    send(made.office, made, "review-conflicts-pin", code="P-NONE", label=label, ground="rival", status=400)


def test_a_table_goes_out_and_comes_in(made) -> None:
    table = look(made.office, made, "review-conflicts-table", "csv").content.decode("utf-8-sig").splitlines()
    assert (table[0].split(",")[:4], len(table)) == (["proposal", "title", "reviewer", "name"], 3)
    seat, code = made.member(), made.proposals[1].code
    file = SimpleUploadedFile(
        "c.csv", f"proposal,reviewer,ground,evidence\n{code},{seat.label},money,Shares\n".encode()
    )
    send(made.secretary.user, made, "review-conflicts-take-in", file=file)
    assert Conflict.objects.get(user=seat.user).evidence == "Shares"
    for wrong in (
        f"proposal,reviewer,ground\n{code},{seat.label},charm\n",
        "proposal,reviewer\n",
        f"proposal,reviewer,ground\nP-0,{seat.label},money\n",
    ):
        send(made.office, made, "review-conflicts-take-in", file=SimpleUploadedFile("c.csv", wrong.encode()))
    assert Conflict.objects.count() == 3


def test_the_office_brings_a_list_in_and_a_wrong_one_says_where(made) -> None:
    send(
        made.office,
        made,
        "review-known-list",
        kind="parents",
        file=SimpleUploadedFile("r.csv", b"ror,parent\n01a,02b\n"),
    )
    assert KnownList.objects.get().rows == [["01a", "02b"]]
    send(made.secretary.user, made, "review-known-list", kind="parents", status=404)
    answer = client_of(made.office).post(
        reverse("review-known-list", args=[made.call.slug]),
        {"command": str(uuid.uuid4()), "kind": "papers", "file": SimpleUploadedFile("p.csv", b"paper,year\nx,1\n")}, follow=True,
    )  # fmt: skip
    assert "authors" in answer.content.decode()
    assert KnownList.objects.count() == 1


def test_from_asking_to_adopting_through_the_pages(made) -> None:
    made.member()
    answer = send(made.office, made, "review-assignment-ask", aim="total", cap="", seed="")
    page = client_of(made.office).get(answer["Location"])
    found = Allocation.objects.get()
    assert (found.state, page.context["shown"].fresh, page.context["shown"].proven) == (
        AllocationState.PROPOSED,
        2,
        True,
    )
    send(made.office, made, "review-allocation-adopt", found.pk)
    assert Review.objects.filter(state=ReviewState.ASSIGNED).count() == 2
    send(made.office, made, "review-allocation-adopt", found.pk, status=409)
    send(made.office, made, "review-allocation-drop", found.pk, status=409)
    review = Review.objects.first()
    listed = look(made.office, made, "review-assignment").content.decode()
    [way] = re.findall(f'href="([^"]*{review.pk}[^"]*)"', listed)
    asked = client_of(made.office).get(way).content.decode()
    for told in (review.seat.label, review.item.proposal.code, 'name="reason"', 'name="recuse"'):
        assert told in asked
    assert str(review.pk) not in look(made.chair.user, made, "review-assignment").content.decode()
    look(made.chair.user, made, "review-release", review.pk, status=404)
    send(made.office, made, "review-release", review.pk, reason=" ", status=400)
    send(made.office, made, "review-release", review.pk, reason="No longer free.", recuse="yes")
    review.refresh_from_db()
    assert review.state == ReviewState.RECUSED
    assert Allocation.objects.filter(asked__aim="replace").exists()
    item = Item.objects.get(pk=review.item_id)
    other = made.member()
    send(made.secretary.user, made, "review-assign", code=item.proposal.code, label=other.label, reason="Knows it.")
    assert Review.objects.filter(item=item, seat=other).exists()


def test_why_there_is_none_is_said_with_links(made) -> None:
    made.panel.seats.filter(duty=Duty.CHAIR).update(most=0)
    send(made.office, made, "review-assignment-ask", aim="floor")
    page = look(made.office, made, "review-allocation", Allocation.objects.get().pk)
    code = made.proposals[0].code
    assert code in page.context["shown"].refusal
    assert f"code={code}" in page.content.decode()
    with translation.override("zh-hans"):
        assert "需要 1 份评审" in proposed(Allocation.objects.get(), []).refusal


@pytest.mark.parametrize(
    "wrong",
    [{"aim": "most"}, {"aim": "draw", "cap": "2"}, {"aim": "total", "must": "P-0 R-0"}, {"aim": "total", "must": "x"}],
)
def test_what_cannot_be_meant_is_shown_beside_the_form(made, wrong) -> None:
    assert send(made.office, made, "review-assignment-ask", status=400, **wrong).context["form"].errors
    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    ("kinds", "country", "crossing"), [(["engineer"], "KE", True), (["engineer"], "", False), ([], "KE", False)]
)
def test_a_draw_is_refused_on_the_form_where_quotas_count_one_person_twice(made, kinds, country, crossing) -> None:
    each = {"by": "country", "value": "", "low": 0, "high": 1}
    made.panel.quotas = [{"by": "kind", "value": "engineer", "low": 1, "high": None}, each]
    made.panel.save()
    engineer, other = made.member(), made.member()
    engineer.kinds = kinds
    engineer.save()
    User.objects.filter(pk__in=[engineer.user_id, other.user_id]).update(country=country)
    said = "Here no draw is possible" in look(made.office, made, "review-assignment").content.decode()
    answer = send(made.office, made, "review-assignment-ask", aim="draw", status=400 if crossing else 302)
    assert said == crossing
    assert Allocation.objects.exists() != crossing
    if crossing:
        assert "Here no draw is possible" in answer.content.decode()
        send(made.office, made, "review-assignment-ask", aim="total")


@pytest.mark.parametrize("name", ["review-conflicts", "review-bids", "review-assignment", "review-allocation"])
def test_a_page_asks_as_often_for_one_as_for_many(made, name) -> None:
    client = client_of(made.office)

    def asked() -> int:
        found = allocations.ask(made.panel, Asked(Aim.KEEP), by=made.office, command=uuid.uuid4())
        address = reverse(name, args=[made.call.slug, *([found.pk] if name == "review-allocation" else [])])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = asked()
    for _ in range(6):
        seat = made.member(made.items[1])
        made.conflict(seat.user, made.items[0])
    assert asked() == few
    assert few <= 10


def test_who_gave_a_review_back_and_why_is_told_to_those_who_run_the_panel(made) -> None:
    item = made.items[1]
    seat = made.member(item)
    review = Review.objects.get(seat=seat, item=item)
    send(made.office, made, "review-release", review.pk, reason="Two deadlines at once.", recuse="yes")
    for user in (made.office, made.chair.user, made.secretary.user):
        assert "Two deadlines at once." in look(user, made, "review-assignment").content.decode()
    made.conflict(made.chair.user, item)
    assert "Two deadlines at once." not in look(made.chair.user, made, "review-assignment").content.decode()


def test_the_lists_that_count_in_a_search_are_named(made) -> None:
    for name in ("old.csv", "new.csv"):
        file = SimpleUploadedFile(name, b"ror,parent\n01a,02b\n")
        send(made.office, made, "review-known-list", kind="parents", file=file)
    told = look(made.office, made, "review-conflicts").content.decode()
    assert "new.csv, 1 row," in told
    assert "old.csv" not in told
