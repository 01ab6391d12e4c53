"""Two worlds that differ in what a person may not know take alike long to answer, by a rank test over 1,000 requests.

The worlds take turns in short blocks, so that whatever else the machine does falls on both. A first suspicion (one in a hundred by chance)
is tried again on 1,000 fresh requests and must then be beyond one in a thousand, so that chance alone fails this about once in
100,000 runs.
"""

from collections.abc import Callable, Sequence
from statistics import NormalDist
from time import perf_counter_ns
from typing import Final

import pytest
from django.test import Client
from django.urls import reverse

from worlds import facts, looking, making
from worlds.changes import Fact, other_world
from worlds.making import Case, World

pytestmark = pytest.mark.django_db
REQUESTS: Final = 1000
BLOCK: Final = 25
SUSPICIOUS, CERTAIN = 0.01, 0.001

type Address = Callable[[Case], str]

SAMPLE: Final[list[tuple[str, str, Address]]] = [
    (
        "conflicted",
        "talking: a mark",
        lambda case: reverse("panel-item", args=[case.panels["a"].pk, case.items["xa"].pk]),
    ),
    ("conflicted", "reviewing: that a review is there", lambda _: reverse("review-desk")),
    ("other team", "reviewing: a draft's comment", lambda case: reverse("proposal", args=[case.proposals["x"].pk])),
    ("lead", "talking: a consensus", lambda case: reverse("proposal-debrief", args=[case.proposals["x"].pk])),
    ("stranger", "concluded: an outcome", lambda case: reverse("decision", args=[case.call.slug])),
]


@pytest.fixture
def world(settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return making.build()


@pytest.mark.parametrize(("role", "key", "address"), SAMPLE, ids=[f"{role}, {key}" for role, key, _ in SAMPLE])
def test_two_worlds_take_alike_long(world: World, role: str, key: str, address: Address) -> None:
    fact = next(fact for fact in facts.facts(world) if fact.key == key)
    assert role not in fact.knows
    client, asked = looking.client_of(world, role), address(fact.case)
    client.get(asked)
    if told_apart(client, asked, fact) < SUSPICIOUS:
        assert told_apart(client, asked, fact) >= CERTAIN


def told_apart(client: Client, address: str, fact: Fact) -> float:
    """Return how likely times like those measured are if both worlds take alike long."""
    times: tuple[list[int], list[int]] = ([], [])
    for _ in range(REQUESTS // (2 * BLOCK)):
        for world, changed in enumerate(([], [fact])):
            with other_world(changed):
                client.get(address)
                times[world].extend(taken(client, address) for _ in range(BLOCK))
    return chance(*times)


def chance(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the two-sided chance of the rank sum of ``one`` (Mann & Whitney 1947, normal approximation, ties by order)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    first, second = len(one), len(other)
    ranks = sum(rank for rank, (_, world) in enumerate(ranked, start=1) if world == 0)
    usual, spread = first * (first + second + 1) / 2, (first * second * (first + second + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(ranks - usual) / spread)


def test_the_rank_test_tells_shifted_times_apart_and_shuffled_ones_not() -> None:
    assert chance(range(500), range(100, 600)) < CERTAIN
    assert chance(range(0, 1000, 2), range(1, 1001, 2)) > SUSPICIOUS


def taken(client: Client, address: str) -> int:
    """Return how many nanoseconds a request takes."""
    begun = perf_counter_ns()
    client.get(address)
    return perf_counter_ns() - begun
