"""The terms of an opportunity as one value: read, compared, checked for completeness, and told in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext_noop as noop

from moonbridge.cooperation.opportunities import instants
from moonbridge.cooperation.opportunities.models import (
    POINT,
    Accommodation,
    Criterion,
    EnvelopeLine,
    Measure,
    Opportunity,
    PortfolioRule,
    ReviewMode,
    StageDate,
    StageKind,
)
from moonbridge.cooperation.programmes.models import Element, Site
from moonbridge.quantities import LENGTH, decimal_text

FOLLOWS_A_DEADLINE = {StageKind.LETTERS: "letter_deadline", StageKind.PROPOSALS: "deadline"}
"""Stages whose promised date is a deadline of the opportunity itself."""
PROMISED_BY_HAND = (
    StageKind.SHORTLIST, StageKind.DECLARATIONS, StageKind.REVIEWS, StageKind.DISCUSSION, StageKind.DECISION,
    StageKind.CONFIRMATION,
)  # fmt: skip
"""Stages whose dates the office promises one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that an opportunity says and that, once it is published, changes by amendment only.

    Rows are model instances, saved or not; a row is known by its key (an envelope line by element, resource and name), so
    that rows from a form and rows from the database can be compared.
    """

    title: str
    title_zh: str = ""
    summary: str = ""
    summary_zh: str = ""
    eligibility: str = ""
    eligibility_zh: str = ""
    deadline: datetime | None = None
    deadline_zone: str = "Asia/Shanghai"
    letter_required: bool = False
    letter_deadline: datetime | None = None
    review_mode: str = ReviewMode.REVIEWER_BLIND.value
    lottery_within: int = 0
    site: Site | None = None
    elements: tuple[Element, ...] = field(default=())
    envelope: tuple[EnvelopeLine, ...] = field(default=())
    accommodations: tuple[Accommodation, ...] = field(default=())
    criteria: tuple[Criterion, ...] = field(default=())
    portfolio_rules: tuple[PortfolioRule, ...] = field(default=())
    stage_dates: tuple[StageDate, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an amendment changes, in English words: of ``subject``, the ``field``, as it was and as it is."""

    subject: list[str]
    field: str
    before: str
    after: str

    def as_dict(self) -> dict[str, Any]:
        """Return the change as JSON."""
        return {"subject": self.subject, "field": self.field, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Part:
    """How the rows of one part of the terms are known (``key``), kept (``fields``) and told (``subject``, ``says``)."""

    name: str
    model: type[Model]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    subject: Callable[[Any], list[str]]
    says: Callable[[Any, "Terms"], dict[str, str]]

    def key_of(self, row: Model) -> tuple[Any, ...]:
        """Return what tells ``row`` from the other rows of this part."""
        return tuple(getattr(row, name) for name in self.key)

    def rows(self, terms: "Terms") -> dict[tuple[Any, ...], Any]:
        """Return the rows of this part by key, in their order."""
        return {self.key_of(row): row for row in getattr(terms, self.name)}


def _where(element: Element | None) -> str:
    return element.name if element else noop("whole mission")


def _amount(line: EnvelopeLine, amount: int | None) -> str:
    return noop("no limit stated") if amount is None else line.kind.text(amount)


def _line(line: EnvelopeLine, _: Terms) -> dict[str, str]:
    return {
        noop("in total"): _amount(line, line.total),
        noop("at most per item"): _amount(line, line.per_item),
        noop("held back"): line.kind.text(line.margin),
    }


def box_text(room: Accommodation) -> str:
    """Return the sides of the box in millimetres, ``300 × 200 × ? mm``; empty when none is known."""
    sides = (room.length_um, room.width_um, room.height_um)
    known = ["?" if side is None else LENGTH.number(side, "mm") for side in sides]
    return "" if set(known) == {"?"} else " × ".join(known) + " mm"


def temperature_text(room: Accommodation) -> str:
    """Return the temperatures in degrees Celsius, ``-20 to 50 °C``; empty when none is known."""
    ends = (room.coldest_centidegree, room.hottest_centidegree)
    known = ["?" if end is None else decimal_text(Fraction(end, 100)) for end in ends]
    return "" if set(known) == {"?"} else f"{known[0]} … {known[1]} °C"


def _room(room: Accommodation, _: Terms) -> dict[str, str]:
    return {
        noop("box"): box_text(room),
        noop("temperatures"): temperature_text(room),
        noop("accommodation in words"): room.note,
    }


def _criterion(criterion: Criterion, _: Terms) -> dict[str, str]:
    return {
        noop("weight"): str(criterion.weight),
        noop("scale"): f"{criterion.lowest} … {criterion.highest}",
        noop("name in Chinese"): criterion.name_zh,
        noop("description"): criterion.description,
    }


def _rule(rule: PortfolioRule, _: Terms) -> dict[str, str]:
    return {
        noop("at least"): "" if rule.at_least is None else rule.bound_text(rule.at_least),
        noop("at most"): "" if rule.at_most is None else rule.bound_text(rule.at_most),
    }


def _rule_subject(rule: PortfolioRule) -> list[str]:
    counted = noop("different groups") if rule.distinct else str(Measure(rule.measure).label)
    return [word for word in (counted, rule.resource_label, str(rule.get_by_display()), rule.group) if word]


def _stage(date: StageDate, terms: Terms) -> dict[str, str]:
    promised = instants.text(date.promised, terms.deadline_zone) if date.promised else ""
    return {noop("promised"): promised, noop("note"): date.note}


PARTS = (
    Part(
        "envelope",
        EnvelopeLine,
        ("element_id", "resource", "name"),
        ("unit", "total", "per_item", "margin"),
        lambda line: [_where(line.element), line.label],
        _line,
    ),
    Part(
        "accommodations",
        Accommodation,
        ("element_id",),
        ("length_um", "width_um", "height_um", "coldest_centidegree", "hottest_centidegree", "note"),
        lambda room: [_where(room.element)],
        _room,
    ),
    Part(
        "criteria",
        Criterion,
        ("name",),
        ("name_zh", "description", "weight", "lowest", "highest"),
        lambda criterion: [noop("criterion"), criterion.name],
        _criterion,
    ),
    Part(
        "portfolio_rules",
        PortfolioRule,
        ("by", "group", "distinct", "measure", "resource", "name"),
        ("unit", "at_least", "at_most"),
        _rule_subject,
        _rule,
    ),
    Part(
        "stage_dates",
        StageDate,
        ("stage",),
        ("promised", "note"),
        lambda date: [str(date.get_stage_display())],
        _stage,
    ),
)
"""The parts of the terms that are rows of their own."""

PLAIN = tuple(one.name for one in fields(Terms) if one.name not in {"elements", *(part.name for part in PARTS)})
"""The parts of the terms that are fields of the opportunity."""


def read(opportunity: Opportunity) -> Terms:
    """Return the terms as they stand in the database."""
    return Terms(
        **{name: getattr(opportunity, name) for name in PLAIN},
        elements=tuple(opportunity.elements.all()),
        envelope=tuple(opportunity.envelope.select_related("element")),
        accommodations=tuple(opportunity.accommodations.select_related("element")),
        criteria=tuple(opportunity.criteria.all()),
        portfolio_rules=tuple(opportunity.portfolio_rules.all()),
        stage_dates=tuple(opportunity.stage_dates.filter(stage__in=PROMISED_BY_HAND)),
    )


def said(terms: Terms) -> dict[str, dict[str, str]]:
    """Return what ``terms`` say, in English: for each subject, its fields and their text. Amounts carry their units."""
    with translation.override("en"):
        rows = {": ".join(subject): words for _, subject, words in _rows(terms)}
        return {"opportunity": _plain(terms)} | rows


def compare(before: Terms, after: Terms) -> list[Change]:
    """Return every difference as people read it, in English; reordering rows changes nothing that is said."""
    with translation.override("en"):
        changes = list(_differences([noop("opportunity")], _plain(before), _plain(after)))
        was, now = _by_key(before), _by_key(after)
        for key in was | now:
            subject, old = was.get(key, (now[key][0] if key in now else [], {}))
            changes += _differences(subject, old, now.get(key, (subject, {}))[1])
        return changes


def _by_key(terms: Terms) -> dict[Any, tuple[list[str], dict[str, str]]]:
    return {key: (subject, words) for key, subject, words in _rows(terms)}


def _rows(terms: Terms) -> Iterator[tuple[Any, list[str], dict[str, str]]]:
    for part in PARTS:
        for key, row in part.rows(terms).items():
            yield (part.name, key), part.subject(row), part.says(row, terms)


def _differences(subject: list[str], before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in before | after:
        if before.get(name, "") != after.get(name, ""):
            yield Change(subject, name, before.get(name, ""), after.get(name, ""))


def _plain(terms: Terms) -> dict[str, str]:
    words = {_label(name): _text(getattr(terms, name), terms.deadline_zone) for name in PLAIN}
    return words | {
        _label("review_mode"): str(ReviewMode(terms.review_mode).label),
        _label("lottery_within"): noop("no lottery") if not terms.lottery_within else points_text(terms.lottery_within),
        noop("elements"): ", ".join(sorted(element.name for element in terms.elements)),
    }


def points_text(millionths: int) -> str:
    """Return a merit as points, of which a proposal has at most 100."""
    return decimal_text(Fraction(millionths, POINT))


def _label(name: str) -> str:
    described: Any = Opportunity._meta.get_field(name)  # noqa: SLF001 - Django's documented way to a field
    return str(described.verbose_name)


def _text(value: object, zone_name: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return noop("yes") if value else noop("no")
        case datetime():
            return instants.text(value, zone_name)
    return str(value)
