"""Take in scores."""

import hashlib
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review.models import Score, ScoreTable
from moonbridge.cooperation.review.rules import scheme
from moonbridge.errors import Refused, WrongState
from moonbridge.formats import tables
from moonbridge.formats.tables.scores import ScoreSheet, read_scores
from moonbridge.record.actions import append, once


def upload_scores(opportunity: Opportunity, data: bytes, name: str, *, command: UUID, by: User) -> ScoreTable:
    """Take in the score table in ``data`` (CSV or XLSX), whole or not at all; it replaces the one before, which stays visible.

    Raises :class:`~moonbridge.formats.tables.scores.TableError` with every fault at once.
    """
    digest = hashlib.sha256(data).hexdigest()

    def act() -> str:
        held = held_by_office(opportunity, by)
        sheet = read_for(held, data)
        scores = [(one.proposal, one.reviewer, one.criterion, one.thousandths, one.comment) for one in sheet.scores]
        table = stored(held, scores, name=name, sha256=digest, by=by)
        append("upload scores", held.address, _facts(table, sheet), agency=held.agency.slug, by=by)
        return str(table.pk)

    asked = {"opportunity": str(opportunity.pk), "name": name, "sha256": digest}
    return ScoreTable.objects.get(pk=once(command, "scores.upload", asked, act, by=by))


def read_for(opportunity: Opportunity, data: bytes) -> ScoreSheet:
    """Return what ``data`` would bring into this opportunity, and write nothing; raises what :func:`upload_scores` raises."""
    if opportunity.state != State.CLOSED:
        raise WrongState(_("Scores come in between the deadline and the decision."), state=opportunity.state)
    allowed = scheme(opportunity)
    if not allowed.codes:
        raise Refused(_("There is no submitted proposal to score."))
    return read_scores(tables.read(data), allowed)


def stored(
    opportunity: Opportunity, scores: Collection[tuple[str, str, str, int, str]], *, name: str, sha256: str, by: User
) -> ScoreTable:
    """Keep ``scores`` as the table that counts from now on: proposal's code, reviewer, criterion's name, thousandths, comment."""
    table = ScoreTable.objects.create(
        opportunity=opportunity, number=opportunity.score_tables.count() + 1, name=name[:200], sha256=sha256,
        rows=len(scores), uploaded_by=by,
    )  # fmt: skip
    proposals = dict(opportunity.proposals.values_list("code", "pk"))
    criteria = dict(opportunity.criteria.values_list("name", "pk"))
    Score.objects.bulk_create(
        Score(
            table=table, proposal_id=proposals[code], criterion_id=criteria[criterion], reviewer=reviewer,
            value_permille=thousandths, comment=comment,
        )
        for code, reviewer, criterion, thousandths, comment in scores
    )  # fmt: skip
    return table


def _facts(table: ScoreTable, sheet: ScoreSheet) -> dict[str, Any]:
    """Return what the agency's chain keeps: which file it was and how much it held, never a score."""
    return {
        "table": table.number,
        "sha256": table.sha256,
        "scores": str(len(sheet.scores)),
        "proposals": str(len({score.proposal for score in sheet.scores})),
        "reviewers": str(len({score.reviewer for score in sheet.scores})),
    }
