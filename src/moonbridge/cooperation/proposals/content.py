"""What a proposal says, as one value: read from its rows, compared, and put into plain JSON.

The form, the saving, the check of completeness, the fit and the receipt all speak of this value, so that they cannot disagree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Final
from uuid import UUID

from moonbridge.cooperation.proposals import models


@dataclass(frozen=True, slots=True)
class Participant:
    """A country's or body's part; ``share_permille`` in thousandths of the whole."""

    institution: str = ""
    partner_id: UUID | None = None
    country: str = ""
    contribution: str = ""
    share_permille: int = 0
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of operation: power in milliwatts, data in bytes per day while in it, share of time in thousandths."""

    name: str = ""
    power_mw: int = 0
    data_per_day: int = 0
    duty_permille: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """A version of the proposal. ``demands`` maps an envelope line's id to an amount in its base unit.

    Lengths in micrometres, temperatures in hundredths of a degree Celsius; None is not stated.
    """

    id: UUID
    kind: str = models.OptionKind.FULL.value
    name: str = ""
    element_id: UUID | None = None
    argument: str = ""
    merit_permille: int = 1000
    length_um: int | None = None
    width_um: int | None = None
    height_um: int | None = None
    coldest_centidegree: int | None = None
    hottest_centidegree: int | None = None
    demands: Mapping[UUID, int] = field(default_factory=dict)
    modes: tuple[Mode, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A statement about another instrument or proposal, in the team's words."""

    kind: str = models.RelationKind.INTERFERES.value
    named: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that a team writes. ``unread`` maps names of form fields to what was typed there and cannot be read yet."""

    title: str = ""
    acronym: str = ""
    theme: str = ""
    first_time: bool = False
    abstract: str = ""
    objectives: str = ""
    expertise: str = ""
    letter: str = ""
    accommodation: str = ""
    export_control: str = ""
    export_control_clear: bool = False
    participants: tuple[Participant, ...] = ()
    options: tuple[Option, ...] = ()
    relations: tuple[Relation, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


PLAIN: Final = (
    "title", "acronym", "theme", "first_time", "abstract", "objectives", "expertise", "letter", "accommodation", "export_control",
    "export_control_clear", "unread",
)  # fmt: skip
"""The parts of a draft that are columns of the proposal itself."""


def read(proposal: models.Proposal) -> Draft:
    """Return what ``proposal`` says now; with rows prefetched (``queries.for_page``) this asks the database nothing."""
    return Draft(
        **{name: getattr(proposal, name) for name in PLAIN},
        participants=tuple(_taken(Participant, row) for row in proposal.participants.all()),
        options=tuple(_option(row) for row in proposal.options.all()),
        relations=tuple(_taken(Relation, row) for row in proposal.relations.all()),
    )


def _option(row: models.Option) -> Option:
    demands = {demand.line_id: demand.amount for demand in row.demands.all()}
    return _taken(Option, row, demands=demands, modes=tuple(_taken(Mode, mode) for mode in row.modes.all()))


def _taken[Part](kind: type[Part], row: Any, **more: Any) -> Part:
    """Return a ``kind`` with the fields of the same names of ``row``."""
    names = [part.name for part in fields(kind) if part.name not in more]  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names}, **more)


def as_json(value: Any) -> Any:
    """Return a draft, or a part of one, as plain JSON; integers as text, since JSON numbers are not exact."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_json(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    return value if value is None or isinstance(value, bool | str) else str(value)


def differences(before: Draft, after: Draft) -> dict[str, tuple[Any, Any]]:
    """Return what differs, by part: (as it is in ``before``, as it is in ``after``), as plain JSON."""
    return {name: (old, new) for name, old, new in _pairs(as_json(before), as_json(after)) if old != new}


def _pairs(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, old in before.items():
        yield name, old, after[name]
