"""Ask, and answer for everybody."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities import actions, queries, rules
from moonbridge.cooperation.opportunities.forms import WordsForm
from moonbridge.errors import MoonbridgeError


@never_cache
@login_required
def questions(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show one's own questions and let one ask; the office sees all of them here and answers."""
    found = get_object_or_404(queries.visible_to(request.user), slug=slug)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and not ratelimit.consume(request, action="opportunity_ask"):
        return ratelimit.respond_429(request)  # type: ignore[no-any-return]
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(found, form.cleaned_data["text"], by=request.user, command=commands.of(request))
        except MoonbridgeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Your question was sent. It becomes public together with its answer, without your name.")
            )
            return redirect("opportunity-questions", slug=slug)
    office = rules.is_office(request.user, found)
    visible = queries.questions(request.user).filter(opportunity=found)
    context = {
        "opportunity": found,
        "form": form,
        "is_office": office,
        "can_ask": rules.can_ask(request.user, found),
        "questions": visible if office else visible.filter(asked_by=request.user),
    }
    return render(request, "opportunities/questions.html", context)


@login_required
@require_POST
def answer(request: SignedInRequest, slug: str, key: str) -> HttpResponse:
    """Answer a question."""
    asked = get_object_or_404(queries.questions(request.user), opportunity__slug=slug, pk=key)
    actions.answer(asked, request.POST.get("text", ""), by=request.user, command=commands.of(request))
    messages.success(request, _("The answer is public now, and everybody who follows is told."))
    return redirect("opportunity-questions", slug=slug)
