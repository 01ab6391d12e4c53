"""Read scores: the office all of its own, a team its own after the decision, nobody else any."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.handovers import tied_to, weighed
from moonbridge.cooperation.review.merits import Given, Standing, Weighed, millionths, standing
from moonbridge.cooperation.review.models import Calibration, Score, ScoreTable
from moonbridge.cooperation.review.sight import masked

_DIAGONAL: Final = (
    "(SELECT array_agg(line.cells ->> (line.place::int - 1) ORDER BY line.place) "
    "FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS line(cells, place))"
)


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
    large = [f"calibration__{name}" for name in ("codes", "merits", "means", "covariance", "facts")]
    return (
        tables.defer(*large)
        .annotate(
            seen=Count("scores", filter=open_),
            reviewers=Count("scores__reviewer", distinct=True, filter=open_),
            digest=masked("sha256", ~Q(hidden)),
        )
        .order_by("-number")
    )


def standings_seen(user: Visitor, opportunity: Opportunity) -> dict[UUID, Standing]:
    """Return the standings as ``user`` may see them.

    A person with a conflict sees nothing of that proposal and nothing calibrated, since calibrated merits mix all reviews.
    """
    tied = tied_in(user, opportunity)
    found = standings(opportunity)
    if not tied:
        return found
    return {key: replace(where, merit=where.raw, doubt=None) for key, where in found.items() if key not in tied}


def standings(opportunity: Opportunity) -> dict[UUID, Standing]:
    """Return where each proposal stands by the newest table; proposals that it does not score fully are absent.

    A merit is the calibrated one where the office handed it over as what counts, else the one by raw means; these always stand beside it.
    """
    table = current_table(opportunity)
    raw, counting = raw_standings(Score.objects.filter(table=table), weighed(opportunity)), calibrated(table)
    if not counting.merits:
        return raw
    codes = Proposal.objects.filter(pk__in=raw).values_list("pk", "code")
    return {key: counting.beside(raw[key], code) for key, code in codes}


def tied_in(user: Visitor, opportunity: Opportunity) -> set[UUID]:
    """Return the proposals of a call with which ``user`` has a conflict, or in whose team they are."""
    return set(tied_to(user).filter(opportunity=opportunity).values_list("pk", flat=True))


def raw_standings(scores: QuerySet[Score], criteria: Iterable[Weighed]) -> dict[UUID, Standing]:
    """Return the standings by raw means of what ``scores`` score fully."""
    criteria = tuple(criteria)
    given: dict[UUID, list[Given]] = defaultdict(list)
    rows = scores.values_list("proposal_id", "criterion__name", "reviewer", "value_permille")
    for proposal, criterion, reviewer, value in rows:
        given[proposal].append(Given(criterion, reviewer, value))
    found = ((proposal, standing(criteria, scores)) for proposal, scores in given.items())
    return {proposal: where for proposal, where in found if where is not None}


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Calibrated merits (points) and variances (squared points) by proposal code, as decimal text; none where raw means count."""

    merits: Mapping[str, str]
    variances: Mapping[str, str]

    def beside(self, raw: Standing, code: str) -> Standing:
        """Return a standing with the calibrated merit, where there is one."""
        if code not in self.merits:
            return raw
        doubt = millionths(str(Decimal(self.variances[code]).sqrt()))
        return replace(raw, merit=millionths(self.merits[code]), doubt=doubt)


def calibrated(table: ScoreTable | None) -> Calibrated:
    """Return the calibrated merits that count with a table."""
    counting = Calibration.objects.filter(table=table, counts=True)
    found = counting.values_list("codes", "merits", _variances()).first()
    if found is None:
        return Calibrated({}, {})
    codes, merits, variances = found
    return Calibrated(merits, dict(zip(codes, variances or (), strict=True)))


def _variances() -> Func:
    """Rooted at Calibration: the diagonal of its covariance. The whole of it, a million numbers for 1,000 proposals, stays where it is."""
    return Func("covariance", template=_DIAGONAL, output_field=ArrayField(TextField()))


def as_rows(user: Visitor, table: ScoreTable) -> Iterator[tuple[str, str, str, Score]]:
    """Yield (code, title, criterion, score) of what ``user`` may see of a table in a fixed order, for a download."""
    scores = scores_visible_to(user).filter(table=table).select_related("proposal", "criterion")
    for score in scores.order_by("proposal__code", "reviewer", "criterion__position", "criterion__name"):
        yield score.proposal.code, score.proposal.title, score.criterion.name, score
