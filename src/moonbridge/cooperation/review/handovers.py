"""What the panels would hand over to selection now: the marks that count, what they give, what is missing."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities.models import Criterion, Opportunity
from moonbridge.cooperation.proposals.models import Proposal, TeamMember
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.calibrating import AT_ONCE, Calibrated, Marked, calibrated, reviews_in
from moonbridge.cooperation.review.merits import Given, Standing, Weighed, standing
from moonbridge.cooperation.review.models import (
    Conflict,
    Mark,
    Preview,
    Review,
    Round,
    SetAside,
    Verdict,
)
from moonbridge.cooperation.review.states import DUE, ReviewState
from moonbridge.engines.ledger import seal
from moonbridge.errors import InputError


def tied_to(user: Visitor) -> QuerySet[Proposal]:
    """Return the proposals with which ``user`` has a standing conflict, or in whose team they are."""
    if not user.is_authenticated:
        return Proposal.objects.none()
    in_conflict = Conflict.objects.filter(user=user, standing=True).values("proposal_id")
    in_team = TeamMember.objects.filter(user=user).values("proposal_id")
    return Proposal.objects.filter(Q(pk__in=in_conflict) | Q(pk__in=in_team))


def weighed(opportunity: Opportunity) -> tuple[Weighed, ...]:
    """Return the criteria as the formula of merits needs them."""
    return tuple(Weighed(c.name, c.weight, c.lowest, c.highest) for c in opportunity.criteria.all())


def counting_reviews(round_: Round) -> QuerySet[Review]:
    """Return the reviews that count in selection: those that were given of proposals that still stand and are not set aside."""
    aside = set_aside(round_.opportunity).values("proposal")
    return given_reviews(round_).filter(item__proposal__state=ProposalState.SUBMITTED).exclude(item__proposal__in=aside)


def set_aside(opportunity: Opportunity) -> QuerySet[SetAside]:
    """Return what is set aside now, with the reasons, by code."""
    kept = SetAside.objects.filter(panel__round__opportunity=opportunity, lifted_at=None)
    return kept.select_related("proposal").order_by("proposal__code")


def given_reviews(round_: Round) -> QuerySet[Review]:
    """Return the submitted reviews, by nobody in conflict or in the team."""
    person = {"proposal": OuterRef("item__proposal"), "user": OuterRef("seat__user")}
    return Review.objects.filter(
        ~Exists(Conflict.objects.filter(standing=True, **person)),
        ~Exists(TeamMember.objects.filter(**person)),
        item__panel__round=round_,
        state=ReviewState.SUBMITTED,
    )


def is_in_conflict(user: Visitor, round_: Round) -> bool:
    """Return whether ``user`` has a conflict with, or is in the team of, anything proposed here.

    Calibrated merits mix all reviews, so whoever must not know one of them sees none.
    """
    return tied_to(user).filter(opportunity=round_.opportunity_id).exists()


def for_handover(rounds: QuerySet[Round], user: Visitor) -> QuerySet[Round]:
    """Return rounds with what a page of the hand-over asks of each at once.

    ``in_conflict`` is as :func:`is_in_conflict`; the preview is fetched, without its covariance.
    """
    tied = tied_to(user).filter(opportunity=OuterRef("opportunity_id"))
    whole = rounds.select_related("opportunity__agency", "opportunity__mission", "preview")
    return whole.defer("preview__covariance").annotate(in_conflict=Exists(tied))


@dataclass(frozen=True, slots=True)
class Missing:
    """What the reviews of a proposal lack: reviews that are due, reviews that the panel demands, or a criterion without any mark."""

    code: str
    panel: str
    due: int = 0
    short: int = 0
    criterion: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """That technical reviewers find a proposal not feasible: how many of how many, and what they say to the team."""

    code: str
    panel: str
    infeasible: int
    verdicts: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal in the preview: by raw means, calibrated, its ranks by both, how many of its reviews stand out."""

    code: str
    title: str
    raw: Standing
    merit: int | None
    doubt: int | None
    raw_rank: int
    rank: int | None
    outlying: int

    @property
    def change(self) -> int | None:
        """How many places it rises (falls: negative) when calibrated merits count."""
        return None if self.rank is None else self.raw_rank - self.rank


