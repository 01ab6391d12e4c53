"""Pictures and publications of a piece: attached by its curators, reported by borrowers, handed out to everybody."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.samples.actions import publishing
from moonbridge.cooperation.samples.forms.publishing import PictureForm, PublicationForm
from moonbridge.cooperation.samples.queries import published
from moonbridge.cooperation.samples.steps import read
from moonbridge.cooperation.samples.views.access import loan_borrowed, piece_kept


@dataclass(frozen=True, slots=True)
class _Small:
    """The small form of a picture, as a download."""

    file: Any
    name: str
    media_type: str = "image/jpeg"


@require_safe
def picture(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Hand a picture out, in a sandbox should a browser open it by itself."""
    return downloads.kept_file(get_object_or_404(published.pictures_visible_to(request.user), pk=key))


@require_safe
def preview(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Hand out the small form of a picture."""
    found = get_object_or_404(published.pictures_visible_to(request.user), pk=key)
    return downloads.kept_file(_Small(found.preview, f"small-{found.pk.hex[:6]}.jpg"))


@never_cache
@login_required
@require_POST
def add_picture(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Attach a picture to a piece."""
    split, given = piece_kept(request.user, key), read(PictureForm(request.POST, request.FILES))
    publishing.add_picture(
        split, given["file"], caption=given["caption"], credit=given["credit"], by=request.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("The picture is kept; only its pixels."))
    return redirect("sample-history", key=key)


@never_cache
@login_required
@require_POST
def remove_picture(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Take a picture off."""
    found = get_object_or_404(published.pictures_visible_to(request.user), pk=key)
    publishing.remove_picture(found, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Taken off."))
    return redirect("sample-history", key=found.split_id)


@never_cache
@login_required
@require_POST
def add_publication(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Note what was published on a piece."""
    split, form = piece_kept(request.user, key), PublicationForm(request.POST)
    read(form)
    publishing.add_publication(split, form.cited, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted."))
    return redirect("sample-history", key=key)


@never_cache
@login_required
@require_POST
def remove_publication(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Take a publication off."""
    found = get_object_or_404(published.publications_visible_to(request.user), pk=key)
    publishing.remove_publication(found, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Taken off."))
    return redirect("sample-history", key=found.split_id)


@never_cache
@login_required
@require_POST
def report_publication(request: SignedInRequest, code: str) -> HttpResponse:
    """Report what was published on the material of one's loan."""
    found, form = loan_borrowed(request.user, code), PublicationForm(request.POST)
    read(form)
    publishing.report_publication(found, form.cited, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted on each piece of this loan."))
    return redirect("loan", code=code)
