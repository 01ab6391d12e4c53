"""Read scores: the office all of its own, a team its own after the decision, nobody else any."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.handovers import tied_to, weighed
from moonbridge.cooperation.review.merits import Given, Standing, millionths, standing
from moonbridge.cooperation.review.models import Calibration, Score, ScoreTable
from moonbridge.cooperation.review.sight import masked


def visible_to(user: Visitor) -> QuerySet[ScoreTable]:
    """Return the score tables that ``user`` may see: those of the agencies whose office they are."""
    return ScoreTable.objects.filter(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def scores_visible_to(user: Visitor) -> QuerySet[Score]:
    """Return the scores that ``user`` may see; a team sees its own of the table that counted, once the decision is out.

    The office sees all but those of proposals with which the person has a conflict.
    """
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    seen = Q(table__opportunity__agency_id__in=offices) & ~Q(proposal__in=tied_to(user))
    if user.is_authenticated:
        mine = Proposal.objects.filter(members__user=user, opportunity__state=State.DECIDED)
        seen |= Q(proposal__in=mine, table__in=newest_tables())
    return Score.objects.filter(seen)


def newest_tables() -> QuerySet[ScoreTable]:
    """Return the table of each opportunity that counts."""
    newest = ScoreTable.objects.filter(opportunity=OuterRef("opportunity")).order_by("-number").values("pk")[:1]
    return ScoreTable.objects.filter(pk=Subquery(newest))


def current_table(opportunity: Opportunity) -> ScoreTable | None:
    """Return the table that counts."""
    return opportunity.score_tables.order_by("-number").first()


def history(user: Visitor, opportunity: Opportunity) -> QuerySet[ScoreTable]:
    """Return the tables of an opportunity that ``user`` may see, the newest first.

    ``seen`` and ``reviewers`` count the scores that the person may see; ``digest`` is None where some are hidden, since it speaks of all.
    """
    tied = tied_to(user)
    hidden = Exists(Score.objects.filter(table=OuterRef("pk"), proposal__in=tied))
    open_ = ~Q(scores__proposal__in=tied)
    tables = visible_to(user).filter(opportunity=opportunity).select_related("uploaded_by", "calibration")
    return tables.annotate(
        seen=Count("scores", filter=open_),
        reviewers=Count("scores__reviewer", distinct=True, filter=open_),
        digest=masked("sha256", ~Q(hidden)),
    ).order_by("-number")


def standings_seen(user: Visitor, opportunity: Opportunity) -> dict[UUID, Standing]:
    """Return the standings as ``user`` may see them.

    A person with a conflict sees nothing of that proposal and nothing calibrated, since calibrated merits mix all reviews.
    """
    tied = set(tied_to(user).filter(opportunity=opportunity).values_list("pk", flat=True))
    found = standings(opportunity)
    if not tied:
        return found
    return {key: replace(where, merit=where.raw, doubt=None) for key, where in found.items() if key not in tied}


def standings(opportunity: Opportunity) -> dict[UUID, Standing]:
    """Return where each proposal stands by the newest table; proposals that it does not score fully are absent.

    A merit is the calibrated one where the office handed it over as what counts, else the one by raw means; these always stand beside it.
    """
    criteria, table = weighed(opportunity), current_table(opportunity)
    given: dict[UUID, list[Given]] = defaultdict(list)
    rows = Score.objects.filter(table=table)
    for proposal, criterion, reviewer, value in rows.values_list(
        "proposal_id", "criterion__name", "reviewer", "value_permille"
    ):
        given[proposal].append(Given(criterion, reviewer, value))
    found = ((proposal, standing(criteria, scores)) for proposal, scores in given.items())
    return _counted(table, {proposal: where for proposal, where in found if where is not None})


def _counted(table: ScoreTable | None, raw: dict[UUID, Standing]) -> dict[UUID, Standing]:
    """Return the standings with calibrated merits and their doubts, where these count."""
    calibration = Calibration.objects.filter(table=table, counts=True).first()
    if calibration is None:
        return raw
    codes = Proposal.objects.filter(pk__in=raw).values_list("pk", "code")
    found = calibrated_merits(calibration)
    return raw | {
        key: replace(raw[key], merit=found[code][0], doubt=found[code][1]) for key, code in codes if code in found
    }


def calibrated_merits(calibration: Calibration) -> dict[str, tuple[int, int]]:
    """Return (merit, standard deviation) by proposal code, in millionths of the full mark."""
    return {
        code: (millionths(calibration.merits[code]), millionths(str(Decimal(row[place]).sqrt())))
        for place, (code, row) in enumerate(zip(calibration.codes, calibration.covariance, strict=True))
    }


def as_rows(user: Visitor, table: ScoreTable) -> Iterator[tuple[str, str, str, Score]]:
    """Yield (code, title, criterion, score) of what ``user`` may see of a table in a fixed order, for a download."""
    scores = scores_visible_to(user).filter(table=table).select_related("proposal", "criterion")
    for score in scores.order_by("proposal__code", "reviewer", "criterion__position", "criterion__name"):
        yield score.proposal.code, score.proposal.title, score.criterion.name, score