@dataclass(frozen=True)
class Handover:
    """Everything that would be handed over now."""

    round: Round
    criteria: tuple[Weighed, ...]
    marks: tuple[Marked, ...]
    missing: tuple[Missing, ...]
    objections: tuple[Objection, ...]
    titles: Mapping[str, str]
    set_aside: tuple[SetAside, ...]
    preview: Preview | None = None

    @cached_property
    def basis(self) -> str:
        """The digest of what a calibration rests on: marks and criteria."""
        criteria = [[c.name, c.weight, c.lowest, c.highest] for c in self.criteria]
        marks = json.dumps(self.marks).encode()  # many: the canonical form would take longer than all else on the page
        return seal.digest({"criteria": criteria, "marks": hashlib.sha256(marks).hexdigest()})

    @cached_property
    def digest(self) -> str:
        """What is previewed is what is handed over: the digest of marks and criteria, of what is missing and what is set aside."""
        lacking = [[m.code, m.panel, m.due, m.short, m.criterion.name if m.criterion else ""] for m in self.missing]
        aside = [[one.proposal.code, one.because] for one in self.set_aside]
        return seal.digest({"basis": self.basis, "missing": lacking, "set_aside": aside})

    @cached_property
    def is_large(self) -> bool:
        """Whether its calibration is left to a job."""
        return reviews_in(self.marks) > AT_ONCE

    @property
    def fits(self) -> bool:
        """Whether what the job was asked for is about the marks as they are now."""
        return self.preview is not None and self.preview.digest == self.basis

    @property
    def runs(self) -> bool:
        """Whether the job works on these marks."""
        return self.preview is not None and self.fits and self.preview.answer is None

    @property
    def waits(self) -> bool:
        """Whether these marks are still to be calibrated by the job before anything can be handed over."""
        return self.is_large and (self.preview is None or not self.fits or self.preview.answer is None)

    @property
    def reviewers(self) -> int:
        """How many people gave marks."""
        return len({mark.reviewer for mark in self.marks})

    @cached_property
    def calibrated(self) -> Calibrated | None:
        """The calibration; None where a block has too few reviews for one, and while it waits for the job."""
        if self.is_large:
            return None if self.preview is None or self.waits else kept(self.preview)
        try:
            return calibrated(self.criteria, self.marks)
        except InputError:
            return None

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """Where each proposal that is scored fully stands by raw means, by code."""
        return standings_of(self.criteria, self.marks)

    @cached_property
    def rows(self) -> list[Row]:
        """The proposals in the order of what calibration gives, else by raw means."""
        found, told = self.calibrated, self.standings
        raw_ranks = ranks({code: where.raw for code, where in told.items()})
        by_merit = {code: merit for code, merit in found.merits.items() if code in told} if found else {}
        calibrated_ranks, doubts = ranks(by_merit), found.doubts if found else {}
        standing_out = Counter(one["proposal"] for one in self.outlying)
        rows = [
            Row(
                code, self.titles[code], where, by_merit.get(code), doubts.get(code), raw_ranks[code],
                calibrated_ranks.get(code), standing_out[code],
            )
            for code, where in told.items()
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (row.rank or row.raw_rank, row.code))

    @cached_property
    def outlying(self) -> list[dict[str, object]]:
        """The reviews that stand out, with what was expected of them."""
        blocks = self.calibrated.facts["blocks"] if self.calibrated else []
        return [one for block in blocks for one in block["outlying"]]


def handover(round_: Round) -> Handover:
    """Return what would be handed over now, in a fixed number of queries."""
    prefetch_related_objects([round_.opportunity], "criteria")
    proposed, marks, aside = list(_proposed(round_)), _marks(round_), tuple(set_aside(round_.opportunity))
    titles = {one.code: one.title for one in proposed}
    missing = tuple(_missing(round_, proposed, marks, {one.proposal.code for one in aside}))
    return Handover(
        round_, weighed(round_.opportunity), marks, missing, tuple(_objections(round_)), titles, aside, _preview(round_)
    )


def _preview(round_: Round) -> Preview | None:
    """Return what was asked of the job, as it was fetched with the round, or else from the database; its covariance comes later."""
    if Round._meta.get_field("preview").is_cached(round_):  # noqa: SLF001 - Django's own name for it, public all the same
        return getattr(round_, "preview", None)
    return Preview.objects.filter(round=round_).defer("covariance").first()


def running(round_: UUID) -> QuerySet[Preview]:
    """Return the preview of a round on which a job works; none where no job does."""
    return Preview.objects.filter(round=round_, answer__isnull=True)


def kept(preview: Preview) -> Calibrated | None:
    """Return what a finished job found; None where there were too few reviews for the model."""
    found = preview.answer
    if not found:
        return None
    codes = tuple(found["codes"])

    def covariance() -> NDArray[np.float64]:
        return np.frombuffer(preview.covariance or b"", dtype="<f8").reshape(len(codes), len(codes))

    return Calibrated(codes, found["merits"], found["doubts"], found["facts"], covariance)


