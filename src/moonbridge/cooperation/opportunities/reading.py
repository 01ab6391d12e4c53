"""An opportunity as people read it: its envelope by element, its rules as sentences, its news in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from moonbridge.cooperation.opportunities.models import (
    Accommodation,
    Amendment,
    EnvelopeLine,
    GroupKind,
    Measure,
    Opportunity,
    PortfolioRule,
    ReviewMode,
    StageKind,
)
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.programmes.models import Element


@dataclass(frozen=True, slots=True)
class Offer:
    """What one element offers, or the whole mission where ``element`` is None."""

    element: Element | None
    lines: list[EnvelopeLine]
    room: Accommodation | None


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to an opportunity, for feeds: ``key`` lasts, ``fragment`` is the place on its page."""

    key: str
    at: datetime
    title: str
    text: str
    fragment: str


def offers(opportunity: Opportunity) -> list[Offer]:
    """Return the envelope by element in the order of its lines; elements that only demand accommodation come last."""
    lines: dict[UUID | None, list[EnvelopeLine]] = {}
    elements: dict[UUID | None, Element | None] = {}
    for line in opportunity.envelope.all():
        lines.setdefault(line.element_id, []).append(line)
        elements[line.element_id] = line.element
    rooms = {room.element_id: room for room in opportunity.accommodations.all()}
    elements |= {key: room.element for key, room in rooms.items()}
    return [Offer(element, lines.get(key, []), rooms.get(key)) for key, element in elements.items()]


_EACH, _ONE, _DIFFERENT = "each", "one", "different"
_SENTENCES = {
    (GroupKind.COUNTRY, _EACH): (noop("At least %(n)s per country."), noop("At most %(n)s per country.")),
    (GroupKind.COUNTRY, _ONE): (noop("At least %(n)s from %(group)s."), noop("At most %(n)s from %(group)s.")),
    (GroupKind.COUNTRY, _DIFFERENT): (
        noop("At least %(n)s different countries."),
        noop("At most %(n)s different countries."),
    ),
    (GroupKind.INSTITUTION, _EACH): (noop("At least %(n)s per institution."), noop("At most %(n)s per institution.")),
    (GroupKind.INSTITUTION, _ONE): (noop("At least %(n)s with %(group)s."), noop("At most %(n)s with %(group)s.")),
    (GroupKind.INSTITUTION, _DIFFERENT): (
        noop("At least %(n)s different institutions."),
        noop("At most %(n)s different institutions."),
    ),
    (GroupKind.THEME, _EACH): (noop("At least %(n)s per science theme."), noop("At most %(n)s per science theme.")),
    (GroupKind.THEME, _ONE): (
        noop("At least %(n)s on the theme “%(group)s”."),
        noop("At most %(n)s on the theme “%(group)s”."),
    ),
    (GroupKind.THEME, _DIFFERENT): (
        noop("At least %(n)s different science themes."),
        noop("At most %(n)s different science themes."),
    ),
    (GroupKind.ELEMENT, _EACH): (noop("At least %(n)s per element."), noop("At most %(n)s per element.")),
    (GroupKind.ELEMENT, _ONE): (noop("At least %(n)s on the %(group)s."), noop("At most %(n)s on the %(group)s.")),
    (GroupKind.ELEMENT, _DIFFERENT): (
        noop("At least %(n)s different elements."),
        noop("At most %(n)s different elements."),
    ),
    (GroupKind.FIRST_TIME, _EACH): (
        noop("At least %(n)s by first-time participants."),
        noop("At most %(n)s by first-time participants."),
    ),
    (GroupKind.ALL, _EACH): (noop("At least %(n)s in all."), noop("At most %(n)s in all.")),
}


_WHOM = {
    (GroupKind.COUNTRY, _EACH): noop("Each country"),
    (GroupKind.INSTITUTION, _EACH): noop("Each institution"),
    (GroupKind.THEME, _EACH): noop("Each science theme"),
    (GroupKind.ELEMENT, _EACH): noop("Each element"),
    (GroupKind.FIRST_TIME, _EACH): noop("First-time participants"),
    (GroupKind.ALL, _EACH): noop("All together"),
    (GroupKind.COUNTRY, _ONE): noop("%(group)s"),
    (GroupKind.INSTITUTION, _ONE): noop("%(group)s"),
    (GroupKind.THEME, _ONE): noop("The theme “%(group)s”"),
    (GroupKind.ELEMENT, _ONE): noop("%(group)s"),
}
_MEASURED = {
    (Measure.AMOUNT, True): (
        noop("%(whom)s: at least %(n)s of %(resource)s."),
        noop("%(whom)s: at most %(n)s of %(resource)s."),
    ),
    (Measure.PART, True): (
        noop("%(whom)s: at least %(n)s of the %(resource)s that is granted."),
        noop("%(whom)s: at most %(n)s of the %(resource)s that is granted."),
    ),
    (Measure.PART, False): (
        noop("%(whom)s: at least %(n)s of the selected proposals, each counted by its shares."),
        noop("%(whom)s: at most %(n)s of the selected proposals, each counted by its shares."),
    ),
    (Measure.SHARES, False): (
        noop("%(whom)s: at least %(n)s selected proposals, each counted by its shares."),
        noop("%(whom)s: at most %(n)s selected proposals, each counted by its shares."),
    ),
}


