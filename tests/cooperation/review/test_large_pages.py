"""The lists and dashboards of a review ask the database as often for 1,000 proposals as for 10, and never more than ten times."""

import uuid
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperation.review.crowds import Crowd
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict
from moonbridge.cooperation.review import queries
from moonbridge.cooperation.review.actions import searches
from moonbridge.cooperation.review.actions.debriefs import withhold
from moonbridge.cooperation.review.debriefing import everything
from moonbridge.cooperation.review.models import Item, Mark, Review
from moonbridge.cooperation.review.queries.debriefs import outlines, proposals_previewed_by
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = pytest.mark.django_db
MOST = 10
PER_PAGE = 100


def addresses_of(crowd: Crowd) -> dict[str, str]:
    """Return the office's lists of a call and of its panel."""
    slug, panel = crowd.made.call.slug, crowd.panel.pk
    of_call = ("conflicts", "bids", "assignment", "hand-over", "debriefs")
    return {
        **{name: reverse(f"review-{name}", args=[slug]) for name in of_call},
        **{name: reverse(f"review-{name}", args=[slug, panel]) for name in ("panel", "seats")},
        "allocation": reverse("review-allocation", args=[slug, crowd.propose().pk]),
        "debrief": reverse("review-debrief", args=[slug, crowd.items[0].proposal_id]),
        "scores": reverse("scores", args=[slug]),
    }


def asked(user: User, addresses: dict[str, str]) -> dict[str, int]:
    """Return how many queries each page takes of somebody who has opened one before."""
    client, counts = Client(), {}
    client.force_login(user)
    client.get(addresses["bids"])
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as counted:
            assert client.get(address).status_code == 200, name
        counts[name] = len(counted)
    return counts


def test_lists_ask_as_often_for_a_thousand_proposals_as_for_ten() -> None:
    found = []
    for size in (10, 1000):
        crowd = Crowd(size, size // 2)
        crowd.bring_conflicts()
        crowd.score()
        found.append(asked(crowd.made.office, addresses_of(crowd)))
    few, many = found
    assert few == many
    many |= asked_of_search(crowd)
    assert {name: count for name, count in many.items() if count > MOST} == {}


def asked_of_search(crowd: Crowd) -> dict[str, int]:
    """Return how many queries the page takes that tells what a job has found, with something of each kind."""
    search = searches.ask(crowd.made.round, by=crowd.made.office)
    assert search is not None
    review = crowd.reviews[0]
    NamedConflict.objects.create(
        proposal_id=crowd.items[0].proposal_id, named_by=crowd.made.office, email=review.seat.user.email, tie="rival", words="A feud."
    )  # fmt: skip
    NamedConflict.objects.create(
        proposal_id=crowd.items[0].proposal_id,
        named_by=crowd.made.office,
        email=crowd.seats[-1].user.email,
        tie="rival",
    )
    searches.carry_out(search)
    address = reverse("review-recheck", args=[crowd.made.call.slug])
    client = Client()
    client.force_login(crowd.made.office)
    shown = client.get(address).context["counts"]
    assert all(shown[kind] for kind in ("broken", "harmless", "gone")), shown
    return asked(crowd.made.office, {"bids": addresses_of(crowd)["bids"], "recheck": address})


def test_calibrated_scores_take_as_many_queries_as_lists_may() -> None:
    crowd = Crowd(10, 5)
    crowd.score(calibrated=True)
    assert asked(crowd.made.office, addresses_of(crowd))["scores"] <= MOST


def test_scores_are_listed_a_page_at_a_time_by_exactly_the_merits_that_all_of_them_have() -> None:
    crowd = Crowd(130, 20, criteria=3)
    for calibrated in (False, True):
        table = crowd.score(calibrated=calibrated)
        exact = queries.standings(crowd.made.call)
        codes = {item.proposal_id: item.proposal.code for item in crowd.items}
        ranking = queries.Ranking(crowd.made.office, crowd.made.call, table)
        pages = [*ranking[:PER_PAGE], *ranking[PER_PAGE:]]
        assert {one.code: one.standing for one in pages} == {codes[key]: where for key, where in exact.items()}
        order = sorted(exact, key=lambda key: (-exact[key].merit, codes[key]))
        assert [one.code for one in pages] == [codes[key] for key in order]
        assert (len(ranking), ranking.is_calibrated) == (len(exact), calibrated)
        assert (list(ranking), ranking[-1]) == (pages, pages[-1])


def test_the_list_of_debriefs_counts_what_the_debriefs_say_and_comes_in_pages() -> None:
    crowd = Crowd(104, 20, state=RoundState.DISCUSSING)
    made, office = crowd.made, crowd.made.office
    made.round.refresh_from_db()
    submitted = [one for one in crowd.reviews if one.state == ReviewState.DRAFT]
    with pgtrigger.ignore():
        for number, (review, words) in enumerate(zip(submitted, ("words", " \n", "", "more", "again"), strict=False)):
            Review.objects.filter(pk=review.pk).update(to_team=words)
            Mark.objects.filter(review=review).update(comment="on the mark" if number in {2, 4} else "\t")
    Item.objects.filter(pk=crowd.items[0].pk).update(to_team="the panel")
    Item.objects.filter(pk=crowd.items[1].pk).update(to_team="  ")
    for thing in (submitted[0], Mark.objects.filter(review=submitted[2]).get(), crowd.items[0]):
        withhold(thing, reason="Rude.", by=office, command=uuid.uuid4())
    told = everything(made.round)
    proposals = proposals_previewed_by(office, made.round)
    assert [
        (one.reviews, one.comments, one.to_team, one.withheld) for one in outlines(office, made.round, proposals)
    ] == [counted(told[one.pk]) for one in proposals]
    client = Client()
    client.force_login(office)
    pages = [client.get(reverse("review-debriefs", args=[made.call.slug]), {"page": n}).context["rows"] for n in (1, 2)]
    assert [len(rows) for rows in pages] == [100, 4]


def counted(content: dict[str, Any]) -> tuple[int, int, bool, int]:
    """Return what the list says of a debrief, by the debrief itself."""
    panels = content["panels"]
    return (
        sum(panel["reviews"] for panel in panels),
        sum(len(panel["comments"]) for panel in panels),
        any(panel["to_team"] for panel in panels),
        content["withheld"],
    )
