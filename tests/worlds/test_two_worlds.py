"""Two worlds that differ in what a person may not know answer that person byte for byte alike.

For each role every fact that it may not know is changed at once, and every address is asked before and after. Where an answer differs,
the facts are tried one by one, so that the failure names the fact and the address. That the comparison can fail is tested too: each
fact does change something for somebody who may know it.
"""

import functools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from worlds import facts, fields, looking, making, shown
from worlds.facts import Fact
from worlds.fields import COLUMNS
from worlds.looking import Answer
from worlds.making import ROLES, Case, World

pytestmark = pytest.mark.django_db
MOST_TOLD = 5
SHOWN, ONLY_BY_POST, BROKEN = 200, 405, 500
REFUSED = ("stranger", "other team", "lead", "conflicted", "conflicted chair", "technical")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    looking.freeze(monkeypatch)
    world = making.build()
    looking.keep_people(monkeypatch, settings, world)
    return world


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
    before = dict(seen(client, world, role))
    assert [address for address, answer in before.items() if answer.status >= BROKEN] == []
    with other_world(hidden):
        differing = [address for address, answer in before.items() if looking.looked(client, address) != answer]
    assert not differing, "\n".join(told(client, hidden, differing, before))


def seen(client: Client, world: World, role: str) -> Iterator[tuple[str, Answer]]:
    """Yield what each address answers; a route that takes commands only says so before it looks at anything, and is left out."""
    for _, route in looking.per_route(world, role):
        for address in route:
            answer = looking.looked(client, address)
            if answer.status == ONLY_BY_POST:
                break
            yield address, answer


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
    asked = [address for address in looking.addresses(world, role) if _of_case(world.cases["talking"], address)]
    before = {address: looking.posted(client, address, data) for address in asked}
    assert [address for address, answer in before.items() if answer.status >= BROKEN] == []
    with other_world(hidden):
        differing = [address for address in asked if looking.posted(client, address, data) != before[address]]
    assert not differing


def test_each_fact_is_seen_by_somebody_who_may_know_it(world: World) -> None:
    """The tests above can fail: changed alone, each fact changes a page for somebody who may know it, where it is said to."""
    routes = dict(looking.per_route(world))
    clients = {role: looking.client_of(world, role) for role, _ in shown.SHOWN.values()}
    as_it_is = functools.cache(lambda role, address: looking.looked(clients[role], address))
    knowable = [fact for fact in facts.facts(world) if fact.knows]
    assert {fact.name for fact in knowable} == {*shown.SHOWN, *shown.NOWHERE}
    unseen = set(shown.SHOWN)
    for fact in knowable:
        role, route = shown.SHOWN.get(fact.name, ("", ""))
        if fact.name in unseen and role in fact.knows:
            here = [address for address in routes[route] if _of_case(fact.case, address)]
            before = {address: answer for address in here if (answer := as_it_is(role, address)).status == SHOWN}
            with other_world([fact]):
                if any(looking.looked(clients[role], address) != answer for address, answer in before.items()):
                    unseen.remove(fact.name)
    assert unseen == set()


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
