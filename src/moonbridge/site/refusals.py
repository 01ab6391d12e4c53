"""What a visitor sees when something was refused: what was asked, what was possible, and what to do next."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from moonbridge import errors

STATUS: tuple[tuple[type[errors.MoonbridgeError], int], ...] = (
    (errors.InputError, 400),
    (errors.DeadlinePassed, 409),
    (errors.Refused, 409),
    (errors.Infeasible, 422),
    (errors.MoonbridgeError, 400),
)


def status_of(error: errors.MoonbridgeError) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


class RefusalMiddleware:
    """Turns a refusal that no view handled into a page; what somebody may not see is answered like what does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a :class:`~moonbridge.errors.MoonbridgeError`; leave every other exception alone."""
        if isinstance(exception, errors.NotAllowed):
            raise Http404 from None
        if isinstance(exception, errors.MoonbridgeError):
            return render(request, "refusal.html", {"error": exception}, status=status_of(exception))
        return None
