"""The published decision as a paper: what its page shows, and nothing beside it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities import reading
from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.proposals.models import Participant
from moonbridge.cooperation.selection import queries
from moonbridge.cooperation.selection.facts import LineUse
from moonbridge.cooperation.selection.models import Decision
from moonbridge.cooperation.selection.openly import how_chosen, open_reasons, open_statements
from moonbridge.cooperation.selection.papers import heads
from moonbridge.cooperation.selection.queries import Forced, Place, PublicDecision
from moonbridge.cooperation.selection.states import OutcomeKind
from moonbridge.cooperation.selection.templatetags.selection import kind_label, use_text
from moonbridge.cooperation.selection.wording import country_name
from moonbridge.formats.paper import Bar, Bars, Block, Column, Facts, Heading, Listing, Paper, Paragraph, Piece, Table


def public_paper(decision: Decision) -> Paper:
    """Return the paper on a published decision, in the current language, in a fixed number of queries."""
    opportunity, told = decision.opportunity, queries.for_public(decision)
    published = (
        _("Published on %(at)s.") % {"at": f"{decision.published_at:%Y-%m-%d}"}
        if decision.published_at
        else _("The day of publication is not known.")
    )
    return heads.paper(
        opportunity,
        _("The decision on %(title)s") % {"title": opportunity.shown_title},
        (*_counts(told), *_selected(told), *_envelope(told), *_lost(told), *_how_chosen(decision)),
        at=decision.published_at,
        subtitle=published,
        proof=heads.proof(decision.recommendation, _how()),
    )


def _how() -> str:
    return _(
        "This is the digest of the signed certificate of the decision; the public record carries the same. "
        "Load its public part from the page of the decision, then: moonbridge check certificate.json --key %(key)s"
    )


def _counts(told: PublicDecision) -> Iterator[Block]:
    countries = ", ".join(country_name(code) for code in told.countries) or _("unknown")
    counts = tuple((kind_label(kind), str(number)) for kind, number in told.counts.items())
    yield Facts((*counts, (_("Countries taking part"), countries)))
    if told.decision.note:
        yield Paragraph(told.decision.note)


def _selected(told: PublicDecision) -> Iterator[Block]:
    yield Heading(_("Selected"))
    if not told.flying:
        yield Paragraph(_("Nobody holds a place."))
    else:
        columns = (_("Proposal"), _("Countries"), _("Institutions"), _("Element"), _("Promised"))
        widths = (5, 3, 4, 3, 4)
        yield Table(
            tuple(Column(title, width) for title, width in zip(columns, widths, strict=True)),
            tuple(_row(place) for place in told.flying),
        )
    if told.decision.opportunity.origin != "replay":
        yield Paragraph(
            _(
                "Proposals that were not selected are counted above and not named; "
                "each team has the reasons and its scores in its own letter."
            ),
            muted=True,
        )


def _row(place: Place) -> tuple[str, ...]:
    outcome, unknown = place.outcome, _("unknown")
    name = heads.titled(outcome.proposal.code, outcome.proposal.title, synthetic=outcome.proposal.synthetic)
    condition = f"\n{outcome.get_kind_display()}" if outcome.kind == OutcomeKind.CONDITIONAL else ""
    parties = (_institution(party) for party in outcome.proposal.participants.all())
    return (
        name + condition,
        ", ".join(country_name(code) for code in place.countries) or unknown,
        "; ".join(party for party in parties if party),
        named(outcome.option.element) if outcome.option and outcome.option.element else "–",
        "\n".join(f"{line.label} {text}" for line, text in place.amounts) or unknown,
    )


def _institution(party: Participant) -> str:
    return party.institution or (party.partner.name if party.partner else "")


def _envelope(told: PublicDecision) -> Iterator[Block]:
    yield Heading(_("The envelope used"))
    if not told.usage:
        yield Paragraph(_("The published call states no envelope."))
        return
    yield Bars(tuple(_bar(use) for use in told.usage))


def _bar(use: LineUse) -> Bar:
    label = f"{named(use.line.element)} · {use.line.label}" if use.line.element else use.line.label
    amounts = " · ".join(f"{code} {use.line.kind.text(amount).rstrip()}" for code, amount in use.pieces)
    return Bar(label, use_text(use), tuple(Piece(*piece) for piece in use.pieces), use.line.available, amounts)


def _lost(told: PublicDecision) -> Iterator[Block]:
    if not told.lost:
        return
    losses = {loss.outcome_id: loss for loss in queries.losses(told.decision)}
    yield Heading(_("Lost after the selection"))
    yield Listing(
        tuple(
            "\n".join(
                [
                    heads.titled(outcome.proposal.code, outcome.proposal.title, synthetic=outcome.proposal.synthetic),
                    *(
                        [f"{losses[outcome.pk].at:%Y-%m-%d}: {losses[outcome.pk].reason}"]
                        if outcome.pk in losses
                        else []
                    ),
                ]
            )
            for outcome in told.lost
        )
    )


def _how_chosen(decision: Decision) -> Iterator[Block]:
    if decision.recommendation is None:
        return
    yield Heading(_("How it was chosen"))
    yield Paragraph(how_chosen(decision.opportunity))
    rules = decision.opportunity.portfolio_rules.all()
    sentences = tuple(sentence for rule in rules for sentence in reading.rule_sentences(rule))
    yield Listing(sentences or (_("No rule beside the envelope."),))
    yield from _why(decision)
    if forced := queries.forced(decision):
        yield Heading(_("What the office decided otherwise"), 2)
        yield Listing(tuple(_forced(one) for one in forced))
    if stated := open_statements(decision):
        yield Heading(_("What the panel stated"), 2)
        yield Listing(tuple(f"{one.said}\n{one.reason}" for one in stated))
    digest, solver = decision.recommendation.problem_digest, decision.recommendation.result["solver"]
    yield Facts(((_("Digest of the problem"), digest), (_("Found by"), solver)))


def _why(decision: Decision) -> Iterator[Block]:
    why = open_reasons(decision)
    told = [f"{outcome.proposal.code} {outcome.proposal.title}: {reason}" for outcome, reason in why.selected]
    if told or why.left_out:
        yield Heading(_("Why these"), 2)
        yield Listing((*told, *why.left_out))
    if why.against:
        yield Paragraph(_("What stood against those left out, most often first:"))
        yield Listing(tuple(why.against))


def _forced(one: Forced) -> str:
    name = f"{one.proposal.code} {one.proposal.title}" if one.proposal else _("One proposal, not named here")
    return f"{name}: {_('forced in') if one.inside else _('forced out')}\n{one.reason}"
