"""What programs write about samples: text, masses and lines of a loan, and how it is read."""

from collections.abc import Sequence
from typing import Annotated

from ninja import Field

from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.errors import InputError
from moonbridge.quantities import SAMPLE_MASS

Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]
Told = Annotated[str, Field(max_length=4_000, pattern=r"^[^\x00]*$", description="what was done, or why")]
Remark = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Balance = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
Mass = Annotated[str, Field(max_length=60, description="decimal text with a unit: 20 mg")]
LineNumber = Annotated[int, Field(ge=1, le=32_767)]


def mass_of(text: str, field: str) -> int | None:
    """Return a mass in nanograms, None for nothing; raises :class:`~moonbridge.errors.QuantityError`."""
    return SAMPLE_MASS.parse(text, field=field) or None if text else None


def mass_text(nanograms: int | None) -> str | None:
    """Return a mass as exact text with a unit, None for what is unknown."""
    return None if nanograms is None else SAMPLE_MASS.text(nanograms)


def lines_of(loan: Loan, numbers: Sequence[int]) -> list[LoanLine]:
    """Return the lines of a loan by their numbers; raises :class:`InputError` for one that it does not have or that is named twice."""
    if len(set(numbers)) < len(numbers):
        raise InputError("a line is named twice", field="line")
    lines = {line.number: line for line in loan.lines.all()}
    try:
        return [lines[number] for number in numbers]
    except KeyError as absent:
        raise InputError(f"{loan.code} has no line {absent.args[0]}", field="line") from None
