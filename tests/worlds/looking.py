"""Asking every address of the house as one person, and what it answers, without what differs from request to request anyway."""

import copy
import functools
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse, translate_url

import visibility
from moonbridge.api.main import api
from worlds.making import ROLES, STRANGER, Case, World

INSTANT: Final = "2026-11-21 12:00:00+00"
EVERY: Final = "MOONBRIDGE_EVERY_ADDRESS" in os.environ
"""Ask about every case, review, panel and item (half an hour); otherwise each role asks about a few, all of them together about each."""
CASES_BY_TURNS: Final = 2
MEETING: Final = ("panel-meeting", "panel-meeting-now", "panel-item")
"""Routes that every role asks of both cases whose panels talk: in one an item is open, in the other none."""
NOT_HERE: Final = {
    r"samples|sample-|pieces|weighings|holdings|loans|collections|transfers|incidents|agencies/<slug:slug>/(samples|loans)":
        "material that is lent; nothing of a call is read there",
    r"programmes|missions|partners|station|sources|conflicts": "the catalogue's facts, each public with its source",
    r"sites|site-studies": "the Moon's ground and light; a study belongs to whoever asked for it",
    r"profile|tokens|demo": "what somebody says of themselves, and ways in",
    r"robots|static|media|i18n|healthz?": "the same for everybody",
}  # fmt: skip
"""Addresses that are not asked, by their beginnings, and why; ``test_visibility`` looks at them."""
_OF_REVIEW: Final = re.compile(r"(^\^?|/)(reviews?|panels|assignments|scores|debrief)\b")
OF_REVIEW_ALONE: Final = frozenset({"conflicted office"})
"""Roles that ask about the review alone, and of one thing of a kind: elsewhere they are what another role is."""
_NOT_HERE: Final = re.compile(rf"^\^?({'|'.join(NOT_HERE)})")
PER_PANEL: Final = "panel="
ON_SCREEN: Final = "on="
QUERIES: Final = {
    "review-conflicts": (PER_PANEL, "show=uncertain&by=person", "ground=coauthor", "label=R-008"),
    "review-conflicts-table": (PER_PANEL,),
    "review-bids": (PER_PANEL,),
    "review-assignment": (PER_PANEL,),
    "panel-desk": (
        "sort=mean",
        "sort=-spread",
        "sort=-state",
        "sort=verdict",
        "show=outlying",
        "show=closed",
        "q=another",
    ),
    "panel-people": ("sort=-submitted", "sort=late"),
    "panel-remind": ("what=declarations",),
    "panel-meeting-now": (ON_SCREEN,),
    "opportunity-proposals": ("q=another&order=title",),
    "search": ("q=another", "q=proposal", "q=person"),
}
"""What a page can be asked for beside its address, in so far as its order or choice could tell something hidden."""
REVIEWS: Final = ("assigned xa", "referee xa", "quiet xa", "slow xa", "beta xb", "assigned ya", "technical xt")


