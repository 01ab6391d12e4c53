"""Public pages, rendered once per change and not once per visitor.

A stranger's page depends on its address and on public data only. Each worker keeps the bytes it rendered together with the
*stamp* of the data: the version that database triggers raise with every public change, the day, and how many deadlines have passed.
The stamp is read at most once per :data:`FRESH_FOR` seconds, so a change is seen everywhere after that time at the latest.

What may be personal is neither kept nor answered from here: any request with a session, a message or an authorization passes
through, and a response is kept only if it is a complete page of :data:`ROUTES` that sets no cookie.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeGuard

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

ROUTES: Final = frozenset(
    {
        "home", "programme-list", "programme", "mission-list", "mission", "site-list", "site", "site-year", "site-days",
        "site-windows", "site-calendar", "opportunity-list",
        "opportunity", "decision", "call", "partner-list", "partner", "station", "samples-shared", "sources", "source",
        "conflicts", "record", "robots", "sitemap",
    }
)  # fmt: skip
"""Route names of the pages that look alike to every stranger."""

FRESH_FOR: Final = 1.0
"""Seconds for which a worker trusts the stamp it read."""

MOST_BYTES: Final = 64 * 2**20
"""How much each worker keeps; the pages that were asked for longest ago go first."""

_STAMP = """
SELECT (SELECT version FROM portal_publicversion), current_date::text,
       (SELECT count(*) FROM opportunities_opportunity WHERE deadline <= clock_timestamp()),
       (SELECT count(*) FROM opportunities_opportunity WHERE letter_deadline <= clock_timestamp()),
       (SELECT count(*) FROM opportunities_stagedate WHERE promised <= clock_timestamp())
"""

type Stamp = tuple[object, ...]
type Key = tuple[str, str, str]


def read_stamp() -> Stamp:
    """Return what a public page depends on beside its address: it differs from before exactly if a page may differ."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        row: Stamp = cursor.fetchone()
    return row


@dataclass(slots=True)
class Page:
    """A rendered page: its headers, its bytes, and their compressed forms as they are asked for."""

    stamp: Stamp
    headers: dict[str, str]
    body: bytes
    etag: str
    encoded: dict[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Roughly how many bytes it takes to keep: text compresses to a quarter at least, in two forms."""
        return 2 * len(self.body)

    def in_encoding(self, encoding: str) -> bytes:
        """Return the body as ``br``, ``gzip`` or plain; compressed once."""
        if encoding not in self.encoded:
            self.encoded[encoding] = _ENCODERS[encoding](self.body)
        return self.encoded[encoding]


_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "br": lambda body: brotli.compress(body, quality=6),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "identity": bytes,
}


class Shelf:
    """The pages that a worker keeps, and the stamp under which they are good. Safe for threads."""

    def __init__(self, fresh_for: float = FRESH_FOR, most_bytes: int = MOST_BYTES) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._lock = threading.Lock()
        self._fresh_for, self._most_bytes = fresh_for, most_bytes
        self._stamp: Stamp = ()
        self._read_at = float("-inf")
        self._bytes = 0

    def stamp(self) -> Stamp:
        """Return the present stamp, read anew if the last reading is too old."""
        if time.monotonic() - self._read_at > self._fresh_for:
            at, stamp = time.monotonic(), read_stamp()
            self._stamp, self._read_at = stamp, at
        return self._stamp

    def get(self, key: Key, stamp: Stamp) -> Page | None:
        """Return the page under ``key`` if it was rendered from the data of ``stamp``."""
        with self._lock:
            page = self._pages.get(key)
            if page is None or page.stamp != stamp:
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: Page) -> None:
        """Keep ``page``, and let go of what was not asked for the longest if there are too many bytes."""
        with self._lock:
            if known := self._pages.pop(key, None):
                self._bytes -= known.size
            self._pages[key] = page
            self._bytes += page.size
            while self._bytes > self._most_bytes:
                self._bytes -= self._pages.popitem(last=False)[1].size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._pages.clear()
            self._bytes, self._read_at = 0, float("-inf")


shelf: Final = Shelf()
"""This worker's pages."""


class PublicPagesMiddleware:
    """Answers strangers from the shelf; stands before all other middleware, whose headers are part of what is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from the shelf, or let the page be rendered and keep it."""
        if not is_strangers(request):
            return self.get_response(request)
        key, stamp = (request.scheme or "", request.META.get("HTTP_HOST", ""), request.path), shelf.stamp()
        page = shelf.get(key, stamp)
        if page is None:
            response = self.get_response(request)
            if not is_public(response, request):
                return response
            page = _page_of(response, stamp)
            shelf.put(key, page)
        return _answer(request, page)


def is_strangers(request: HttpRequest) -> bool:
    """Return whether the request asks for a page at its plain address and says nothing about who asks."""
    return (
        request.method in ("GET", "HEAD")
        and not request.META.get("QUERY_STRING")
        and "HTTP_AUTHORIZATION" not in request.META
        and "HTTP_HX_REQUEST" not in request.META
        and request.COOKIES.keys().isdisjoint((settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name))
    )


def is_public(response: HttpResponseBase, request: HttpRequest) -> TypeGuard[HttpResponse]:
    """Return whether ``response`` looks the same to every stranger: a complete page of a public route that sets no cookie."""
    match = request.resolver_match
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200  # noqa: PLR2004 - HTTP's number
        and not response.cookies
        and match is not None
        and match.url_name in ROUTES
        and request.method == "GET"
        and "no-store" not in response.headers.get("Cache-Control", "")
    )


def _page_of(response: HttpResponse, stamp: Stamp) -> Page:
    body = bytes(response.content)
    headers = {name: value for name, value in response.headers.items() if name not in ("Vary", "Content-Length")}
    kept = headers | {"Vary": "Accept-Encoding, Cookie", "Cache-Control": "no-cache"}
    return Page(stamp, kept, body, hashlib.sha256(body).hexdigest()[:32])


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    encoding = _encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{page.etag}-{encoding}"'
    unchanged = etag in request.META.get("HTTP_IF_NONE_MATCH", "")
    response = HttpResponse(b"" if unchanged else page.in_encoding(encoding), status=304 if unchanged else 200)
    for name, value in page.headers.items():
        response.headers[name] = value
    response.headers["ETag"] = etag
    if not unchanged:
        response.headers["Content-Length"] = str(len(response.content))
        if encoding != "identity":
            response.headers["Content-Encoding"] = encoding
    return response


def _encoding(accepted: str) -> str:
    """Return the best encoding that is offered here and named in ``accepted``; one named with ``q=0`` is not accepted."""
    named = {
        part.partition(";")[0].strip() for part in accepted.split(",") if not part.replace(" ", "").endswith(";q=0")
    }
    return next((encoding for encoding in ("br", "gzip") if encoding in named), "identity")
