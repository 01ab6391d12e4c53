"""Files of a proposal: added, removed, handed out as downloads and never shown."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.proposals import actions, parts, queries
from moonbridge.cooperation.proposals.forms import AttachmentForm
from moonbridge.cooperation.proposals.models import Attachment
from moonbridge.cooperation.proposals.views.access import written
from moonbridge.errors import InputError


@never_cache
@login_required
def attachment(request: SignedInRequest, key: UUID, file: UUID) -> HttpResponseBase:
    """Hand a file out: as a download, in a sandbox, and never taken for anything else than its checked type."""
    return downloads.kept_file(_file(request, key, file))


@login_required
@require_POST
def attach(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Add a file."""
    found = written(request.user, key)
    form = AttachmentForm(request.POST, request.FILES, dual=parts.is_dual(found.opportunity))
    if not form.is_valid():
        raise InputError(gettext("Choose a file first."), field="file")
    given = form.cleaned_data
    actions.attach(
        found, given["file"], title=given["title"], sealed=given.get("sealed", False), by=request.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("The file is kept."))
    return redirect("proposal-edit", key=key)


@login_required
@require_POST
def detach(request: SignedInRequest, key: UUID, file: UUID) -> HttpResponse:
    """Remove a file."""
    written(request.user, key)
    actions.detach(_file(request, key, file), by=request.user, command=commands.of(request))
    messages.success(request, gettext("The file is removed."))
    return redirect("proposal-edit", key=key)


def _file(request: SignedInRequest, key: UUID, file: UUID) -> Attachment:
    kept = queries.attachments_visible_to(request.user).select_related("proposal")
    return get_object_or_404(kept, proposal=key, pk=file)
