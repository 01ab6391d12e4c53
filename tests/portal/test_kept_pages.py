"""Public pages are rendered once per change: the same bytes for every stranger, never anything personal, never anything old."""

import gzip
from importlib import import_module

import brotli
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

import builders
from moonbridge.cooperation.programmes.models import Programme
from moonbridge.portal import pages
from moonbridge.record import actions

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)

LIST = "/programmes/"
NOT_SHOWN = {
    "opportunities_follow": "addresses of followers",
    "programmes_loadedcatalogue": "changes together with what it loads",
    "selection_recommendation": "the office's own until it decides",
    "selection_scenario": "the office's own",
    "selection_solve": "the office's own",
    "selection_study": "the office's own",
    "sites_study": "its maker's own",
}
"""Tables of public stages whose content no public page shows, and why."""


@pytest.fixture
def shelf(settings, monkeypatch) -> pages.Shelf:
    """The kept pages, in force, and with a stamp that is read anew for each request."""
    settings.MIDDLEWARE = ["moonbridge.portal.pages.PublicPagesMiddleware", *settings.MIDDLEWARE]
    fresh = pages.Shelf(fresh_for=-1)
    monkeypatch.setattr(pages, "shelf", fresh)
    return fresh


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """The paths that were rendered anew."""
    seen: list[str] = []
    render = pages._page_of

    def noted(response, stamp):
        seen.append(response.headers["Content-Type"])
        return render(response, stamp)

    monkeypatch.setattr(pages, "_page_of", noted)
    return seen


def test_the_middleware_stands_first_in_the_product() -> None:
    product = import_module("moonbridge.site.settings")
    assert product.MIDDLEWARE[0] == "moonbridge.portal.pages.PublicPagesMiddleware"


def test_two_strangers_get_the_same_bytes_rendered_once(shelf, rendered, django_assert_num_queries) -> None:
    first = Client().get(LIST)
    with django_assert_num_queries(1):  # the stamp
        second = Client().get(LIST)
    assert first.content == second.content
    assert first.headers.items() == second.headers.items()
    assert len(rendered) == 1


def test_each_language_has_its_own_page(shelf) -> None:
    english, chinese = Client().get(LIST), Client().get(f"/zh-hans{LIST}", headers={"accept-language": "en"})
    assert b'lang="en"' in english.content
    assert b'lang="zh-Hans"' in chinese.content
    assert Client().get(LIST, headers={"accept-language": "zh-CN"}).content == english.content


def test_what_is_kept_carries_the_headers_of_safety_and_no_cookie(shelf) -> None:
    for answer in (Client().get(LIST), Client().get(LIST)):
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Vary"] == "Accept-Encoding, Cookie"
        assert answer.cookies == {}


def test_somebody_signed_in_neither_gets_nor_fills_a_kept_page(shelf, rendered) -> None:
    signed_in = Client()
    signed_in.force_login(builders.person("Ada"))
    assert reverse("desk") in signed_in.get(LIST).content.decode()
    assert rendered == []
    stranger = Client().get(LIST).content.decode()
    assert reverse("account_login") in stranger
    assert reverse("desk") + '"' not in stranger
    assert reverse("desk") in signed_in.get(LIST).content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"query_params": {"page": "2"}}, {"headers": {"authorization": "Bearer x"}}, {"headers": {"cookie": "messages=x"}},
        {"headers": {"hx-request": "true"}},
    ],
)  # fmt: skip
def test_whoever_says_something_about_themselves_is_answered_anew(shelf, rendered, said) -> None:
    Client().get(LIST, **said)
    assert rendered == []


def test_other_routes_refusals_and_cookies_are_never_kept(shelf, rendered) -> None:
    assert Client().get(reverse("account_login")).status_code == 200
    assert Client().get("/missions/no-such-mission/").status_code == 404
    assert Client().get(reverse("desk")).status_code == 302
    assert rendered == []
    request = RequestFactory().get(LIST)
    request.resolver_match = resolve(LIST)
    answer = HttpResponse("a page")
    assert pages.is_public(answer, request)
    answer.set_cookie("csrftoken", "x")
    assert not pages.is_public(answer, request)


