"""Who would be reminded, and the button that reminds them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.review import reminding
from moonbridge.cooperation.review.actions.reminders import remind
from moonbridge.cooperation.review.reminding import What
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.views.chairing import PER_PAGE, panel_managed
from moonbridge.errors import InputError
from moonbridge.record.queries import database_now


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show who owes something that the person sees and who was reminded today already; a POST reminds the others."""
    panel = panel_managed(request.user, key)
    if request.method == "POST":
        what = _what(request.POST.get("what", ""))
        count = remind(panel, what, by=request.user, command=commands.of(request))
        told = ngettext("%(count)d person is reminded.", "%(count)d people are reminded.", count)
        messages.success(request, told % {"count": count})
        return redirect("panel-desk", key=key)
    what, now = _what(request.GET.get("what", What.REVIEWS)), database_now()
    owing = list(reminding.owing(panel, what, Sight(request.user).managed()))
    had = reminding.sent_by_hand(panel, what, now)
    calendar = reminding.announced(panel.round)
    context = {
        "panel": panel, "opportunity": panel.round.opportunity, "what": what.value,
        "page": Paginator([(seat, seat.pk in had) for seat in owing], PER_PAGE).get_page(request.GET.get("page")),
        "left": sum(seat.pk not in had for seat in owing),
        "calendar": [one for one in reminding.still_to_come(calendar, panel.round.state, now) if one.what == what],
    }  # fmt: skip
    return render(request, "review/panel/remind.html", context)


def _what(given: str) -> What:
    if given not in set(What):
        raise InputError(_("Choose of what people are reminded."), field="what")
    return What(given)
