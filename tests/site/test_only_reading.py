"""When nothing can be written people and programs are told so; they can read on, and what they send again is done once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

import builders
from api.programs import Program
from cooperation.samples.lending import House
from moonbridge import database
from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Collection, Split
from moonbridge.errors import Busy
from moonbridge.record.actions import once
from moonbridge.record.models import Command

pytestmark = pytest.mark.django_db(transaction=True)
BANNER = "can only be read at this moment"


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database._Memory, "full_at", float("-inf"))


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def only_reading() -> Iterator[None]:
    """The server as an operator sets it for maintenance, or as a standby is."""
    run("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        run("SET default_transaction_read_only = off")


@contextmanager
def full() -> Iterator[None]:
    """Every new command meets what the server says when its disk is full."""
    run(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"
    )
    run("CREATE TRIGGER no_room BEFORE INSERT ON record_command FOR EACH ROW EXECUTE FUNCTION no_room()")
    try:
        yield
    finally:
        run("DROP FUNCTION no_room() CASCADE")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def arriving(key: object) -> dict[str, str]:
    return {"name": "N1", "mass": "1 g", "sigma": "10 ug", "contamination": "0", "command": str(key)}


@pytest.mark.parametrize(("state", "why"), [(only_reading, "takes no changes"), (full, "the disk is full")])
def test_a_page_and_the_api_say_that_nothing_can_be_written_and_the_same_is_done_once_later(state, why: str) -> None:
    house = House()
    curator, program = signed_in(house.curator), Program(house.curator)
    path, key, other = reverse("sample-take-in", args=[house.collection.slug]), uuid4(), uuid4()
    arrived = {"name": "N2", "mass": "1 g", "sigma": "10 ug"}
    with state():
        page = curator.post(path, arriving(key))
        told = program.post(f"/collections/{house.collection.slug}/pieces", arrived, key=other, status=503)
        assert BANNER in curator.get(path).content.decode()
        assert BANNER not in Client().get(reverse("samples-shared")).content.decode()  # kept for all strangers
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    text = page.content.decode()
    assert why in text
    assert "Nothing was changed" in text
    assert f'name="command" value="{key}"' in text  # one button sends just the same again
    assert f'action="{path}"' in text
    assert told["code"] == "read-only"
    assert why in told["sentence"]
    assert Split.objects.count() == 2
    assert [curator.post(path, arriving(key)).status_code for _ in range(2)] == [302, 302]
    program.post(f"/collections/{house.collection.slug}/pieces", arrived, key=other)
    assert sorted(Split.objects.values_list("name", flat=True)) == ["N1", "N2", "T0001", "T0002"]


def test_pages_are_read_on_while_nothing_can_be_written_and_signing_in_is_refused_in_words() -> None:
    house = House()
    desk = reverse("samples-desk", args=[house.agency.slug])
    pages = [
        reverse("home"), reverse("desk"), desk, reverse("sample-catalogue"), reverse("sample-history", args=[house.powder.pk]),
        reverse("samples-book", args=[house.collection.slug]), reverse("opportunity-list"), reverse("record"), reverse("profile"),
    ]  # fmt: skip
    user = builders.person()
    user.set_password("a long enough word")
    user.save()
    curator, program = signed_in(house.curator), Program(house.curator)
    login = {"login": user.email, "password": "a long enough word"}
    with only_reading():
        assert {page: curator.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
        assert [BANNER in curator.get(page).content.decode() for page in pages] == [True] * len(pages)
        assert program.read("/pieces")
        said = Client().post(reverse("account_login"), login)
    assert said.status_code == 503
    assert "takes no changes" in said.content.decode()
    assert "a long enough word" not in said.content.decode()
    assert Client().post(reverse("account_login"), login).status_code == 302


def test_the_banner_goes_as_soon_as_the_server_says_that_it_can_write() -> None:
    curator = signed_in(House().curator)
    with only_reading():
        assert BANNER in curator.get(reverse("desk")).content.decode()
    assert BANNER not in curator.get(reverse("desk")).content.decode()


def crossing(first: threading.Barrier, names: list[str]) -> str:
    """Change two collections in the order given, beside somebody who changes them in the other order."""
    tries: list[int] = []

    def act() -> int:
        tries.append(1)
        for number, name in enumerate(names):
            Collection.objects.filter(slug=name).update(material=f"{names}")
            if number == 0 and len(tries) == 1:
                first.wait(timeout=30)
        return len(tries)

    try:
        return str(once(uuid4(), "cross", {"names": names}, act, by=None))
    except Busy:
        return "busy"
    finally:
        connection.close()


def two_collections() -> list[str]:
    house = House()
    return [house.collection.slug, House().collection.slug]


def test_of_two_who_wait_for_each_other_one_begins_anew_and_both_are_done() -> None:
    names, first = two_collections(), threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        tries = list(pool.map(lambda order: crossing(first, order), (names, names[::-1])))
    assert sorted(tries) == ["1", "2"]
    assert Command.objects.filter(verb="cross").count() == 2


def test_inside_a_larger_transaction_the_one_that_was_undone_is_told_to_send_it_again() -> None:
    names, first = two_collections(), threading.Barrier(2)

    def larger(order: list[str]) -> str:
        try:
            with transaction.atomic():
                return crossing_inside(first, order)
        except Busy as busy:
            return busy.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(larger, (names, names[::-1]))) == ["busy", "done"]


def crossing_inside(first: threading.Barrier, order: list[str]) -> str:
    def act() -> str:
        for number, name in enumerate(order):
            Collection.objects.filter(slug=name).update(material="x")
            if number == 0:
                first.wait(timeout=30)
        return "done"

    return once(uuid4(), "cross", {"names": order}, act, by=None)


def test_whoever_is_undone_each_time_is_told_so_with_503() -> None:
    house = House()
    run(
        "CREATE FUNCTION no_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE 'deadlock detected' USING ERRCODE = '40P01'; END $$"
    )
    run("CREATE TRIGGER no_end BEFORE INSERT ON record_command FOR EACH ROW EXECUTE FUNCTION no_end()")
    try:
        page = signed_in(house.curator).post(reverse("sample-take-in", args=[house.collection.slug]), arriving(uuid4()))
        arrived = {"name": "N2", "mass": "1 g", "sigma": "10 ug"}
        told = Program(house.curator).post(f"/collections/{house.collection.slug}/pieces", arrived, status=503)
    finally:
        run("DROP FUNCTION no_end() CASCADE")
    assert (page.status_code, page["Retry-After"], told["code"]) == (503, "1", "busy")
    assert BANNER not in page.content.decode()
