"""One's own account: who one is, and keys to the API. Passwords, passkeys and codes are allauth's pages."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts import actions
from moonbridge.accounts.forms import ProfileForm, TokenForm
from moonbridge.accounts.models import Token
from moonbridge.accounts.requests import SignedInRequest


@never_cache
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    """Show and change name, institution, country and language."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, gettext("Your profile is saved."))
        return redirect("profile")
    tokens = Token.objects.filter(user=request.user, revoked_at=None, expires_at__gt=Now())
    return render(request, "accounts/profile.html", {"form": form, "token_form": TokenForm(), "tokens": tokens})


@never_cache
@login_required
@require_POST
def make_token(request: SignedInRequest) -> HttpResponse:
    """Make an API key and show it once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say in a few words what the key is for."))
        return redirect("profile")
    key = actions.make_token(form.cleaned_data["name"], by=request.user)
    return render(request, "accounts/token.html", {"key": key, "name": form.cleaned_data["name"]})


@login_required
@require_POST
def revoke_token(request: SignedInRequest, token: UUID) -> HttpResponse:
    """Switch off one of one's own API keys."""
    actions.revoke_token(token, by=request.user)
    messages.success(request, gettext("The key no longer works."))
    return redirect("profile")
