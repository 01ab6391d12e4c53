"""Panels are shaped by their office; proposals go before them, move and drop out."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from moonbridge.cooperation.proposals import actions as proposals
from moonbridge.cooperation.review import quotas
from moonbridge.cooperation.review.actions import panels
from moonbridge.cooperation.review.actions.panels import Meaning, Shape
from moonbridge.cooperation.review.models import Item, Panel, PanelKind, Review
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.errors import InputError, NotAllowed, Refused

pytestmark = pytest.mark.django_db


def shape_of(made: Meeting, **fields) -> Shape:
    criteria = tuple(made.call.criteria.values_list("pk", flat=True))
    return Shape(**{"name": "Second", "criteria": criteria} | fields)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(**fields):
    return {
        "command": str(uuid.uuid4()), "name": "Engineers", "kind": "technical", "demand": "2", "least": "0", "most": "5",
        "per_team": "10", "quotas": "engineer>=1\nCountry <= 1",
    } | fields  # fmt: skip


def test_quotas_are_read_as_they_are_written() -> None:
    read = quotas.read("engineer>=1\n\n Country <= 1 ")
    assert read == [
        {"by": "kind", "value": "engineer", "low": 1, "high": None},
        {"by": "country", "value": "", "low": 0, "high": 1},
    ]
    assert quotas.read(quotas.written(read)) == read
    for wrong in ("engineer", "country>=1", "engineer=1", ">=1"):
        with pytest.raises(InputError):
            quotas.read(wrong)


def test_a_new_panel_judges_every_submitted_proposal() -> None:
    made = Meeting(2)
    builders.proposal(made.call)
    panel = panels.add_panel(made.round, shape_of(made), by=made.office, command=uuid.uuid4())
    assert set(panel.items.values_list("proposal", flat=True)) == {one.pk for one in made.proposals}


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": " "}, "name"), ({"name": "Science"}, "name"), ({"least": 9}, "least"), ({"penalty": True}, "penalty"),
     ({"criteria": (uuid.uuid4(),)}, "criteria"), ({"demand": 0}, "demand")],
)  # fmt: skip
def test_a_panel_that_contradicts_itself_is_refused(fields, field) -> None:
    made = Meeting()
    with pytest.raises(InputError) as refusal:
        panels.add_panel(made.round, shape_of(made, **fields), by=made.office, command=uuid.uuid4())
    assert refusal.value.field == field


def test_criteria_stay_once_there_are_reviews_but_loads_change() -> None:
    made = Meeting(1)
    made.member(made.items[0])
    with pytest.raises(Refused):
        panels.change_panel(made.panel, shape_of(made, criteria=()), by=made.office, command=uuid.uuid4())
    changed = panels.change_panel(made.panel, shape_of(made, demand=5), by=made.office, command=uuid.uuid4())
    assert (changed.name, changed.demand) == ("Second", 5)


def test_marks_mean_something_on_their_scale_only() -> None:
    made = Meeting()
    criterion = made.call.criteria.get()
    good = [Meaning(criterion.pk, 10_000, "outstanding", "杰出"), Meaning(criterion.pk, 0, "poor")]
    panels.describe(made.panel, good, by=made.office, command=uuid.uuid4())
    assert [(one.value_permille, one.text_zh) for one in made.panel.descriptors.all()] == [(10_000, "杰出"), (0, "")]
    for wrong in (Meaning(criterion.pk, 10_500, "too much"), Meaning(uuid.uuid4(), 1000, "elsewhere")):
        with pytest.raises(InputError):
            panels.describe(made.panel, [wrong], by=made.office, command=uuid.uuid4())
    assert made.panel.descriptors.count() == 2


def test_items_move_and_go_while_nobody_was_given_them() -> None:
    made = Meeting(3)
    other = made.another_panel("Other")
    made.member(made.items[0])
    panels.take_away(made.panel, [made.items[1].pk], to=other, by=made.office, command=uuid.uuid4())
    panels.take_away(made.panel, [made.items[2].pk], by=made.office, command=uuid.uuid4())
    with pytest.raises(Refused):
        panels.take_away(made.panel, [made.items[0].pk], by=made.office, command=uuid.uuid4())
    assert set(Item.objects.values_list("panel__name", "proposal")) == {
        ("Science", made.proposals[0].pk), ("Other", made.proposals[1].pk),
    }  # fmt: skip
    panels.bring(made.panel, [one.pk for one in made.proposals], by=made.office, command=uuid.uuid4())
    assert made.panel.items.count() == 3


def test_an_officer_in_conflict_moves_nothing_of_it() -> None:
    made = Meeting(2)
    made.conflict(made.office, made.items[0])
    panels.take_away(made.panel, [item.pk for item in made.items], by=made.office, command=uuid.uuid4())
    assert list(made.panel.items.all()) == [made.items[0]]
    made.items[0].delete()
    panels.bring(made.panel, [one.pk for one in made.proposals], by=made.office, command=uuid.uuid4())
    assert [item.proposal for item in made.panel.items.all()] == [made.proposals[1]]


def test_a_panel_with_people_stays_and_an_empty_one_goes() -> None:
    made = Meeting()
    with pytest.raises(Refused):
        panels.remove_panel(made.panel, by=made.office, command=uuid.uuid4())
    other = made.another_panel("Other")
    panels.remove_panel(other, by=made.office, command=uuid.uuid4())
    assert list(Panel.objects.all()) == [made.panel]


def test_nobody_but_the_office_shapes_panels() -> None:
    made = Meeting()
    for user in (made.chair.user, made.secretary.user, builders.office_of(builders.agency())):
        with pytest.raises(NotAllowed):
            panels.add_panel(made.round, shape_of(made), by=user, command=uuid.uuid4())
        with pytest.raises(NotAllowed):
            panels.remove_panel(made.panel, by=user, command=uuid.uuid4())


def test_a_withdrawn_proposal_gives_its_reviewers_their_time_back() -> None:
    made = Meeting(2)
    owing, done = made.member(*made.items), made.member(made.items[0])
    made.written(made.items[0], done)
    lead = made.proposals[0].members.get().user
    proposals.withdraw(made.proposals[0], by=lead, command=uuid.uuid4())
    found = Review.objects.filter(seat__in=[owing, done]).values_list("seat", "item", "state")
    assert set(found) == {
        (owing.pk, made.items[0].pk, ReviewState.RELEASED), (owing.pk, made.items[1].pk, ReviewState.ASSIGNED),
        (done.pk, made.items[0].pk, ReviewState.SUBMITTED),
    }  # fmt: skip


def test_the_pages_from_a_new_panel_to_its_removal() -> None:
    made = Meeting(2)
    client, slug = client_of(made.office), made.call.slug
    given = form(criteria=[str(made.call.criteria.get().pk)])
    for _ in range(2):  # a double click
        assert client.post(reverse("review-panel-new", args=[slug]), given).status_code == 302
    panel = Panel.objects.get(name="Engineers")
    assert (panel.kind, panel.demand, len(panel.quotas)) == (PanelKind.TECHNICAL, 2, 2)
    page = reverse("review-panel", args=[slug, panel.pk])
    assert made.proposals[0].title in client.get(page).content.decode()
    assert client.post(reverse("review-panel-edit", args=[slug, panel.pk]), form(most="-1")).status_code == 400
    assert client.post(reverse("review-panel-new", args=[slug]), form(quotas="nonsense")).status_code == 400
    criterion = str(made.call.criteria.get().pk)
    marks = {"command": str(uuid.uuid4()), criterion: "10: outstanding | 杰出\n2.5: weak"}
    assert client.post(reverse("review-meanings", args=[slug, panel.pk]), marks).status_code == 302
    assert "2.5: weak" in client.get(reverse("review-meanings", args=[slug, panel.pk])).content.decode()
    wrong = {"command": str(uuid.uuid4()), criterion: "ten is best"}
    assert client.post(reverse("review-meanings", args=[slug, panel.pk]), wrong).status_code == 400
    chosen = {"chosen": [str(one) for one in panel.items.values_list("pk", flat=True)], "command": str(uuid.uuid4())}
    away = reverse("review-take-away", args=[slug, panel.pk])
    assert b"What was declared on them here is lost." in client.post(away, chosen).content
    assert panel.items.count() == 2
    for _ in range(2):
        assert client.post(away, chosen | {"sure": "1"}).status_code == 302
    assert panel.items.count() == 0
    assert client.post(reverse("review-panel-remove", args=[slug, panel.pk]), form()).status_code == 302
    assert not Panel.objects.filter(pk=panel.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_panel_costs_the_same_at_every_size(count: int, django_assert_max_num_queries) -> None:
    made = Meeting(count)
    for item in made.items:
        made.member(item)
    client = client_of(made.office)
    address = reverse("review-panel", args=[made.call.slug, made.panel.pk])
    client.get(address)
    with django_assert_max_num_queries(10):
        assert client.get(address).status_code == 200
