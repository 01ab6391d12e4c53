"""What a visitor sees when something was refused: what was asked, what was possible, and what to do next."""

from collections.abc import Callable
from typing import Any, Final

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from moonbridge import errors
from moonbridge.cooperation import commands
from moonbridge.database import only_reads, read_only, unavailable

STATUS: tuple[tuple[type[errors.MoonbridgeError], int], ...] = (
    (errors.InputError, 400),
    (errors.DeadlinePassed, 409),
    (errors.Refused, 409),
    (errors.Infeasible, 422),
    (errors.Unavailable, 503),
    (errors.MoonbridgeError, 400),
)


def status_of(error: errors.MoonbridgeError) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


TOO_MANY: Final = 429
RETRY_AFTER: Final[tuple[tuple[type[errors.MoonbridgeError], int], ...]] = ((errors.Busy, 1), (errors.Unavailable, 60))
"""Seconds after which it is worth to send the same again."""


def when_again(answer: HttpResponse, error: errors.MoonbridgeError) -> HttpResponse:
    """Return the answer to a refusal with the header that says when to send the same again, where that makes sense."""
    seconds = next((seconds for kind, seconds in RETRY_AFTER if isinstance(error, kind)), None)
    if seconds is not None:
        answer["Retry-After"] = str(seconds)
    return answer


class RefusalMiddleware:
    """Turns a refusal that no view handled into a page; what somebody may not see is answered like what does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; where tries to sign in cannot be counted they are not too many, but cannot be served."""
        answer = self.get_response(request)
        return _page(request, read_only()) if answer.status_code == TOO_MANY and only_reads() else answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a :class:`~moonbridge.errors.MoonbridgeError`, and a database that cannot write; leave every other exception alone."""
        error = unavailable(exception) if isinstance(exception, DatabaseError) else exception
        if isinstance(error, errors.NotAllowed):
            raise Http404 from None
        if isinstance(error, errors.MoonbridgeError):
            return _page(request, error)
        return None


def _page(request: HttpRequest, error: errors.MoonbridgeError) -> HttpResponse:
    answer = render(request, "refusal.html", _context(request, error), status=status_of(error))
    return when_again(answer, error)


def _context(request: HttpRequest, error: errors.MoonbridgeError) -> dict[str, Any]:
    """Return what the page shows; with a command that was only out of time, the form that sends just the same again."""
    again = isinstance(error, errors.Unavailable) and commands.FIELD in request.POST and not request.FILES
    return {"error": error, "again": list(request.POST.lists()) if again else []}