def standings_of(criteria: Collection[Weighed], marks: Iterable[Marked]) -> dict[str, Standing]:
    """Return where each fully scored proposal stands by raw means, by code."""
    given: dict[str, list[Given]] = defaultdict(list)
    for mark in marks:
        given[mark.proposal].append(Given(mark.criterion, mark.reviewer, mark.thousandths))
    found = ((code, standing(criteria, scores)) for code, scores in sorted(given.items()))
    return {code: where for code, where in found if where is not None}


def ranks(merits: Mapping[str, int]) -> dict[str, int]:
    """Return the rank of each code by merit, the best first; equal merits share a rank."""
    places: dict[int, int] = {}
    for place, merit in enumerate(sorted(merits.values(), reverse=True), start=1):
        places.setdefault(merit, place)
    return {code: places[merit] for code, merit in merits.items()}


def reviewer_names(round_: Round) -> dict[UUID, str]:
    """Return what each seat is called in a table: its neutral label, with the panel's number where two panels use the same."""
    rows = list(round_.panels.order_by("position", "name", "seats__pk").values_list("pk", "seats__pk", "seats__label"))
    number = {panel: place for place, panel in enumerate(dict.fromkeys(panel for panel, _, _ in rows), start=1)}
    used = Counter(label for _, _, label in rows)
    return {key: label if used[label] == 1 else f"{label}/{number[panel]}" for panel, key, label in rows if key}


def _marks(round_: Round) -> tuple[Marked, ...]:
    names = reviewer_names(round_)
    counted = Mark.objects.filter(review__in=counting_reviews(round_), value_permille__isnull=False)
    rows = counted.values_list(
        "review__item__proposal__code", "review__seat_id", "criterion__name", "review__item__panel_id", "value_permille"
    )
    return tuple(
        sorted(Marked(code, names[seat], name, str(panel), value or 0) for code, seat, name, panel, value in rows)
    )


class _Proposed(NamedTuple):
    """A submitted proposal before one panel, with the reviews that are due there, given and demanded; ``panel`` is None before none."""

    code: str
    title: str
    panel: str | None
    due: int
    given: int
    wanted: int | None


def _proposed(round_: Round) -> Iterable[_Proposed]:
    """Yield what stands, by code and panel."""
    standing = Proposal.objects.filter(opportunity=round_.opportunity_id, state=ProposalState.SUBMITTED)
    counted = standing.values("code", "title", "items__pk").annotate(
        panel=F("items__panel__name"),
        due=Count("items__reviews", filter=Q(items__reviews__state__in=sorted(DUE))),
        given=Count("items__reviews", filter=Q(items__reviews__state=ReviewState.SUBMITTED)),
        wanted=Coalesce("items__demand", "items__panel__demand"),
    )
    ordered = counted.order_by("code", "items__panel__position", "items__panel__name")
    return (_Proposed(*row) for row in ordered.values_list("code", "title", "panel", "due", "given", "wanted"))


def _missing(
    round_: Round, proposed: Collection[_Proposed], marks: Iterable[Marked], aside: Collection[str]
) -> Iterable[Missing]:
    standing = [one for one in proposed if one.code not in aside]
    for one in standing:
        short = max(0, (one.wanted or 0) - one.given)
        if one.panel is not None and (one.due or short):
            yield Missing(one.code, one.panel, due=one.due, short=short)
    marked = {(mark.proposal, mark.criterion) for mark in marks}
    criteria = list(round_.opportunity.criteria.all())
    for code in dict.fromkeys(one.code for one in standing):
        yield from (Missing(code, "", criterion=c) for c in criteria if (code, c.name) not in marked)


def _objections(round_: Round) -> Iterable[Objection]:
    """Yield the proposals that a technical reviewer finds not feasible; nothing follows from it by itself."""
    said: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    found = counting_reviews(round_).exclude(verdict="").order_by("item__proposal__code", "item__panel__position", "pk")
    for code, panel, verdict, words in found.values_list(
        "item__proposal__code", "item__panel__name", "verdict", "to_team"
    ):
        said[code, panel].append((verdict, words))
    for (code, panel), verdicts in said.items():
        against = [words for verdict, words in verdicts if verdict == Verdict.INFEASIBLE]
        if against:
            yield Objection(code, panel, len(against), len(verdicts), tuple(filter(None, against)))