@committing
def test_a_committed_change_is_seen_by_every_worker_at_once(shelf, monkeypatch) -> None:
    Programme.objects.create(slug="old", name="The old one")
    workers = [shelf, pages.Shelf(fresh_for=-1)]

    def seen_by(worker: pages.Shelf) -> str:
        monkeypatch.setattr(pages, "shelf", worker)
        return Client().get(LIST).content.decode()

    assert all("The old one" in seen_by(worker) for worker in workers)
    Programme.objects.filter(slug="old").update(name="The new one")
    assert all("The new one" in seen_by(worker) for worker in workers)
    Programme.objects.all().delete()
    assert all("The new one" not in seen_by(worker) for worker in workers)


@committing
def test_the_version_rises_with_the_commit_and_once_per_transaction() -> None:
    before = version()
    with transaction.atomic():
        for number in range(3):
            Programme.objects.create(slug=f"p{number}", name="P")
        assert version() == before
    assert version() == before + 1
    with transaction.atomic():
        Programme.objects.all().delete()
        transaction.set_rollback(True)
    assert version() == before + 1


@committing
def test_only_public_decisions_renew_the_pages() -> None:
    before = version()
    actions.append("submit", "proposal/x", {}, agency="a", by=None)
    assert version() == before
    actions.append("publish", "opportunity/x", {}, agency="a", by=None, public=True)
    assert version() == before + 1


@committing
def test_a_passing_deadline_renews_the_pages_without_a_change(shelf) -> None:
    call = builders.open_opportunity()
    stamp = pages.read_stamp()
    with connection.cursor() as cursor:  # instead of waiting for the clock, the deadline comes nearer without a trace
        cursor.execute("ALTER TABLE opportunities_opportunity DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE opportunities_opportunity SET deadline = now() - interval '1 second' WHERE id = %s", [call.pk]
        )
        cursor.execute("ALTER TABLE opportunities_opportunity ENABLE TRIGGER USER")
    later = pages.read_stamp()
    assert (later[0], later != stamp) == (stamp[0], True)


def test_every_table_that_pages_show_is_watched() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'portal_public_changed'")
        watched = {row[0] for row in cursor.fetchall()}
    tables = {
        model._meta.db_table
        for app in ("programmes", "sites", "opportunities", "selection")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if not model._meta.db_table.endswith("event")
    }
    named = {"samples_collection", "samples_lender"}  # by the map of the site; pages of samples are never kept
    assert watched == (tables - NOT_SHOWN.keys()) | {"record_entry"} | named
    assert NOT_SHOWN.keys() <= tables


@pytest.mark.parametrize(
    ("accepted", "encoding", "plain"),
    [
        ("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)  # fmt: skip
def test_compressed_once_for_all(shelf, accepted, encoding, plain) -> None:
    for answer in (Client().get(LIST, headers={"accept-encoding": accepted}) for _ in range(2)):
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert b"</html>" in plain(answer.content)


@committing
def test_an_unchanged_page_is_not_sent_twice(shelf) -> None:
    first = Client().get(LIST)
    again = Client().get(LIST, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Programme.objects.create(slug="new", name="New")
    assert Client().get(LIST, headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_the_shelf_keeps_no_more_than_it_may() -> None:
    shelf = pages.Shelf(most_bytes=100)
    for number in range(5):
        shelf.put(("http", "host", f"/{number}"), pages.Page((1,), {}, b"x" * 20, "e"))
    kept = [number for number in range(5) if shelf.get(("http", "host", f"/{number}"), (1,))]
    assert kept == [3, 4]


def version() -> int:
    found = pages.read_stamp()[0]
    assert found is None or isinstance(found, int)
    return found or 0
