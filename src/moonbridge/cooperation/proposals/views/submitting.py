"""Letter of intent, submission with its receipt, taking back, withdrawing, restoring."""

from datetime import datetime
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
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.opportunities.actions.life import GRACE
from moonbridge.cooperation.proposals import actions, anonymity, content, deadline, parts, queries, receipts
from moonbridge.cooperation.proposals.forms import WithdrawForm
from moonbridge.cooperation.proposals.models import Proposal, Submission
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.proposals.views.access import led
from moonbridge.cooperation.proposals.views.drafts import lacking
from moonbridge.engines.ledger.seal import digest
from moonbridge.record.queries import database_now

_REASON: Final = "reason-"
LONGEST_REASON: Final = 2000


@never_cache
@login_required
@deadline.begun
def submit(request: SignedInRequest, begun_at: datetime, key: UUID) -> HttpResponse:
    """Show exactly what will be received, ask once more, and receive it."""
    found = led(request.user, key)
    if request.method == "POST":
        version = request.POST.get("version", "")
        made = actions.submit(
            found,
            version=int(version) if version.isdecimal() else 0,
            by=request.user,
            command=commands.of(request),
            begun_at=begun_at,
        )
        messages.success(request, gettext("Received. Here is your receipt; it was mailed to the team as well."))
        return redirect("proposal-receipt", key=key, number=made.number)
    if found.state != State.DRAFT:
        return redirect("proposal", key=key)
    return render(request, "proposals/submit.html", _confirmation(found))


def _confirmation(found: Proposal) -> dict[str, Any]:
    received = receipts.content_of(found)
    told = anonymity.findings(found)
    reasons = dict(found.explanations.values_list("key", "reason"))
    return {
        "certain": [(one, anonymity.WORDS[one.kind], reasons.get(one.digest, "")) for one in told if one.certain],
        "doubtful": [(one, anonymity.WORDS[one.kind]) for one in told if not one.certain],
        "unexplained": anonymity.unexplained(found, told), "dual": parts.is_dual(found.opportunity),
        "proposal": found, "opportunity": found.opportunity, "received": received, "digest": digest(received),
        "missing": lacking(found, content.read(found)), "over": deadline.over(found.opportunity, database_now()), "grace": GRACE,
    }  # fmt: skip


@login_required
@require_POST
def explain(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Keep the reasons why passages stay that could tell who proposes."""
    found = led(request.user, key)
    reasons = {
        name.removeprefix(_REASON): str(text)[:LONGEST_REASON].replace("\0", "")
        for name, text in request.POST.items()
        if name.startswith(_REASON)
    }
    actions.explain(found, reasons, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Your reasons are kept; the office reads them."))
    return redirect("proposal-submit", key=key)


@login_required
@require_POST
@deadline.begun
def send_letter(request: SignedInRequest, begun_at: datetime, key: UUID) -> HttpResponse:
    """Send the letter of intent as it was saved."""
    actions.send_letter(led(request.user, key), by=request.user, command=commands.of(request), begun_at=begun_at)
    messages.success(request, gettext("Your letter of intent was received."))
    return redirect("proposal", key=key)


@never_cache
@login_required
def receipt(request: SignedInRequest, key: UUID, number: int) -> HttpResponse:
    """Show a receipt: what was received, when, and how to verify it."""
    found = _submission(request, key, number)
    context = {
        "submission": found,
        "proposal": found.proposal,
        "opportunity": found.proposal.opportunity,
        "received": found.content,
    }
    return render(request, "proposals/receipt.html", context)


@never_cache
@login_required
def receipt_file(request: SignedInRequest, key: UUID, number: int) -> HttpResponse:
    """Hand out a receipt as the file that verifies offline."""
    found = _submission(request, key, number)
    name = f"receipt-{found.proposal.code}-{found.number}.json"
    return downloads.json_file(found.receipt | {"content": found.content}, name)


def _submission(request: SignedInRequest, key: UUID, number: int) -> Submission:
    return get_object_or_404(queries.submissions_visible_to(request.user), proposal=key, number=number)


@never_cache
@login_required
def unsubmit(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Ask once more, then make it a draft again."""
    found = led(request.user, key)
    if request.method == "POST":
        actions.unsubmit(found, by=request.user, command=commands.of(request))
        messages.warning(request, gettext("Taken back. It does not count until you submit it again."))
        return redirect("proposal-edit", key=key)
    return _ask(request, found, State.SUBMITTED, "proposals/unsubmit.html")


@never_cache
@login_required
def withdraw(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Ask once more, then withdraw."""
    found, form = led(request.user, key), WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(found, reason=form.cleaned_data["reason"], by=request.user, command=commands.of(request))
        messages.warning(request, gettext("Withdrawn."))
        return redirect("proposal", key=key)
    if found.state not in {State.DRAFT, State.SUBMITTED}:
        raise Http404
    return render(request, "proposals/withdraw.html", _asked(found) | {"form": form})


@never_cache
@login_required
def restore(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Ask once more, then make a withdrawn proposal a draft again."""
    found = led(request.user, key)
    if request.method == "POST":
        actions.restore(found, by=request.user, command=commands.of(request))
        messages.success(request, gettext("Restored as a draft."))
        return redirect("proposal-edit", key=key)
    return _ask(request, found, State.WITHDRAWN, "proposals/restore.html")


def _ask(request: SignedInRequest, found: Proposal, state: State, template: str) -> HttpResponse:
    if found.state != state:
        raise Http404
    return render(request, template, _asked(found))


def _asked(found: Proposal) -> dict[str, Any]:
    return {
        "proposal": found,
        "opportunity": found.opportunity,
        "over": deadline.over(found.opportunity, database_now()),
    }
