"""Files of a proposal for those who review it: authorised by the kernel, under names that tell nobody anything."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import downloads
from moonbridge.cooperation.review.queries import documents, reviews


@never_cache
@login_required
@require_safe
def document(request: SignedInRequest, key: UUID, file: UUID) -> HttpResponseBase:
    """Hand a file out: as a download, in a sandbox, and only what the reader of this review may have."""
    review = get_object_or_404(reviews.own(request.user), pk=key)
    shown = documents.attachments(request.user, review.item)
    name = next((one["name"] for one in documents.named(shown) if one["id"] == file), None)
    if name is None:
        raise Http404
    kept = shown.get(pk=file)
    kept.name = name
    return downloads.kept_file(kept)
