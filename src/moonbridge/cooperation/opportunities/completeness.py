"""What still keeps an opportunity from being published, all of it at once."""

import itertools
import operator
from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import GroupKind, Measure, PortfolioRule, StageKind
from moonbridge.cooperation.opportunities.terms import PARTS, Terms


def missing(terms: Terms, *, now: datetime | None, replay: bool = False) -> list[str]:
    """Return one sentence for each thing that is missing or contradicts another; empty when the terms can be published.

    Deadlines must lie after ``now``; without it (a replay, an amendment that leaves them alone) they may be over. A ``replay``
    says what the real call is known to have said, and leaves the rest unknown.
    """
    demanded = () if replay else (*_unsaid(terms), *_unpromised(terms))
    return [*demanded, *_rows(terms), *_dates(terms), *(_over(terms, now) if now else ())]


def doubled(terms: Terms) -> list[str]:
    """Return one sentence for each row that is given twice."""
    found = []
    for part in PARTS:
        seen = set()
        for row in getattr(terms, part.name):
            if (key := part.key_of(row)) in seen:
                found.append(_("“%(row)s” is given twice.") % {"row": ": ".join(map(_, part.subject(row)))})
            seen.add(key)
    return found


def _unsaid(terms: Terms) -> Iterator[str]:
    wanted = {
        _("The title is missing."): terms.title,
        _("The summary is missing."): terms.summary,
        _("Nothing says who may take part (eligibility)."): terms.eligibility,
        _("No element of the mission is chosen."): terms.elements,
        _("The envelope offers nothing yet."): terms.envelope,
        _("There is no criterion to judge by."): terms.criteria,
        _("The deadline for proposals is missing."): terms.deadline,
    }
    yield from (sentence for sentence, given in wanted.items() if not given)


def _unpromised(terms: Terms) -> Iterator[str]:
    if not any(date.stage == StageKind.DECISION and date.promised for date in terms.stage_dates):
        yield _("No date is promised for the decision.")


def _rows(terms: Terms) -> Iterator[str]:
    offered = {element.pk for element in terms.elements}
    yield from doubled(terms)
    for line in terms.envelope:
        subject = {"line": f"{line.element or _('whole mission')}: {line.label}"}
        if line.element_id and line.element_id not in offered:
            yield _("“%(line)s” belongs to an element that is not offered.") % subject
        if line.total is None and line.per_item is None:
            yield _("“%(line)s” states no limit, neither in total nor per item.") % subject
        if line.total is not None and line.per_item is not None and line.per_item > line.total:
            yield _("“%(line)s” allows one item more than all together.") % subject
        if line.total is not None and line.margin > line.total:
            yield _("“%(line)s” holds back more than there is.") % subject
    for criterion in terms.criteria:
        if criterion.highest <= criterion.lowest:
            yield _("The scale of “%(name)s” does not rise.") % {"name": criterion.name}
    for rule in terms.portfolio_rules:
        yield from _rule(rule, terms)


def _rule(rule: PortfolioRule, terms: Terms) -> Iterator[str]:
    limited = {line.of_resource for line in terms.envelope if line.total is not None or line.per_item is not None}
    if rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
        yield _("A portfolio rule asks for at least %(least)s and at most %(most)s.") % {
            "least": rule.bound_text(rule.at_least),
            "most": rule.bound_text(rule.at_most),
        }
    if rule.resource and rule.of_resource not in limited:
        yield _("A portfolio rule speaks of “%(resource)s”, of which the envelope states no limit.") % {
            "resource": rule.resource_label
        }
    if rule.measure != Measure.NUMBER and rule.by == GroupKind.ELEMENT:
        yield _("By element a portfolio rule counts proposals only; the envelope limits the resources of each element.")
    if rule.measure == Measure.PART and rule.by == GroupKind.ALL:
        yield _("A portfolio rule speaks of a part for all proposals; together they always have all.")


def _dates(terms: Terms) -> Iterator[str]:
    promised = {date.stage: date.promised for date in terms.stage_dates if date.promised}
    if terms.letter_required and terms.letter_deadline is None:
        yield _("Letters of intent are asked for, but their deadline is missing.")
    ordered = [
        (_("the deadline for letters of intent"), terms.letter_deadline if terms.letter_required else None),
        (_("the first selection"), promised.get(StageKind.SHORTLIST)),
        (_("the deadline for proposals"), terms.deadline),
        (_("the decision"), promised.get(StageKind.DECISION)),
        (_("the confirmation"), promised.get(StageKind.CONFIRMATION)),
    ]
    judging = [
        (_("the deadline for proposals"), terms.deadline),
        (_("the reviewers' declarations"), promised.get(StageKind.DECLARATIONS)),
        (_("the reviews"), promised.get(StageKind.REVIEWS)),
        (_("the panels' meetings"), promised.get(StageKind.DISCUSSION)),
        (_("the decision"), promised.get(StageKind.DECISION)),
    ]
    yield from dict.fromkeys([*_disordered(ordered, operator.ge), *_disordered(judging, operator.gt)])


def _disordered(
    ordered: list[tuple[str, datetime | None]], wrong: Callable[[datetime, datetime], bool]
) -> Iterator[str]:
    """Yield a sentence for each two neighbours of the dates that are known of which it is ``wrong`` to stand in this order."""
    known = [(name, at) for name, at in ordered if at is not None]
    for (first, earlier), (second, later) in itertools.pairwise(known):
        if wrong(earlier, later):
            yield _("The dates are out of order: %(first)s must come before %(second)s.") % {
                "first": first,
                "second": second,
            }


def _over(terms: Terms, now: datetime) -> Iterator[str]:
    if terms.deadline is not None and terms.deadline <= now:
        yield _("The deadline for proposals is over already.")
    if terms.letter_required and terms.letter_deadline is not None and terms.letter_deadline <= now:
        yield _("The deadline for letters of intent is over already.")
