"""The public pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show what is open now and what was shared."""
    return render(request, "portal/home.html")
