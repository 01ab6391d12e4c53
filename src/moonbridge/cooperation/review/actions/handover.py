"""Hand the scores of the panels over to selection."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review.actions.scores import stored
from moonbridge.cooperation.review.calibrating import Calibrated
from moonbridge.cooperation.review.handovers import Handover, handover, is_in_conflict
from moonbridge.cooperation.review.late import late_findings, late_sentence
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.review.models import Calibration, Round, ScoreTable
from moonbridge.cooperation.review.states import RoundState
from moonbridge.engines.ledger import seal
from moonbridge.errors import NotAllowed, Refused, Stale, WrongState
from moonbridge.record.actions import append, once

_NAME = "handover"
"""What the table is called where others have the name of their file."""


def hand_over(
    round_: Round, *, calibrated: bool, by: User, command: UUID, seen: str | None = None, incomplete: bool = False
) -> ScoreTable:
    """Make the next score table from the submitted reviews; ``calibrated`` says whether calibrated merits count, or raw means.

    Before the round is concluded, ``incomplete`` confirms what is still missing, and always that conflicts of those who reviewed are
    not settled, as far as ``by`` may know of them. ``seen`` is the digest of the preview: raises
    :class:`Stale` when reviews have changed since. Handed over again, the new table counts; what counted before stays.
    """

    def act() -> str:
        opportunity = held_by_office(round_.opportunity, by)
        held = Round.objects.select_for_update(of=("self",)).select_related("opportunity").get(pk=round_.pk)
        require_unconflicted(by, held)
        found = handover(held)
        _check(opportunity, held, found, seen=seen, incomplete=incomplete)
        if (late := late_findings(by, held).count()) and not incomplete:
            raise Refused(
                _("%(what)s Settle this first, or confirm that you hand it over as it is.")
                % {"what": late_sentence(late)}
            )
        table = _stored(opportunity, found, by=by)
        _calibrated(table, found, counts=calibrated)
        append("hand over scores", opportunity.address, _facts(table, found), agency=opportunity.agency.slug, by=by)
        return str(table.pk)

    asked = {"round": str(round_.pk), "calibrated": calibrated, "seen": seen, "incomplete": incomplete}
    return ScoreTable.objects.get(pk=once(command, "review.hand-over", asked, act, by=by))


def require_unconflicted(by: User, held: Round) -> None:
    """Let only those see merits into which all reviews are mixed who may know each of them; raises :class:`NotAllowed`."""
    if is_in_conflict(by, held):
        raise NotAllowed(_("Somebody of the office without a conflict in this review hands its scores over."))


def _check(opportunity: Opportunity, held: Round, found: Handover, *, seen: str | None, incomplete: bool) -> None:
    if opportunity.state != State.CLOSED:
        raise WrongState(_("Scores come in between the deadline and the decision."), state=opportunity.state)
    if not found.marks:
        raise Refused(_("There is no submitted review with marks yet."))
    if seen is not None and seen != found.digest:
        raise Stale(_("Reviews have changed since this preview; look at the new one first."))
    if found.waits:
        raise Refused(_("These reviews are not calibrated yet; have them calibrated first, and look at what it gives."))
    if found.missing and not incomplete and held.state != RoundState.CONCLUDED:
        raise Refused(
            _("The review is not concluded and something is missing; confirm that you hand it over as it is."),
            missing=sorted({lack.code for lack in found.missing}),
        )


def _stored(opportunity: Opportunity, found: Handover, *, by: User) -> ScoreTable:
    rows = [[mark.proposal, mark.reviewer, mark.criterion, mark.thousandths] for mark in found.marks]
    scores = [(mark.proposal, mark.reviewer, mark.criterion, mark.thousandths, "") for mark in found.marks]
    return stored(opportunity, scores, name=_NAME, sha256=seal.digest(rows), by=by)


def _calibrated(table: ScoreTable, found: Handover, *, counts: bool) -> None:
    told = found.calibrated
    if counts and told is None:
        raise Refused(_("There are too few reviews to calibrate; let the raw means count."))
    Calibration.objects.create(
        table=table,
        counts=counts,
        means={code: shown(where.raw) for code, where in found.standings.items()},
        **(_nothing() if told is None else _told(told)),
    )


def _nothing() -> dict[str, Any]:
    return {"codes": [], "merits": {}, "covariance": [], "facts": {"blocks": []}}


def _told(found: Calibrated) -> dict[str, Any]:
    return {
        "codes": list(found.codes),
        "merits": {code: shown(merit) for code, merit in found.merits.items()},
        "covariance": [[format(value, ".12f") for value in row] for row in found.covariance.tolist()],
        "facts": found.facts,
    }


def _facts(table: ScoreTable, found: Handover) -> dict[str, Any]:
    """Return what the agency's chain keeps: how much was handed over and what counts, never a score."""
    return {
        "table": table.number,
        "sha256": table.sha256,
        "scores": str(table.rows),
        "proposals": str(len({mark.proposal for mark in found.marks})),
        "reviewers": str(len({mark.reviewer for mark in found.marks})),
        "counts": "calibrated merits" if table.calibration.counts else "raw means",
        "missing": str(len(found.missing)),
    }
