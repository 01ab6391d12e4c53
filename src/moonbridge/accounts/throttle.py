"""Nobody may send more changes or searches than a person (or a well-behaved program) does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moonbridge.accounts.actions import allow
from moonbridge.database import unavailable

WINDOW: Final = timedelta(minutes=1)
CHANGES: Final = 120
"""Changing requests per minute and person; an autosave every two seconds and then some."""
STRANGERS_CHANGES: Final = 30
"""The same for somebody who is not signed in, by address."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ThrottleMiddleware:
    """Answers 429 to changing requests beyond the allowance. Sign-in has stricter limits of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer that it was one too many."""
        if request.method in SAFE or self._may(request):
            return self.get_response(request)
        answer = render(request, "429.html", status=429)
        answer["Retry-After"] = str(int(WINDOW.total_seconds()))
        return answer

    @staticmethod
    def _may(request: HttpRequest) -> bool:
        known = request.user.is_authenticated
        who = request.user.pk if known else request.META.get("REMOTE_ADDR", "")
        times = CHANGES if known else STRANGERS_CHANGES
        try:
            return allow(f"change:{who}", times=times * settings.THROTTLE_FACTOR, within=WINDOW)
        except DatabaseError as error:
            if unavailable(error) is None:
                raise
            return True  # what cannot be counted can change nothing either; the page says why
