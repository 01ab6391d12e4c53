"""Every route, with every role: nobody opens what is not theirs, meets a hidden word, or changes anything there."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

import visibility
from visibility import CATALOGUE, EVERYBODY, STRANGER, VERDICTS, World

pytestmark = pytest.mark.django_db
LOOKS_AT_THE_CATALOGUE = frozenset({STRANGER, "rival"})
FOUND, GONE, SIGN_IN, POST_ONLY, FAILED = range(200, 300), 404, 302, 405, 500


@pytest.fixture
def world() -> World:
    return visibility.build()


def client_of(world: World, role: str) -> Client:
    client = Client()
    if world.people[role] is not None:
        client.force_login(world.people[role])
    return client


def addresses(world: World, name: str) -> list[str]:
    return [reverse(name, kwargs=arguments) for arguments in VERDICTS[name].arguments(world)]


def body_of(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


def test_every_route_has_a_verdict_and_every_verdict_a_route() -> None:
    assert sorted(VERDICTS) == sorted({name for name, _ in visibility.routes()})


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_opens_what_it_may_and_meets_no_hidden_word(world: World, role: str) -> None:
    client, wrong = client_of(world, role), []
    words = {word for word, seen_by in world.secrets.items() if role not in seen_by}
    names = [name for name in VERDICTS if role in LOOKS_AT_THE_CATALOGUE or name not in CATALOGUE]
    for name in names:
        verdict = VERDICTS[name]
        for address in addresses(world, name):
            answer = client.get(address)
            if not fits(answer.status_code, role, may=role in verdict.sees):
                wrong.append((name, address, answer.status_code))
            wrong += [(name, address, word) for word in words if word in body_of(answer)]
    for address in api_addresses(world, role):
        answer = body_of(client.get(address))
        wrong += [("api", address, word) for word in words if word in answer]
    for word in words:  # the page repeats what was asked; it may find nothing
        address = reverse("search") + f"?q={word}"
        wrong += [("search", address, word)] if "hidden-" in body_of(client.get(address)).replace(word, "") else []
    assert not wrong, "\n".join(map(str, wrong))


def fits(status: int, role: str, *, may: bool) -> bool:
    """Return whether a page was opened by who may, and by nobody else."""
    return status in FOUND if may else status in {GONE, POST_ONLY, *([SIGN_IN] if role == STRANGER else [])}


def test_the_hidden_words_are_shown_to_those_whom_they_concern(world: World) -> None:
    """The test above can fail: each word does appear somewhere for somebody."""
    met = set()
    for role in ("lead", "rival", "office", "reviewer", "newcomer"):
        client = client_of(world, role)
        text = "".join(body_of(client.get(address)) for name in VERDICTS for address in addresses(world, name))
        text += "".join(body_of(client.get(f"/proposals/{proposal.pk}/")) for proposal in world.proposals.values())
        met |= {word for word in world.secrets if word in text}
    nowhere = {word for word, seen_by in world.secrets.items() if not seen_by}
    assert met == set(world.secrets) - nowhere


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_nobody_changes_what_is_not_theirs(world: World, role: str) -> None:
    client, wrong = client_of(world, role), []
    client.get(reverse("home"))
    before = fingerprint()
    for name, verdict in VERDICTS.items():
        if role not in verdict.changes:
            for address in addresses(world, name):
                status = client.post(address, {"command": uuid.uuid4(), "text": "x", "reason": "x"}).status_code
                wrong += [(name, address, status)] if status == FAILED else []
    changed = [table for table, digest in fingerprint().items() if digest != before[table]]
    assert not changed
    assert not wrong, "\n".join(map(str, wrong))


def fingerprint() -> dict[str, tuple[int, str]]:
    """Return the count and a digest of every table but those that only count visits."""
    silent = {"django_session", "accounts_allowance", "django_cache"}
    tables = sorted(set(connection.introspection.table_names()) - silent)
    digest = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    parts = " UNION ALL ".join(f"SELECT '{table}', count(*), {digest} FROM {table} t" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return {table: (count, value) for table, count, value in cursor.fetchall()}


def api_addresses(world: World, role: str) -> list[str]:
    """Return an address for each reading operation that the API describes, filled with what the world has."""
    from moonbridge.api.main import api

    known, found = visibility.known_to_the_api(world), []
    for path, operations in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        collection = path.split("/")[3]
        if "get" in operations and (role in LOOKS_AT_THE_CATALOGUE or collection not in visibility.API_CATALOGUE):
            found += [path.format_map(named) for named in known[collection]] if "{" in path else [path]
    assert found
    return found