@dataclass(frozen=True)
class Answer:
    """A response as it is compared."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the database's clock and everything that is drawn anew for each page, so that two answers may be compared by bytes."""
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: secret * 2)
    monkeypatch.setattr("django.middleware.csrf._get_new_csrf_string", lambda: "c" * 32)
    monkeypatch.setattr("moonbridge.cooperation.commands.fresh", lambda: visibility.RANDOM)
    monkeypatch.setattr("moonbridge.cooperation.proposals.forms.editor.uuid4", lambda: visibility.RANDOM)
    stopped = " ".join(
        f"CREATE FUNCTION frozen.{name}() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT '{INSTANT}'::timestamptz $$;"
        for name in ("clock_timestamp", "statement_timestamp", "now")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA frozen; {stopped} SET LOCAL search_path = frozen, pg_catalog, public;")


def keep_people(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Spare each request what no hidden fact is about: who asks, its address in other languages, the test client's copy of its context."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    monkeypatch.setattr("moonbridge.site.templatetags.house.translate_url", functools.cache(translate_url))
    monkeypatch.setattr(settings, "SESSION_ENGINE", "django.contrib.sessions.backends.signed_cookies")
    people = {user.pk: user for user in world.people.values() if user is not None}
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.get_user", lambda _, key: copy.deepcopy(people[key]))


def client_of(world: World, role: str) -> Client:
    """Return somebody's browser, signed in."""
    client = Client(raise_request_exception=False)
    user = world.people[role]
    if role != STRANGER and user is not None:
        client.force_login(user)
    return client


def looked(client: Client, address: str) -> Answer:
    """Return what an address answers."""
    return _answer(client.get(address))


def posted(client: Client, address: str, data: dict[str, str]) -> Answer:
    """Return what an address answers to a command, and undo what it did."""
    with transaction.atomic():
        answer = _answer(client.post(address, data))
        transaction.set_rollback(True)
    return answer


def _answer(answer: Any) -> Answer:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told = {name: ", ".join(sorted(value.split(", "))) if name == "Vary" else value for name, value in answer.items()}
    headers = tuple(sorted((name, value) for name, value in told.items() if name not in ("Expires", "Date")))
    return Answer(answer.status_code, headers, body)


def addresses(world: World, role: str = "") -> list[str]:
    """Return every address that says something of a case, with what fits into its parameters, each once.

    With a ``role`` the reviews, panels and items are its own and a few of the others' (see ``EVERY``), else all of them.
    """
    return list(dict.fromkeys(itertools.chain.from_iterable(found for _, found in per_route(world, role))))


def per_route(world: World, role: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the :func:`addresses`, those of a route together, behind its name (in the API: its path)."""
    for name, pattern in visibility.routes():
        if _asks(role, pattern):
            yield name, _filled(world, name, pattern, role)
    yield from _of_the_api(world, role)


def _asks(role: str, pattern: str) -> bool:
    if role in OF_REVIEW_ALONE and not EVERY and not _OF_REVIEW.search(pattern):
        return False
    return not _NOT_HERE.match(pattern)


def stale() -> list[str]:
    """Return what of :data:`NOT_HERE` no address begins with any more."""
    patterns = [pattern.removeprefix("^") for _, pattern in visibility.routes()]
    patterns += [path.removeprefix("/api/v1/") for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"]]
    return [some for some in NOT_HERE if not any(re.match(some, pattern) for pattern in patterns)]


def untold(world: World) -> list[str]:
    """Return the patterns that no address was made for: a new kind of parameter needs a line in :func:`_values`."""
    return [
        pattern for name, pattern in visibility.routes()
        if not _NOT_HERE.match(pattern) and not _filled(world, name, pattern, "")
    ]  # fmt: skip


def _filled(world: World, name: str, pattern: str, role: str) -> list[str]:
    slots = re.findall(r"<(?:(\w+):)?(\w+)>", pattern)
    if not slots:
        return [reverse(name), *(f"{reverse(name)}?{query}" for query in QUERIES.get(name, ()))]
    found = [
        (case, reverse(name, kwargs=dict(zip([slot for _, slot in slots], values, strict=True))))
        for case in _cases(world, name, role)
        for values in _together(case, pattern, slots, role)
    ]
    asked = [address for _, address in found]
    if EVERY or role not in OF_REVIEW_ALONE:
        asked += [f"{address}?{query}" for case, address in found for query in _queries(case, name)]
    return list(dict.fromkeys(asked))


def _cases(world: World, route: str, role: str) -> list[Case]:
    """Return the cases that a role asks a route about: where the panel talks, and two of the others by turns."""
    if EVERY or not role:
        return list(world.cases.values())
    always = {"talking", "dual"} if route in MEETING else {"talking"}
    others = [case for case in world.cases.values() if case.name not in always]
    turn = ROLES.index(role) + sum(map(ord, route))
    most = 1 if role in OF_REVIEW_ALONE else CASES_BY_TURNS
    by_turns = [others[(turn + 2 * more) % len(others)] for more in range(max(0, 1 + most - len(always)))]
    return [*(world.cases[name] for name in sorted(always)), *by_turns]


def _queries(case: Case, name: str) -> Iterator[str]:
    for query in QUERIES.get(name, ()):
        if query == PER_PANEL:
            yield from (f"{PER_PANEL}{panel.pk}" for panel in case.panels.values())
        elif query == ON_SCREEN:
            yield f"{ON_SCREEN}{case.items['xa'].pk}"
        else:
            yield query


def _together(case: Case, pattern: str, slots: list[tuple[str, str]], role: str) -> Iterator[tuple[Any, ...]]:
    """Yield what may stand in the slots of an address together: an item or a review only with its own panel."""
    names = [slot for _, slot in slots]
    within = "panel" in names and bool({"item", "review"} & set(names))
    given = [
        _values(case, pattern, converter, slot, "" if within and slot == "panel" else role) for converter, slot in slots
    ]
    for values in itertools.product(*given):
        found = dict(zip(names, values, strict=True))
        if not within or found["panel"] == case.panel_of(found.get("item") or found["review"]):
            yield values


def _some(things: dict[str, Any], known: Sequence[str], role: str, most: int) -> list[Any]:
    """Return the ids of at most ``most`` of what is ``known`` of ``things``: the role's own, the first, and others by turns."""
    here = [key for key in known if key in things]
    if EVERY or not role:
        return [things[key].pk for key in here]
    own = [key for key in here if key.split()[0] == role]
    turn = ROLES.index(role) % max(len(here), 1)
    chosen = dict.fromkeys([*own, *here[:1], *here[turn:], *here[:turn]])
    return [things[key].pk for key in list(chosen)[: 1 if role in OF_REVIEW_ALONE else most]]


def _values(case: Case, pattern: str, converter: str, slot: str, role: str) -> list[Any]:
    """Return what may stand in a slot of an address: the ids of the case's things, by the slot's name or the address's beginning."""
    known: dict[str, list[Any]] = {
        "slug": [case.call.agency.slug if pattern.startswith("agencies/") else case.call.slug],
        "panel": _some(case.panels, ("a", "b", "t"), role, 2),
        "item": _some(case.items, ("xa", "xb", "ya", "xt"), role, 2),
        "review": _some(case.reviews, REVIEWS, role, 3),
        "seat": [case.seats[key].pk for key in ("quiet", "beta")],
        "proposal": [case.proposals[key].pk for key in ("xz" if "debrief" in pattern else "x")],
        "file": [case.things["plan.pdf"].pk, case.things["people.pdf"].pk],
        "named": [case.things["named"].pk],
        "conflict": [case.things["conflict of conflicted"].pk],
        "assignment": [case.things[name].pk for name in ("allocation",) if name in case.things],
        "referee": [case.things["invitation"].pk],
        "set-aside": [case.things[name].pk for name in ("aside",) if name in case.things],
        "ending": ["csv"],
        "form": ["long"],
        "verb": ["open"],
        "secret": ["x" * 43],
    }  # fmt: skip
    if slot in known:
        return known[slot] or [visibility.RANDOM]
    if slot in {"key", "id"} or converter == "uuid":
        return known[_thing_of(pattern)] or [visibility.RANDOM]
    return [1] if converter == "int" else ["x"]


def _thing_of(pattern: str) -> str:
    """Return what ``key`` means in an address: the thing whose plural stands last before it."""
    before = pattern.split("<uuid:", maxsplit=1)[0]
    if before.endswith("assignment/release/"):
        return "review"
    stems = {f"{thing}s/": thing for thing in ("panel", "item", "review", "seat", "conflict", "referee", "assignment")}
    stems |= {"declare/": "panel", "tables/": "panel", "assignment/": "assignment", "set-aside/": "set-aside"}
    found = [(before.rfind(stem), thing) for stem, thing in stems.items() if stem in before]
    place, thing = max(found, default=(-1, "proposal"))
    return thing if place > before.rfind("proposals/") else "proposal"


def _of_the_api(world: World, role: str) -> Iterator[tuple[str, list[str]]]:
    for path, operations in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        if "get" in operations and _asks(role, path.removeprefix("/api/v1/")):
            slots = [("", slot) for slot in re.findall(r"{(\w+)}", path)]
            pattern = path.replace("{", "<uuid:")
            yield (
                path,
                list(
                    dict.fromkeys(
                        _put(path, dict(zip([slot for _, slot in slots], values, strict=True)))
                        for case in _cases(world, path, role)
                        for values in _together(case, pattern, slots, role)
                    )
                ),
            )


def _put(path: str, values: dict[str, Any]) -> str:
    for slot, value in values.items():
        path = path.replace(f"{{{slot}}}", str(value))
    return path
