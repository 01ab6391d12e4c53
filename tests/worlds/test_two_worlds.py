"""Two worlds that differ in what a person may not know answer that person byte for byte alike.

For each role every fact that it may not know is changed at once, and every address is asked before and after. Where an answer differs,
the facts are tried one by one, so that the failure names the fact and the address. That the comparison can fail is tested too: each
fact does change something for somebody who may know it.
"""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from worlds import facts, fields, looking, making
from worlds.facts import Fact
from worlds.fields import COLUMNS
from worlds.looking import Answer
from worlds.making import ROLES, Case, World

pytestmark = pytest.mark.django_db
MOST_TOLD = 5
SHOWN, ONLY_BY_POST = 200, 405
"""What answers 405 does so before it looks at anything; it is asked once."""
REFUSED = ("stranger", "other team", "lead", "conflicted", "conflicted chair", "technical")
WITNESSES = ("office", "lead", "technical", "assigned", "secretary")
AT_ONCE = 10
"""So many pages are looked at in one changed world."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    looking.freeze(monkeypatch)
    return making.build()


@contextmanager
def other_world(changed: list[Fact]) -> Iterator[None]:
    """Within it the facts are otherwise; leaving it, everything is as it was."""
    with transaction.atomic():
        for fact in changed:
            fact.change(fact.case)
        yield
        transaction.set_rollback(True)


def test_there_are_at_least_sixty_facts_and_each_has_a_name_of_its_own(world: World) -> None:
    keys = [fact.key for fact in facts.facts(world)]
    assert len({fact.name for fact in facts.facts(world)}) >= 60
    assert len(keys) == len(set(keys))


def test_every_address_is_asked(world: World) -> None:
    assert looking.untold(world) == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_can_tell_two_worlds_apart_that_differ_in_what_they_may_not_know(world: World, role: str) -> None:
    client = looking.client_of(world, role)
    hidden = [fact for fact in facts.facts(world) if role not in fact.knows]
    before = {address: looking.looked(client, address) for address in looking.addresses(world)}
    asked = [address for address, answer in before.items() if answer.status != ONLY_BY_POST]
    with other_world(hidden):
        differing = [address for address in asked if looking.looked(client, address) != before[address]]
    assert not differing, "\n".join(told(client, hidden, differing, before))


def told(client: Client, hidden: list[Fact], differing: list[str], before: dict[str, Answer]) -> Iterator[str]:
    """Yield which fact is seen at the first addresses that differ, and where in the answer; several facts together have no name."""
    yield f"{len(differing)} addresses differ"
    for address in differing[:MOST_TOLD]:
        blamed = blame(client, hidden, address, before[address])
        with other_world(hidden):
            yield f"{address}: {blamed}: {first_difference(before[address], looking.looked(client, address))}"


def blame(client: Client, hidden: list[Fact], address: str, was: Answer) -> str:
    """Return the name of a fact that alone changes an answer, found by halving."""
    while len(hidden) > 1:
        half = hidden[: len(hidden) // 2]
        with other_world(half):
            differs = looking.looked(client, address) != was
        hidden = half if differs else hidden[len(half) :]
    with other_world(hidden):
        return hidden[0].key if looking.looked(client, address) != was else "several facts together"


def first_difference(one: Answer, other: Answer) -> str:
    """Return where two answers part, with what stands around it."""
    if one.status != other.status or one.headers != other.headers:
        return f"{one.status} {set(one.headers) ^ set(other.headers)} {other.status}"
    place = next((at for at, pair in enumerate(zip(one.body, other.body, strict=False)) if pair[0] != pair[1]), 0)
    around = slice(max(0, place - 80), place + 80)
    return f"{one.body[around]!r} became {other.body[around]!r}"


@pytest.mark.parametrize("role", REFUSED)
def test_a_refused_command_says_the_same_in_both_worlds(world: World, role: str) -> None:
    client = looking.client_of(world, role)
    hidden = [fact for fact in facts.facts(world) if role not in fact.knows]
    data = {"command": str(uuid.UUID(int=7)), "text": "x", "reason": "x", "version": "1"}
    asked = [address for address in looking.addresses(world) if _of_case(world.cases["talking"], address)]
    before = {address: looking.posted(client, address, data) for address in asked}
    with other_world(hidden):
        differing = [address for address in asked if looking.posted(client, address, data) != before[address]]
    assert not differing


def test_each_fact_is_seen_by_somebody_who_may_know_it(world: World) -> None:
    """The tests above can fail: changed alone, each fact changes a page for somebody who may know it, in one case at least."""
    witnesses = Witnesses(world)
    of_name: dict[str, list[Fact]] = {}
    for fact in facts.facts(world):
        of_name.setdefault(fact.name, []).append(fact)
    knowable = {name: found for name, found in of_name.items() if any(fact.knows for fact in found)}
    assert {name for name, found in knowable.items() if not any(witnesses.see(fact) for fact in found)} == set()


class Witnesses:
    """People who may know much, and what they were shown of each case; where a fact was seen they look first for the next."""

    def __init__(self, world: World) -> None:
        self.clients = {role: looking.client_of(world, role) for role in WITNESSES}
        every = looking.addresses(world)
        self.places = {
            case.name: [(role, address) for address in every if _of_case(case, address) for role in WITNESSES]
            for case in world.cases.values()
        }
        self.shown: dict[tuple[str, str], Answer] = {}

    def see(self, fact: Fact) -> bool:
        """Return whether the fact, changed alone, changes what somebody is shown who may know it."""
        places = self.places[fact.case.name]
        mine = [place for place in places if place[0] in fact.knows]
        for some in itertools.batched(mine, AT_ONCE):
            before = {place: self._shown(place) for place in some}
            with other_world([fact]):
                where = next((place for place in some if self._differs(place, before[place])), None)
            if where:
                places.remove(where)
                places.insert(0, where)
                return True
        return False

    def _shown(self, place: tuple[str, str]) -> Answer:
        role, address = place
        if place not in self.shown:
            self.shown[place] = looking.looked(self.clients[role], address)
        return self.shown[place]

    def _differs(self, place: tuple[str, str], before: Answer) -> bool:
        return before.status == SHOWN and looking.looked(self.clients[place[0]], place[1]) != before


def _of_case(case: Case, address: str) -> bool:
    things = (case.proposals, case.panels, case.items, case.reviews, case.seats)
    return case.call.slug in address or any(str(thing.pk) in address for group in things for thing in group.values())


def test_every_column_of_the_review_has_a_verdict_and_its_fact_exists(world: World) -> None:
    names = {fact.name for fact in facts.facts(world)}
    kept = {
        model.__name__: {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
        for model in apps.get_app_config("review").get_models()
        if not model.__name__.endswith("Event")
    }
    assert {model: set(columns) for model, columns in COLUMNS.items()} == kept
    reasons = {fields.PLACE, fields.COUNTER, fields.RULE, fields.AGENT, fields.HALF}
    told_of = {verdict for columns in COLUMNS.values() for verdict in columns.values()} - reasons
    assert told_of - names - {"only the digest of a secret"} == set()
