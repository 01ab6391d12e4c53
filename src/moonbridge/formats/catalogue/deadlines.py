"""What the dates of a call say together: days open, days to answer, promises and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moonbridge.formats.catalogue.dates import Days, PartialDate


class Stage(StrEnum):
    """A stage of a call for which a date may be promised."""

    FIRST_SELECTION = "first selection"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Promise:
    """A stage whose date a call promised: what was promised, and when it happened as far as is known."""

    stage: Stage
    promised: PartialDate
    kept: PartialDate | None

    @property
    def days_late(self) -> Days | None:
        """Days from the promised to the actual date; None while the actual one is unknown."""
        return Days.between(self.promised, self.kept) if self.kept else None


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a call, a sample batch or a loan round by field, and what can be computed from them.

    The fields: ``released`` or ``opened``; ``intent_deadline`` (letter of intent) or ``deadline``; ``first_selection_promised`` and
    ``first_selection``; ``confirmation_promised``; ``answered`` (the public result).
    """

    by_field: Mapping[str, PartialDate]

    @property
    def opened(self) -> PartialDate | None:
        """From when one could come in."""
        return self.by_field.get("released") or self.by_field.get("opened")

    @property
    def closed(self) -> PartialDate | None:
        """The first deadline: until when one could still come in."""
        return self.by_field.get("intent_deadline") or self.by_field.get("deadline")

    @property
    def answered(self) -> PartialDate | None:
        """When the result became public."""
        return self.by_field.get("answered")

    @property
    def days_open(self) -> Days | None:
        """Days from the opening to the first deadline."""
        return Days.between(self.opened, self.closed) if self.opened and self.closed else None

    @property
    def days_to_answer(self) -> Days | None:
        """Days from the first deadline to the public result."""
        return Days.between(self.closed, self.answered) if self.closed and self.answered else None

    @property
    def promises(self) -> tuple[Promise, ...]:
        """The stages with a promised date, beside what became of them."""
        stages = (
            (Stage.FIRST_SELECTION, "first_selection_promised", "first_selection"),
            (Stage.CONFIRMATION, "confirmation_promised", "answered"),
        )
        return tuple(
            Promise(stage, self.by_field[promised], self.by_field.get(kept))
            for stage, promised, kept in stages
            if promised in self.by_field
        )
