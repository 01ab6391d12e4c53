"""Two worlds that differ in what a person may not know take alike long to answer, by a rank test over 1,000 requests.

The worlds take turns in short blocks. What else the machine does in the meantime slows whole blocks, not single requests, so a pair of
neighbouring blocks is what is counted: chance alone would as often lean it one way as the other. A first suspicion (one in a hundred by
chance) is tried again on 1,000 fresh requests and must then be beyond one in a thousand, so that chance alone fails this about once in
100,000 runs.
"""

from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Final

import numpy as np
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
ROUNDING = 1e-12

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
    pairs = (pair(client, address, fact, turn % 2 == 1) for turn in range(REQUESTS // (2 * BLOCK)))
    return chance([leaning(*times) for times in pairs])


def pair(client: Client, address: str, fact: Fact, changed_first: bool) -> tuple[list[int], list[int]]:
    """Return how many nanoseconds each request of two neighbouring blocks takes, those of the changed world last."""
    times: dict[bool, list[int]] = {}
    for changed in (changed_first, not changed_first):
        with other_world([fact] if changed else []):
            client.get(address)
            times[changed] = [taken(client, address) for _ in range(BLOCK)]
    return times[False], times[True]


def leaning(one: Sequence[float], other: Sequence[float]) -> float:
    """Return in how many more cases than not, from -1 to 1, one of ``other`` took longer than one of ``one``."""
    return float(np.sign(np.subtract.outer(other, one)).mean())


def chance(leanings: Sequence[float]) -> float:
    """Return the two-sided chance that pairs lean at least so far together if each might as well lean the other way.

    All signs are tried (Fisher 1935, The Design of Experiments, section 21), on the rank statistic of each pair (Mann & Whitney 1947).
    """
    sums = np.zeros(1)
    for one in leanings:
        sums = np.concatenate((sums + one, sums - one))
    return float(np.mean(np.abs(sums) >= abs(sum(leanings)) - ROUNDING))


@pytest.mark.parametrize("busy", [0.0, 0.6])
def test_slower_worlds_are_told_apart_and_a_busy_machine_is_no_difference(busy: float) -> None:
    random = np.random.default_rng(7)

    def measured(slower: float) -> float:
        moods = random.normal(0, busy, (REQUESTS // (2 * BLOCK), 2, 1))
        times = random.lognormal(0, 0.5, (len(moods), 2, BLOCK)) + moods
        return chance([leaning(one, other + slower) for one, other in times])

    assert measured(0.4 + 2 * busy) < CERTAIN
    assert np.mean([measured(0) < SUSPICIOUS for _ in range(20)]) <= 0.1


def taken(client: Client, address: str) -> int:
    """Return how many nanoseconds a request takes."""
    begun = perf_counter_ns()
    client.get(address)
    return perf_counter_ns() - begun
