"""What the office has received for a call."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities import queries as opportunities
from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity
from moonbridge.cooperation.proposals import actions, content, deadline, fit, queries
from moonbridge.cooperation.proposals.models import OptionKind, Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.record.queries import database_now

ORDERS: Final = {"code": "code", "title": "title", "submitted": "submitted_at", "state": "state"}


@never_cache
@login_required
def received(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what was received, once the deadline has passed: sorted, filtered, and what is asked against what is offered."""
    call = get_object_or_404(opportunities.for_page(request.user), slug=slug)
    letters = queries.letters_sent(request.user, call)
    if letters is None:
        raise Http404
    sealed = not deadline.opened(call, database_now())
    everything = list(queries.with_content(queries.received(request.user, call)))
    order = request.GET.get("order", "code")
    shown = _chosen(everything, request.GET.get("q", ""), request.GET.get("state", ""))
    shown.sort(key=lambda one: (str(getattr(one, ORDERS.get(order, "code")) or ""), one.code))
    context = {
        "opportunity": call, "letters": letters,
        "sealed": sealed, "proposals": [_row(one) for one in shown], "total": len(everything),
        "asked": _sums(call, [one for one in everything if one.state == State.SUBMITTED]),
        "merges": queries.merges_visible_to(request.user).filter(source__opportunity=call, target__isnull=False),
        "q": request.GET.get("q", ""), "order": order, "state": request.GET.get("state", ""),
        "states": [State.SUBMITTED, State.MERGED, State.WITHDRAWN],
    }  # fmt: skip
    return render(request, "proposals/received.html", context)


@login_required
@require_POST
def relate(request: SignedInRequest, key: UUID, relation: int) -> HttpResponse:
    """Say which proposal a team's statement means."""
    found = get_object_or_404(queries.visible_to(request.user), pk=key)
    row = get_object_or_404(found.relations.select_related("proposal"), pk=relation)
    code = request.POST.get("other", "")
    others = queries.received(request.user, found.opportunity)
    other = get_object_or_404(others, code=code[:20].replace("\0", "")) if code else None
    actions.resolve(row, other, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted; the recommendation obeys it."))
    return redirect("proposal", key=key)


def _chosen(proposals: Iterable[Proposal], words: str, state: str) -> list[Proposal]:
    wanted = words.casefold()
    return [
        one
        for one in proposals
        if (not state or one.state == state)
        and wanted in f"{one.code} {one.title} {one.acronym} {one.theme}".casefold()
    ]


def _row(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal with its full version's fit and the countries that take part."""
    said = content.read(proposal)
    full = next((option for option in said.options if option.kind == OptionKind.FULL), None)
    countries = sorted({participant.country for participant in said.participants if participant.country})
    return {"proposal": proposal, "fit": fit.of(full, proposal.opportunity) if full else None, "countries": countries}


def _sums(call: Opportunity, proposals: Iterable[Proposal]) -> list[dict[str, Any]]:
    """Return, line by line, how much the full versions ask for all together against what is offered."""
    asked: dict[Any, int] = {}
    for proposal in proposals:
        for option in proposal.options.all():
            if option.kind == OptionKind.FULL:
                for demand in option.demands.all():
                    asked[demand.line_id] = asked.get(demand.line_id, 0) + demand.amount
    return [_sum(line, asked.get(line.pk, 0)) for line in call.envelope.all()]


def _sum(line: EnvelopeLine, asked: int) -> dict[str, Any]:
    offered, words = line.available, line.kind.text
    of = (
        gettext("%(amount)s offered") % {"amount": words(offered)}
        if offered is not None
        else gettext("no limit stated")
    )
    text = gettext("%(amount)s asked") % {"amount": words(asked)} + f"; {of}"
    return {"line": line, "asked": asked, "offered": offered, "text": text}
