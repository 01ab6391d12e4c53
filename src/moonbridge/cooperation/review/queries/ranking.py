"""Where the proposals of a call stand, in the order of their merits, read a page at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, overload
from uuid import UUID

from django.db.models import Avg, DecimalField, Expression, ExpressionWrapper, Func, Q, Value

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.review.handovers import weighed
from moonbridge.cooperation.review.merits import Standing, Weighed
from moonbridge.cooperation.review.models import Score, ScoreTable
from moonbridge.cooperation.review.queries.scores import Calibrated, calibrated, raw_standings, tied_in

_ALIKE: Final = 10
"""Digits of a point to which two merits must agree to be the same: more than distinct ones ever do, fewer than divisions lose."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A proposal with where it stands."""

    code: str
    title: str
    standing: Standing


@dataclass(frozen=True)
class Ranking(Sequence[Placed]):
    """The proposals that ``table`` scores fully and ``user`` may see, the highest merit first, then by code.

    The database takes the means; standings are made of the proposals of one slice alone, as a paginator asks for them.
    """

    user: Visitor
    opportunity: Opportunity
    table: ScoreTable

    @cached_property
    def criteria(self) -> tuple[Weighed, ...]:
        """The criteria as the formula of merits needs them."""
        return weighed(self.opportunity)

    @cached_property
    def _tied(self) -> set[UUID]:
        return tied_in(self.user, self.opportunity)

    @cached_property
    def _calibrated(self) -> Calibrated:
        """Calibrated merits mix all reviews: whoever must not know one of them sees none."""
        return Calibrated({}, {}) if self._tied else calibrated(self.table)

    @property
    def is_calibrated(self) -> bool:
        """Whether calibrated merits count here, and are shown to the person."""
        return bool(self._calibrated.merits)

    @cached_property
    def _rows(self) -> list[tuple[UUID, str, str, Decimal]]:
        """Key, code, title and raw merit, in order."""
        merits = {code: Decimal(text) for code, text in self._calibrated.merits.items()}
        seen = [row for row in _raw_merits(self.table, self.criteria) if row[0] not in self._tied]
        return sorted(seen, key=lambda row: (-merits.get(row[1], row[3]), row[1]))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self[:])

    @overload
    def __getitem__(self, asked: int) -> Placed: ...

    @overload
    def __getitem__(self, asked: slice) -> list[Placed]: ...

    def __getitem__(self, asked: int | slice) -> Placed | list[Placed]:
        return self._placed(self._rows[asked]) if isinstance(asked, slice) else self._placed([self._rows[asked]])[0]

    def _placed(self, rows: list[tuple[UUID, str, str, Decimal]]) -> list[Placed]:
        scores = Score.objects.filter(table=self.table, proposal__in=[key for key, *_ in rows])
        raw = raw_standings(scores, self.criteria)
        return [Placed(code, title, self._calibrated.beside(raw[key], code)) for key, code, title, _ in rows]


def _raw_merits(table: ScoreTable, criteria: Iterable[Weighed]) -> Iterable[tuple[UUID, str, str, Decimal]]:
    """Return key, code, title and raw merit in points, hardly rounded, of what ``table`` scores fully."""
    criteria = tuple(criteria)
    whole = sum(one.weight for one in criteria)
    reached = sum((_reached(one) for one in criteria), Value(Decimal(0)))
    exact = ExpressionWrapper(reached * 100 / whole, output_field=DecimalField())
    merit = Func(exact, Value(_ALIKE), function="ROUND", output_field=DecimalField())
    rows = Score.objects.filter(table=table).values_list("proposal_id", "proposal__code", "proposal__title")
    return rows.annotate(merit=merit).filter(merit__isnull=False).order_by()


def _reached(criterion: Weighed) -> Expression:
    """Return the weighted part of the scale that a proposal's mean reaches; null where nobody scored the criterion."""
    mean = Avg("value_permille", filter=Q(criterion__name=criterion.name), output_field=DecimalField())
    part = (mean - 1000 * criterion.lowest) / (1000 * (criterion.highest - criterion.lowest))
    return ExpressionWrapper(part * criterion.weight, output_field=DecimalField())
