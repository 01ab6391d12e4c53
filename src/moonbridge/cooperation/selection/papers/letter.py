"""The decision letter of a team as a paper: what its page shows."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.selection import letters, queries
from moonbridge.cooperation.selection.models import Outcome
from moonbridge.cooperation.selection.papers import heads
from moonbridge.cooperation.selection.queries import OwnScore
from moonbridge.cooperation.selection.states import OutcomeKind, State
from moonbridge.formats.paper import Block, Column, Facts, Heading, Listing, Paper, Paragraph, Table


def letter(outcome: Outcome, scores: Sequence[OwnScore], raw: str | None = None) -> Paper:
    """Return the letter on ``outcome``; ``scores`` are those that the reader may see. A draft says that it is one.

    ``raw`` is the merit by raw means, where calibrated merits counted.
    """
    decision, proposal = outcome.decision, outcome.proposal
    return heads.paper(
        decision.opportunity,
        f"{proposal.code} {proposal.title}".strip(),
        (
            *_outcome(outcome, raw),
            *_why(outcome),
            *_words(outcome),
            *_scores(list(scores)),
            Heading(_("What to do next")),
            Paragraph(letters.next_step(outcome)),
        ),
        at=decision.published_at,
        subtitle=f"{outcome.get_kind_display()} · {decision.opportunity.shown_title}",
        reference=proposal.code,
        label=_label(outcome),
    )


def _label(outcome: Outcome) -> str:
    draft = _("draft") if outcome.decision.state == State.DRAFT else ""
    made_up = (
        _("synthetic") if outcome.proposal.synthetic and outcome.decision.opportunity.origin != "synthetic" else ""
    )
    return " · ".join(word for word in (draft, made_up) if word)


def _outcome(outcome: Outcome, raw: str | None) -> Iterator[Block]:
    kind = outcome.get_kind_display()
    if outcome.kind == OutcomeKind.RESERVE:
        kind += ", " + _("rank %(rank)s") % {"rank": outcome.reserve_rank}
    if outcome.merged_into:
        kind += f": {outcome.merged_into.code}"
    rows = [(_("Outcome"), kind)]
    if outcome.option:
        element = f", {named(outcome.option.element)}" if outcome.option.element else ""
        rows.append((_("Option"), outcome.option.name + element))
    if outcome.condition:
        rows.append((_("Condition"), outcome.condition))
    if hasattr(outcome, "loss"):
        rows.append((_("Lost because"), outcome.loss.reason))
    merit = _("unknown") if outcome.merit is None else f"{shown(outcome.merit)} {_('of 100')}"
    rows.append((_("Merit"), merit))
    if raw is not None:
        rows.append((_("Raw mean"), f"{raw} {_('of 100; the merit allows for severe and lenient reviewers')}"))
    yield Facts(tuple(rows))


def _why(outcome: Outcome) -> Iterator[Block]:
    if not (reasons := letters.reasons(outcome)):
        return
    yield Heading(_("Why"))
    yield Listing(tuple(said.text for said in reasons))
    yield Paragraph(
        _(
            "The reason is that of the decision: the best portfolio as a whole was sought, within the envelope and the rules "
            "of the call. Proposals that are not public are not named."
        ),
        muted=True,
    )


def _words(outcome: Outcome) -> Iterator[Block]:
    if outcome.note:
        yield Heading(_("The programme office writes"))
        yield Paragraph(outcome.note)


def _scores(scores: list[OwnScore]) -> Iterator[Block]:
    card = queries.scorecard(scores)
    yield Heading(_("Your scores"))
    if not card.rows:
        yield Paragraph(_("No scores are kept for this proposal."))
        return
    reviewers = (_("Reviewer %(reviewer)s") % {"reviewer": name} for name in card.reviewers)
    columns = (Column(_("Criterion"), 3), *(Column(title, numbers=True) for title in (_("Mean"), *reviewers)))
    rows = (
        (f"{named(criterion)} ({criterion.lowest} … {criterion.highest})", average, *(text or "–" for text in given))
        for criterion, average, given in card.rows
    )
    yield Table(columns, tuple(rows), note=_("Reviewers are letters here; the same letter is the same person."))
    if card.comments:
        yield Heading(_("Comments"), 2)
        yield Listing(
            tuple(f"{named(own.score.criterion)}, {own.reviewer}\n{own.score.comment}" for own in card.comments)
        )