def rule_sentences(rule: PortfolioRule) -> Iterator[str]:
    """Yield what ``rule`` demands of the portfolio, one sentence per bound."""
    for sentence, bound in zip(_bounds_of(rule), (rule.at_least, rule.at_most), strict=True):
        if bound is not None:
            told = {
                "n": rule.bound_text(bound),
                "group": rule.group,
                "resource": rule.resource_label,
                "whom": _whom(rule),
            }
            yield _(sentence) % told


def _whom(rule: PortfolioRule) -> str:
    how = _ONE if rule.group else _EACH
    whom = _WHOM.get((GroupKind(rule.by), how)) or _WHOM[GroupKind(rule.by), _EACH]
    return _(whom) % {"group": rule.group}


def _bounds_of(rule: PortfolioRule) -> tuple[str, str]:
    """Return the sentences for at least and at most so much."""
    if rule.measure != Measure.NUMBER:
        return _MEASURED[Measure(rule.measure), bool(rule.resource)]
    how = _DIFFERENT if rule.distinct else _ONE if rule.group else _EACH
    return _SENTENCES.get((GroupKind(rule.by), how)) or _SENTENCES[GroupKind(rule.by), _EACH]


def lottery_sentence(opportunity: Opportunity) -> str:
    """Return how close is equal, and how that is drawn; empty where the call holds no lottery."""
    if not opportunity.lottery_within:
        return ""
    told = {"within": opportunity.lottery_points, "seed": opportunity.draw_seed}
    return (
        _(
            "Portfolios whose total merit lies at most %(within)s below the best count as equal (a proposal has at most 100): "
            "a draw with the public seed %(seed)s decides among them."
        )
        % told
    )


def change_lines(amendment: Amendment) -> list[str]:
    """Return what an amendment changed, one line each, in the reader's language as far as the words are ours."""
    return [
        _("%(what)s: %(before)s → %(after)s")
        % {
            "what": ", ".join(_(word) for word in (*change["subject"], change["field"]) if word),
            "before": _(change["before"]) if change["before"] else _("nothing"),
            "after": _(change["after"]) if change["after"] else _("nothing"),
        }
        for change in amendment.changes
    ]


def news(opportunity: Opportunity) -> list[News]:
    """Return what happened to a published opportunity, the newest first; ``opportunity`` comes from ``queries.for_page``."""
    found = [*_life(opportunity)]
    for amendment in opportunity.amendments.all():
        title = _("Amendment %(number)s") % {"number": amendment.number}
        text = "\n".join([amendment.reason, *change_lines(amendment)])
        found.append(News(f"amendment-{amendment.number}", amendment.at, title, text, f"amendment-{amendment.number}"))
    for question in getattr(opportunity, "answered", ()):
        text = f"{question.text}\n\n{question.answer}"
        found.append(
            News(
                f"answer-{question.pk}",
                question.answered_at,
                _("A question was answered"),
                text,
                f"question-{question.pk}",
            )
        )
    return sorted(found, key=lambda one: one.at, reverse=True)


_MODES = {
    ReviewMode.OPEN: (
        noop("Reviewers know who proposes, and the team learns who reviewed."),
        noop("Write as in any open call; nothing has to be hidden."),
    ),
    ReviewMode.REVIEWER_BLIND: (
        noop("Reviewers know who proposes; the team never learns who reviewed."),
        noop("Write as in any open call; nothing has to be hidden."),
    ),
    ReviewMode.DUAL: (
        noop("Reviewers do not know who proposes until their marks are given; the team never learns who reviewed."),
        noop(
            "What you propose is written without names, institutions and links to yourselves. Who you are and why you can do it goes "
            "into a sealed part of its own, which is opened to those who judge when all marks are locked."
        ),
        noop(
            "When you submit, the open part is checked for what would tell who you are, and documents are cleaned of hidden data."
        ),
    ),
}


def mode_sentences(mode: str) -> list[str]:
    """Return what a mode of review means for a team, in the reader's language."""
    return [_(sentence) for sentence in _MODES[ReviewMode(mode)]]


_HAPPENED = {
    StageKind.DECLARATIONS: noop("The reviewers have declared their conflicts"),
    StageKind.REVIEWS: noop("The reviews are in"),
    StageKind.DISCUSSION: noop("The panels have met"),
}
"""What is said of stages of the review when they have happened; the names of the others say it themselves."""


def _life(opportunity: Opportunity) -> Iterator[News]:
    if opportunity.published_at:
        yield News("published", opportunity.published_at, _("Published"), opportunity.shown_summary, "")
    for date in opportunity.stage_dates.all():
        if date.kept and date.stage != "open":
            title = _(_HAPPENED.get(StageKind(date.stage), "")) or str(date.get_stage_display())
            yield News(f"kept-{date.stage}", date.kept, title, date.note, "dates")


def tone(opportunity: Opportunity, now: datetime) -> str:
    """Return the tone of the state's badge: an open one whose deadline is over no longer looks open."""
    if opportunity.state == State.OPEN:
        return "warn" if opportunity.deadline and opportunity.deadline <= now else "open"
    return {State.DECIDED: "good", State.CANCELLED: "bad"}.get(State(opportunity.state), "info")
