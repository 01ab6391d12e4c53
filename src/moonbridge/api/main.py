"""The JSON interface: one router per stage, the same visibility as the pages, tokens or a session to sign in."""

from typing import Any

import orjson
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer

from moonbridge import errors
from moonbridge.api.authentication import whoever
from moonbridge.api.guide import Guide
from moonbridge.database import unavailable
from moonbridge.site.refusals import status_of, when_again


class OrjsonRenderer(BaseRenderer):
    """Renders answers with orjson."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 - ninja's signature
        """Return ``data`` as JSON bytes."""
        return orjson.dumps(data)


api = NinjaAPI(
    title="Moonbridge",
    version="1",
    description="Who shares what with whom, and every decision with its reasons. Times are UTC; amounts are decimal text with a unit.",
    renderer=OrjsonRenderer(),
    urls_namespace="api",
    auth=whoever,
    docs=Guide(),
)


@api.exception_handler(errors.MoonbridgeError)
def refused(request: HttpRequest, error: errors.MoonbridgeError) -> HttpResponse:
    """Answer a refusal with its code, sentence and numbers; what is hidden is answered like what does not exist."""
    if isinstance(error, errors.NotAllowed):
        return absent(request, Http404())
    return when_again(api.create_response(request, error.as_dict(), status=status_of(error)), error)


@api.exception_handler(DatabaseError)
def failed(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    """Answer for a database that cannot write, or that undid a change for the sake of another one; any other failure is ours."""
    told = unavailable(error)
    if told is None:
        raise error
    return refused(request, told)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """Answer what does not exist and what may not be seen alike."""
    return api.create_response(
        request, {"code": "not-found", "sentence": "There is nothing at this address.", "numbers": {}}, status=404
    )
