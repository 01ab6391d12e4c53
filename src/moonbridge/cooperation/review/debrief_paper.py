"""The debrief of a team as a paper: what its page shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.review.debriefing import in_words
from moonbridge.cooperation.review.models import Debrief, PanelKind, Verdict
from moonbridge.formats.paper import Block, Column, Facts, Heading, Listing, Paper, Paragraph, Table


def debrief_paper(debrief: Debrief) -> Paper:
    """Return a released debrief in the current language."""
    proposal, call = debrief.proposal, debrief.proposal.opportunity
    real = call.origin == Origin.REAL and not proposal.synthetic
    return Paper(
        title=f"{proposal.code} {proposal.title}".strip(),
        issuer=named(call.agency),
        date=debrief.released_at.date(),
        blocks=tuple(_blocks(debrief.content)),
        language=get_language() or "en",
        subtitle=_("What the panels said · %(call)s") % {"call": call.shown_title},
        reference=proposal.code,
        label="" if real else (str(call.get_origin_display()) if call.origin != Origin.REAL else _("synthetic")),
    )


def _blocks(content: Mapping[str, Any]) -> Iterator[Block]:
    for panel in content["panels"]:
        yield Heading(f"{panel['name']} ({PanelKind(panel['kind']).label})")
        yield from _panel(panel)
    if content["strengthen"]:
        yield Heading(_("What would strengthen it"))
        yield Listing(tuple(_step(told) for told in content["strengthen"]))
    if content["withheld"]:
        yield Paragraph(
            _("Comments that the programme office withheld: %(n)d.") % {"n": content["withheld"]}, muted=True
        )


def _panel(panel: Mapping[str, Any]) -> Iterator[Block]:
    if panel["criteria"]:
        columns = (Column(_("Criterion"), 2), Column(_("Mean"), numbers=True), Column(_("What it means"), 4))
        yield Table(columns, tuple(_row(told) for told in panel["criteria"]))
    if panel["verdicts"]:
        yield Facts(tuple((str(Verdict(value).label), str(n)) for value, n in panel["verdicts"].items()))
    if panel["to_team"]:
        yield Heading(_("The panel writes"), 2)
        yield Paragraph(panel["to_team"])
    for comment in panel["comments"]:
        yield Heading(_("Reviewer %(reviewer)s") % {"reviewer": comment["reviewer"]}, 2)
        if comment["text"]:
            yield Paragraph(comment["text"])
        if comment["parts"]:
            yield Listing(tuple(f"{in_words(part, 'criterion')}: {part['text']}" for part in comment["parts"]))


def _row(told: Mapping[str, Any]) -> tuple[str, str, str]:
    scale = f"{in_words(told, 'name')} ({told['lowest']} … {told['highest']})"
    means = [in_words(step, "text") for step in told["descriptors"] if step["value"] == told["near"]]
    if told.get("single"):  # debriefs that were released before this was said lack it
        means = [_("a single mark: no mean is told")]
    return scale, told["mean"] or "–", "".join(means) or "–"


def _step(told: Mapping[str, Any]) -> str:
    reached = _("%(criterion)s: %(mean)s of %(highest)s.") % {
        "criterion": in_words(told, "name"), "mean": told["mean"], "highest": told["highest"],
    }  # fmt: skip
    if not told["next"]:
        return reached
    asked = _("For %(value)s: %(text)s") % {"value": told["next"]["value"], "text": in_words(told["next"], "text")}
    return f"{reached} {asked}"
