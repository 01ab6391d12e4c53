"""Follow an opportunity by mail: strangers confirm first, and everybody can end it with one click."""

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from moonbridge.cooperation.opportunities import actions, queries
from moonbridge.cooperation.opportunities.forms import FollowForm
from moonbridge.cooperation.opportunities.states import PUBLIC


@never_cache
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an address to tell; the answer is the same whether it follows already or not."""
    found = get_object_or_404(queries.visible_to(request.user).filter(state__in=PUBLIC), slug=slug)
    form = FollowForm(request.POST or None, initial={"email": getattr(request.user, "email", "")})
    if request.method == "POST" and not ratelimit.consume(request, action="opportunity_follow"):
        return ratelimit.respond_429(request)  # type: ignore[no-any-return]
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        actions.follow(found, email, language=get_language() or "en", by=request.user)
        own = request.user.is_authenticated and request.user.email.lower() == email.lower()
        messages.success(
            request,
            _("You will be told of every change.")
            if own
            else _("Look into the mailbox of %(email)s and confirm.") % {"email": email},
        )
        return redirect("opportunity", slug=slug)
    return render(request, "opportunities/follow.html", {"opportunity": found, "form": form})


@never_cache
def following(request: HttpRequest, token: UUID) -> HttpResponse:
    """Confirm a following, or show how to end it. Opening the mailed link changes nothing: mail scanners open links too."""
    held = get_object_or_404(queries.following(token))
    if request.method == "POST":
        actions.confirm(token)
        messages.success(request, _("You will be told of every change."))
        return redirect("following", token=token)
    return render(request, "opportunities/following.html", {"follow": held, "opportunity": held.opportunity})


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the token is the authority
@require_POST
def stop(request: HttpRequest, token: UUID) -> HttpResponse:
    """End a following and forget the address."""
    held = queries.following(token).first()
    actions.unfollow(token)
    return render(request, "opportunities/unfollowed.html", {"opportunity": held.opportunity if held else None})
