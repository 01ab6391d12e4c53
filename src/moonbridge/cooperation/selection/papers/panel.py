"""The panel's paper: a recommendation with its reasons, the reserve list, and what each rule costs."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from moonbridge.cooperation.selection import queries
from moonbridge.cooperation.selection.boards import Board, Line, board
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Decision, Outcome, Recommendation, Scenario
from moonbridge.cooperation.selection.openly import how_chosen
from moonbridge.cooperation.selection.papers import heads
from moonbridge.cooperation.selection.ranking import reserve_ranks
from moonbridge.cooperation.selection.studio import Studio
from moonbridge.cooperation.selection.whatifs import exchange
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.problem import merit_text
from moonbridge.formats.paper import Bar, Bars, Block, Column, Facts, Heading, Paper, Paragraph, Piece, Table


def panel_paper(recommendation: Recommendation) -> Paper:
    """Return the paper on ``recommendation``, with the outcomes if a decision (a draft too) was drawn up from it."""
    opportunity, shown = recommendation.opportunity, board(recommendation)
    decision = Decision.objects.filter(opportunity=opportunity, recommendation=recommendation).first()
    outcomes = {o.proposal.code: o for o in decision.outcomes.select_related("proposal")} if decision else {}
    return heads.paper(
        opportunity,
        _("Recommended portfolio: %(title)s") % {"title": opportunity.shown_title},
        (
            *_summary(shown, decision),
            *_envelope(shown, Wording(opportunity)),
            *_lines(_("Recommended"), shown.selected, outcomes),
            *_lines(_("Left out, and what would have to change"), shown.left_out, outcomes),
            *_reserve(shown),
            *_rules(recommendation),
            *_scenarios(recommendation),
        ),
        at=recommendation.at,
        subtitle=_("Recommendation %(number)s, for the panel. Not public.") % {"number": recommendation.number},
        reference=f"{opportunity.slug}-{recommendation.number}",
        proof=heads.proof(recommendation, _how(recommendation)),
    )


def _how(recommendation: Recommendation) -> str:
    name = f"{recommendation.opportunity.slug}-{recommendation.number}"
    told = _(
        "Load the certificate and the problem from the selection's page, then: moonbridge check %(certificate)s %(problem)s --key %(key)s"
    )
    return told % {"certificate": f"{name}-certificate.json", "problem": f"{name}.json", "key": "%(key)s"}


def _summary(shown: Board, decision: Decision | None) -> Iterator[Block]:
    kept = shown.recommendation
    count = _("%(n)s of %(total)s") % {"n": len(shown.selected), "total": len(shown.lines)}
    yield Heading(_("Summary"))
    yield Paragraph(how_chosen(kept.opportunity))
    yield Facts(
        (
            (_("Selected"), count),
            (_("Total merit"), f"{kept.result['value']} ({_('proven')})"),
            (_("Found by"), kept.result["solver"]),
            (_("When"), f"{kept.at:%Y-%m-%d %H:%M} UTC"),
            (_("Decision"), decision.get_state_display() if decision else _("not drawn up yet")),
            (_("Digest of the problem"), kept.problem_digest),
        )
    )


def _envelope(shown: Board, wording: Wording) -> Iterator[Block]:
    yield Heading(_("The envelope, if this flies"))
    uses = shown.recommendation.result["usage"]
    yield Bars(
        tuple(
            Bar(
                bar.label,
                _("%(used)s of %(offered)s") % {"used": bar.used_text, "offered": bar.usable_text},
                tuple(Piece(code, amount) for code, amount in bar.pieces),
                bar.usable,
                " · ".join(f"{code} {wording.amount(use['resource'], amount)}" for code, amount in bar.pieces),
            )
            for bar, use in zip(shown.bars, uses, strict=True)
        )
    )


def _lines(title: str, lines: list[Line], outcomes: Mapping[str, Outcome]) -> Iterator[Block]:
    yield Heading(title)
    if not lines:
        yield Paragraph("–")
        return
    columns = (
        Column(_("Proposal"), 3),
        Column(_("Outcome"), 2),
        Column(_("Merit"), None, numbers=True),
        Column(_("Why"), 6),
    )
    yield Table(columns, tuple(_row(line, outcomes.get(line.code)) for line in lines))


def _row(line: Line, outcome: Outcome | None) -> tuple[str, ...]:
    name = heads.titled(line.code, line.title, synthetic=line.synthetic)
    reason = "\n".join(part for part in (line.reason, outcome.condition if outcome else "") if part)
    return name, _outcome(line, outcome), line.merit, reason


def _outcome(line: Line, outcome: Outcome | None) -> str:
    told = outcome.get_kind_display() if outcome else _("recommended") if line.selected else _("left out")
    return f"{told} ({line.option})" if line.option else told


def _reserve(shown: Board) -> Iterator[Block]:
    result, lines = shown.recommendation.result, {line.code: line for line in shown.lines}
    ranked = reserve_ranks(result)
    yield Heading(_("Reserve"))
    if not ranked:
        yield Paragraph(_("Nobody waits on the reserve list."))
        return
    yield Paragraph(
        _("In this order they would come in if places were lost: first who comes in after most of the possible losses.")
    )
    yield Table(
        (Column(_("Rank"), None, numbers=True), Column(_("Proposal"), 5), Column(_("Comes in after"), 3)),
        tuple(
            (str(rank), heads.titled(code, lines[code].title, synthetic=lines[code].synthetic), _losses(result, code))
            for rank, code in enumerate(ranked, start=1)
        ),
    )


def _losses(result: Mapping[str, Any], code: str) -> str:
    told = {"n": result["comes_in"].get(code, 0), "total": result["losses"]}
    return _("%(n)s of %(total)s single losses") % told


def _rules(recommendation: Recommendation) -> Iterator[Block]:
    yield Heading(_("Rules, and what each costs"))
    levers = Levers(queries.problem_of(recommendation))
    if not levers.switches:
        yield Paragraph(_("No rule beside the envelope."))
        return
    prices, studio = recommendation.result.get("prices", {}), Studio(recommendation, levers, Changes())
    shown = (row for group in studio.rules({}).values() for row in group)
    rows = tuple((row.words, prices.get(row.key, _("unknown"))) for row in shown)
    note = _(
        "The price of a rule is the merit that the best portfolio would have more if this rule alone did not hold."
    )
    yield Table((Column(_("Rule"), 6), Column(_("Price"), None, numbers=True)), rows, note=note)


def _scenarios(recommendation: Recommendation) -> Iterator[Block]:
    """Yield what was tried out in the studio and kept, with what it would change."""
    kept = list(recommendation.scenarios.filter(withdrawn_at=None).select_related("by"))
    if not kept:
        return
    levers = Levers(queries.problem_of(recommendation))
    yield Heading(_("Scenarios that were tried"))
    yield Table(
        (
            Column(_("Scenario"), 3),
            Column(_("What differs"), 4),
            Column(_("Total merit"), None, numbers=True),
            Column(_("Portfolio"), 3),
        ),
        tuple(_tried(recommendation, levers, scenario) for scenario in kept),
    )


def _tried(recommendation: Recommendation, levers: Levers, scenario: Scenario) -> tuple[str, ...]:
    studio = Studio(recommendation, levers, levers.read(QueryDict(scenario.changes)))
    value = merit_text(Fraction(scenario.answer["value"]))
    return (
        "\n".join(part for part in (scenario.name, scenario.note, scenario.by.name) if part),
        "\n".join(studio.told()),
        value if scenario.answer["proven"] else _("at least %(amount)s") % {"amount": value},
        exchange(recommendation.result["choices"], scenario.answer["choices"]),
    )
