"""What the panel states about proposals: the office writes it down, and takes it back, until the decision is published."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.queries import visible_to
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.selection import actions, rules
from moonbridge.cooperation.selection.forms import STATEMENT_FORMS, StatementForm
from moonbridge.cooperation.selection.models import Statement, StatementKind
from moonbridge.cooperation.selection.statements import MERIT_SCALE, as_said, with_proposals
from moonbridge.cooperation.selection.views.office import opportunity_of, user_of
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.errors import InputError, Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def statements(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the panel states and has withdrawn; write down another statement."""
    opportunity = opportunity_of(request, slug)
    received = visible_to(request.user).filter(opportunity=opportunity, state=State.SUBMITTED).order_by("code")
    proposals = {proposal.code: proposal for proposal in received.select_related("opportunity")}
    asked = request.POST.get("kind", "")
    forms = {kind: _form(kind, request, proposals, asked=asked) for kind in STATEMENT_FORMS}
    form = forms.get(asked)
    if form is not None and form.is_valid() and _stated(request, form, proposals):
        messages.success(request, _("Noted. Ask for a new recommendation to see what it changes."))
        return redirect("selection-statements", slug)
    status = 400 if request.method == "POST" else 200
    return render(request, "selection/statements.html", _context(request, opportunity, forms), status=status)


def _form(kind: str, request: HttpRequest, proposals: dict[str, Proposal], *, asked: str) -> StatementForm:
    named = [(code, f"{code} {proposal.title}".strip()) for code, proposal in proposals.items()]
    return STATEMENT_FORMS[kind](request.POST if kind == asked else None, proposals=named)


def _context(request: HttpRequest, opportunity: Opportunity, forms: dict[str, StatementForm]) -> dict[str, Any]:
    wording = Wording(opportunity)
    made = [(wording.stated(as_said(one)), one) for one in with_proposals(opportunity.statements.all())]
    return {
        "opportunity": opportunity,
        "may_choose": rules.may_choose(request.user, opportunity),
        "standing": [(words, one) for words, one in made if one.withdrawn_at is None],
        "withdrawn": [(words, one) for words, one in made if one.withdrawn_at is not None],
        "forms": [(StatementKind(kind).label, kind, form) for kind, form in forms.items()],
    }


def _stated(request: HttpRequest, form: StatementForm, proposals: dict[str, Proposal]) -> bool:
    """Write down what a valid form says; what is refused is said in the form."""
    given = form.cleaned_data
    said: dict[str, Any] = {"reason": given["reason"], "by": user_of(request), "command": commands.of(request)}
    try:
        match form.kind:
            case StatementKind.AT_MOST:
                actions.state_at_most([proposals[code] for code in given["proposals"]], given["number"], **said)
            case StatementKind.TOGETHER:
                worth = int(given["worth"] * MERIT_SCALE)
                actions.state_together(proposals[given["first"]], proposals[given["second"]], worth, **said)
            case StatementKind.NEEDS:
                others = [proposals[code] for code in given["others"]]
                actions.state_need(proposals[given["proposal"]], others, given["number"] or len(others), **said)
    except (InputError, Refused) as error:
        form.add_error(None, error.sentence)
        return False
    return True


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Take a statement back."""
    made = Statement.objects.select_related("opportunity").filter(opportunity=opportunity_of(request, slug))
    found = get_object_or_404(with_proposals(made), pk=key)
    actions.withdraw_statement(found, by=user_of(request), command=commands.of(request))
    messages.success(request, _("Taken back. Ask for a new recommendation to see what it changes."))
    return redirect("selection-statements", slug)
