"""Two worlds that differ in what a person may not know answer that person byte for byte alike.

For each role every fact that it may not know is changed, and every address is asked before and after. Facts that would hide each other
are changed in passes, one after the other (see :mod:`worlds.changes`); passes after the first ask what was answered at all before, of the
cases only about the one whose panel talks (``MOONBRIDGE_EVERY_ADDRESS``: about all). Where an answer differs, the facts are tried one by
one, so that the failure names the fact and the address. That the comparison can fail is tested too: each fact does change something for
somebody who may know it, and leaks that are planted are seen.
"""

import functools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.test import Client

from moonbridge.cooperation.review.models import SITTING, Item
from moonbridge.cooperation.review.queries.meetings import Room
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ItemState
from worlds import facts, fields, looking, making, shown
from worlds.changes import Fact, other_world, passes
from worlds.fields import COLUMNS
from worlds.looking import Answer
from worlds.making import ROLES, Case, World

pytestmark = pytest.mark.django_db
MOST_TOLD = 5
SHOWN, ABSENT, ONLY_BY_POST, BROKEN = 200, 404, 405, 500
REFUSED = ("stranger", "other team", "lead", "conflicted", "conflicted chair", "technical")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """The world, made once for all tests here: each of them leaves it as it was."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("media"))
        looking.freeze(patch)
        world = making.build()
        looking.keep_people(patch, world)
        yield world
        transaction.set_rollback(True)


def hidden_from(world: World, role: str) -> list[Fact]:
    return [fact for fact in facts.facts(world) if role not in fact.knows]


def test_there_are_at_least_sixty_facts_and_each_has_a_name_of_its_own(world: World) -> None:
    keys = [fact.key for fact in facts.facts(world)]
    assert len({fact.name for fact in facts.facts(world)}) >= 60
    assert len(keys) == len(set(keys))


def test_every_address_is_asked_and_no_exemption_is_stale(world: World) -> None:
    assert looking.untold(world) == []
    assert looking.stale() == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_can_tell_two_worlds_apart_that_differ_in_what_they_may_not_know(world: World, role: str) -> None:
    client = looking.client_of(world, role)
    before = dict(seen(client, world, role))
    assert [address for address, answer in before.items() if answer.status >= BROKEN] == []
    leaks = list(differing(client, hidden_from(world, role), before))
    assert not leaks, "\n".join(
        line for changed, addresses in leaks for line in told(client, changed, addresses, before)
    )


def differing(
    client: Client, hidden: list[Fact], before: Mapping[str, Answer]
) -> Iterator[tuple[list[Fact], list[str]]]:
    """Yield, for each pass in which an answer differs, the facts that were changed and the addresses that tell of them."""
    asked, again = before, _asked_again(hidden, before)
    for changed in passes(hidden):
        with other_world(changed):
            found = [address for address, answer in asked.items() if looking.looked(client, address) != answer]
        if found:
            yield changed, found
        asked = again


def _asked_again(hidden: list[Fact], before: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Return the addresses, with their answers, that were answered at all and say nothing of a case, or of the one whose panel talks."""
    quiet = {} if looking.EVERY else {fact.case.name: fact.case for fact in hidden if fact.case.name != "talking"}
    answered = {address: answer for address, answer in before.items() if answer.status != ABSENT}
    return {
        address: answer
        for address, answer in answered.items()
        if not any(_of_case(case, address) for case in quiet.values())
    }


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
    data = {"command": str(uuid.UUID(int=7)), "text": "x", "reason": "x", "version": "1"}
    asked = [address for address in looking.addresses(world, role) if _of_case(world.cases["talking"], address)]
    before = {address: looking.posted(client, address, data) for address in asked}
    assert [address for address, answer in before.items() if answer.status >= BROKEN] == []
    for changed in passes(hidden_from(world, role)):
        with other_world(changed):
            assert [address for address in asked if looking.posted(client, address, data) != before[address]] == []


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


def test_every_column_has_a_verdict_and_its_fact_writes_it(world: World) -> None:
    kept = {
        model.__name__: {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
        for stage in ("proposals", "review", "selection")
        for model in apps.get_app_config(stage).get_models()
        if not model.__name__.endswith("Event")
    }
    assert {model: set(columns) for model, columns in COLUMNS.items()} == kept
    changed = [(fact.name, change) for fact in facts.facts(world) for change in fact.changes]
    unwritten = [
        f"{model}.{column}: {verdict}"
        for model, columns in COLUMNS.items()
        for column, verdict in columns.items()
        if verdict not in fields.REASONS
        and not any(name == verdict and change.touches(model, column) for name, change in changed)
    ]
    assert unwritten == []


def test_in_each_pass_every_fact_differs(world: World) -> None:
    everything = list(facts.facts(world))
    found = passes(everything)
    assert sorted(fact.key for changed in found for fact in changed) == sorted(fact.key for fact in everything)
    hidden = [
        one.key for changed in found for one in changed for other in changed if one is not other and one.hides(other)
    ]
    assert hidden == []


def forgetting_conflicts(sight: Sight, at: str = "") -> Q:
    """Whose discussion somebody follows, without asking whether there is a conflict."""
    return Q(**{f"{at}panel_id__in": sight.seats(SITTING).values("panel_id")})


def progress_of_all(sight: Sight, at: str = "") -> Q:
    """How far reviews are, for everybody in the panel."""
    return Q(**{f"{at}item__panel_id__in": sight.seats().values("panel_id")})


def discussed_by_all(room: Room) -> int:
    """How many items of a panel are discussed, those counted too that somebody must not know of."""
    return Item.objects.filter(panel=room.panel, state=ItemState.CLOSED).count()


@dataclass(frozen=True)
class Leak:
    """A rule that is replaced by one that tells ``role``, at ``route``, of facts named ``of``."""

    role: str
    route: str
    owner: type
    rule: str
    broken: object
    of: frozenset[str]


STAGES = frozenset({"that it is discussed now", "that it was discussed"})
LEAKS = {
    "meeting": Leak("conflicted", "panel-meeting", Sight, "thread", forgetting_conflicts, STAGES),
    "count": Leak(
        "conflicted", "panel-meeting", Room, "closed", property(discussed_by_all), frozenset({"that it was discussed"})
    ),
    "load": Leak(
        "conflicted chair", "panel-people", Sight, "progress", progress_of_all, frozenset({"that the other panel has a review"})
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", LEAKS.values(), ids=LEAKS)
def test_a_planted_leak_is_seen(world: World, monkeypatch: pytest.MonkeyPatch, planted: Leak) -> None:
    """In each pass that changes what the leak is of, the page answers otherwise; without the leak it does in none."""
    client, talking = looking.client_of(world, planted.role), world.cases["talking"]
    asked = [address for address in dict(looking.per_route(world))[planted.route] if _of_case(talking, address)]
    hidden = [fact for fact in hidden_from(world, planted.role) if fact.case is talking]
    assert seen_in(client, hidden, asked) == set()
    monkeypatch.setattr(planted.owner, planted.rule, planted.broken)
    assert seen_in(client, hidden, asked) >= planted.of


def seen_in(client: Client, hidden: list[Fact], asked: list[str]) -> set[str]:
    """Return the names of the facts of all passes in which an answer differs."""
    before = {address: looking.looked(client, address) for address in asked}
    return {fact.name for changed, _ in differing(client, hidden, before) for fact in changed}
