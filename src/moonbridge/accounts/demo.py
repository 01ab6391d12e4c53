"""Sign-in links for a demonstration. They work in demo mode only; everywhere else the address does not exist."""

from typing import Final

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from moonbridge.accounts.models import User

ROLES: Final = {
    "programme office": "office@demo.moonbridge.example",
    "team": "team@demo.moonbridge.example",
    "reviewer": "reviewer@demo.moonbridge.example",
    "panel chair": "chair@demo.moonbridge.example",
    "panel secretary": "secretary@demo.moonbridge.example",
    "technical reviewer": "technical@demo.moonbridge.example",
    "external referee": "referee@demo.moonbridge.example",
    "observer": "observer@demo.moonbridge.example",
    "curator": "curator@demo.moonbridge.example",
}
_SIGNER: Final = signing.TimestampSigner(salt="moonbridge.accounts.demo")


def sign_in_links(base_url: str) -> list[tuple[str, str]]:
    """Return one link per role of the demonstration; the visitor's is the home page."""
    links = [
        (role, base_url.rstrip("/") + reverse("demo-enter", args=[_SIGNER.sign(email)]))
        for role, email in ROLES.items()
    ]
    return [*links, ("visitor", base_url.rstrip("/") + "/")]


def enter(request: HttpRequest, ticket: str) -> HttpResponse:
    """Sign the holder of a demonstration link in and lead them to their desk."""
    if not settings.DEMO:
        raise Http404
    try:
        email = _SIGNER.unsign(ticket)
    except signing.BadSignature:
        raise Http404 from None
    user = get_object_or_404(User, email=email, is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("desk")
