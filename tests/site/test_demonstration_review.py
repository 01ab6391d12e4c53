"""The demonstration's call under review: every kind of review, conflict and item is there, and each person meets what is theirs."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

import builders
from moonbridge.accounts.demo import ROLES
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.programmes.models import Element, Mission, Partner
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.handovers import handover
from moonbridge.cooperation.review.models import Conflict, Item, Panel, RefereeInvitation, Review, Round, Seat
from moonbridge.record.queries import database_now
from moonbridge.site.demonstration import content, loading, people, under_review

TOLD = content.read("review/round")
PROPOSALS = content.read("review/proposals")
TITLE = content.read("review/opportunity")["title"]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[Round]:
    """Load the call once for all tests here, and leave nothing behind."""
    with django_db_blocker.unblock(), transaction.atomic():
        agency, _new = Partner.objects.get_or_create(slug="cnsa", defaults={"kind": "agency", "name": "An agency"})
        mission = builders.mission(agency)
        Mission.objects.filter(pk=mission.pk).update(slug="tianwen-3")
        Element.objects.create(mission=mission, slug="orbiter", kind="orbiter", name="Orbiter")
        people.load(agency)
        assert [load(mission) for _ in range(2)] == [True, False]
        yield Round.objects.select_related("opportunity").get()
        transaction.set_rollback(True)


def load(mission: Mission) -> bool:
    office = User.objects.get(email=people.OFFICE)
    return loading._piece(
        TITLE, Origin.SYNTHETIC, lambda: under_review.load(mission, database_now(), by=office), lambda title: None
    )


@pytest.fixture
def round_(loaded: Round, db) -> Round:
    return loaded


def code(key: str) -> str:
    return Proposal.objects.get(acronym=key).code


def pairs(**wanted: object) -> set[tuple[str, str]]:
    rows = Review.objects.filter(**wanted).values_list("seat__user__email", "item__proposal__acronym")
    return {(email.partition("@")[0], key) for email, key in rows}


def of_file(part: str) -> set[tuple[str, str]]:
    return {(row["who"], row["proposal"]) for row in TOLD[part]}


def test_there_is_a_review_in_every_state_and_nobody_judges_in_conflict(round_: Round) -> None:
    assert (round_.state, round_.mode, round_.opportunity.state) == ("discussing", "reviewer-blind", "closed")
    assert (pairs(state="assigned"), pairs(state="draft")) == (of_file("due"), of_file("begun"))
    sources = {"declared": "reviewer", "named": "team", "detected": "detected", "pinned": "office"}
    tied = {(who, key): source for part, source in sources.items() for who, key in of_file(part)}
    rows = Conflict.objects.filter(standing=True).values_list("user__email", "proposal__acronym", "source")
    assert sorted(((email.partition("@")[0], key), source) for email, key, source in rows) == sorted(tied.items())
    assert pairs() & tied.keys() == set()


def test_every_proposal_has_the_reviews_that_its_panels_demand(round_: Round) -> None:
    given = Counter(Review.objects.values_list("item__panel__kind", "item__proposal__acronym"))
    wanted = {("science", row["key"]): 4 for row in PROPOSALS} | {("technical", row["key"]): 1 for row in PROPOSALS}
    assert given == Counter(wanted | {("science", TOLD["referee"]["asked_for"]): 5})
    assert set(RefereeInvitation.objects.values_list("email", "seat__duty")) == {
        ("referee@demo.moonbridge.example", "referee"),
        ("second-referee@demo.moonbridge.example", None),
    }


def test_one_item_is_discussed_one_left_out_and_the_others_wait_in_order(round_: Round) -> None:
    items = {item.proposal.acronym: item for item in Item.objects.filter(panel__kind="science")}
    discussed, left_out = items.pop(TOLD["discussed"]["proposal"]), items.pop(TOLD["left_out"]["proposal"])
    assert (discussed.state, discussed.remarks.count(), discussed.consensus) == (
        "closed",
        3,
        TOLD["discussed"]["consensus"],
    )
    assert (left_out.state, left_out.left_out_because) == ("waiting", TOLD["left_out"]["because"])
    assert {item.state for item in items.values()} == {"waiting"}
    assert len({item.position for item in items.values()}) == len(items)


def test_exactly_the_review_meant_to_stands_out_and_one_proposal_is_found_not_feasible(round_: Round) -> None:
    preview = handover(round_)
    odd = Seat.objects.get(user__email__startswith="geophysicist")
    assert [(one["proposal"], one["reviewer"]) for one in preview.outlying] == [(code("CRUSTMAG"), odd.label)]
    assert [one.code for one in preview.objections] == [code("SEEDSHELL")]
    assert len(preview.rows) == len(PROPOSALS)


def test_everything_is_labelled_and_every_institution_plainly_invented(round_: Round) -> None:
    assert set(round_.opportunity.proposals.values_list("synthetic", flat=True)) == {True}
    assert all("synthetic" in panel.name for panel in Panel.objects.all())
    places = Seat.objects.values_list("user__institution", flat=True)
    assert [place for place in places if not place.startswith("Example ")] == []


def pages(round_: Round) -> dict[str, list[str]]:
    review = f"/opportunities/{round_.opportunity.slug}/review/"
    science = f"/panels/{Panel.objects.get(kind='science').pk}/"
    seat = Seat.objects.get(user__email=ROLES["reviewer"])
    office = ("", "conflicts/", "bids/", "assignment/", "hand-over/", "debriefs/")
    return {
        "programme office": [f"{review}{page}" for page in office] + [science],
        "panel chair": ["/reviews/", science, f"{science}meeting/", f"{science}people/"],
        "panel secretary": ["/reviews/", science, f"{science}meeting/", f"{review}assignment/", f"{review}conflicts/"],
        "reviewer": ["/reviews/", f"{science}meeting/", f"/reviews/{seat.reviews.get(state='draft').pk}/"],
        "technical reviewer": ["/reviews/"],
        "external referee": ["/reviews/"],
        "observer": ["/reviews/", science],
    }


@pytest.mark.parametrize("role", [role for role in ROLES if role not in {"team", "curator"}])
def test_the_pages_of_a_review_open_for_those_who_have_a_part_in_it(round_: Round, role: str) -> None:
    client = Client()
    client.force_login(User.objects.get(email=ROLES[role]))
    assert TITLE in client.get("/desk/").content.decode()
    hidden = code("AURORAX") if role == "reviewer" else None
    for path in pages(round_)[role]:
        answer = client.get(path)
        said = answer.content.decode()
        assert (path, answer.status_code, "synthetic" in said.casefold()) == (path, 200, True)
        assert hidden is None or hidden not in said
