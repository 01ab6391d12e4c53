"""The requests of an agency as one selection problem: grams are the envelope."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import mean
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.conflicts import standing
from moonbridge.cooperation.samples.models import Assessment, Request, RequestLine
from moonbridge.cooperation.samples.states.lending import RequestState
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.engines.lending.allocation import Asking, problem
from moonbridge.engines.lending.fit import Stock
from moonbridge.engines.lending.policy import Policy, Unit
from moonbridge.engines.selection.problem import Problem
from moonbridge.errors import Refused


def candidates(agency: Partner, policy: Policy) -> Problem:
    """Return the submitted requests that have a mark, and what can be lent of each split they ask for, as a selection problem."""
    found = list(judged(agency))
    if not found:
        raise Refused(gettext("No submitted request has a mark of the committee yet."))
    splits = {line.split_id: line.split for request in found for line in request.lines.all()}
    there = stocks(splits.values())
    asked = [_asking(request, there, policy) for request in found]
    seed = "/".join(sorted(str(request.pk) for request in found))
    return problem(policy, there.values(), asked, seed=seed, title=f"{agency.name}: samples")


def judged(agency: Partner) -> Sequence[Request]:
    """Return the submitted requests of an agency that at least one member of the committee without a conflict marked, by code."""
    lines = RequestLine.objects.select_related("split__collection__book")
    found = Request.objects.filter(agency=agency, state=RequestState.SUBMITTED).order_by("code")
    given = Assessment.objects.filter(request__in=found, mark__isnull=False).select_related("by")
    ties = standing(list(found.select_related("by")), {mark.by for mark in given})
    barred = {(tie.request, tie.user) for tie in ties}
    marks = given.exclude(pk__in=[mark.pk for mark in given if (mark.request_id, mark.by_id) in barred])
    loaded = found.prefetch_related(Prefetch("lines", lines), Prefetch("assessments", marks))
    return [request for request in loaded if request.assessments.all()]


def _asking(request: Request, there: Mapping[UUID, Stock], policy: Policy) -> Asking:
    lines = [(there[line.split_id], line) for line in request.lines.all()]
    full = {stock.name: _mass(stock, line, policy) for stock, line in lines}
    least = {stock.name: line.least_ng or full[stock.name] for stock, line in lines}
    merit = Fraction(mean(Fraction(one.mark) for one in request.assessments.all() if one.mark is not None))
    worth = Fraction(sum(least.values()), sum(full.values()) or 1)
    return Asking(
        request.code, request.title, merit, full, least if least != full else {}, worth, synthetic=request.synthetic
    )


def _mass(stock: Stock, line: RequestLine, policy: Policy) -> int:
    """Return the nanograms asked for; a piece that is lent whole asks for all of it, which is more than nothing even when it is gone."""
    if policy.unit(stock.form) == Unit.WHOLE or line.mass_ng is None:
        return stock.original or 1
    return line.mass_ng
