"""Match what came back with what is on its way back."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import LoanLine
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.formats.tables.returns import PIECE, Fault, Returned, ReturnsError, Trouble


def waiting(agency: Partner) -> QuerySet[LoanLine]:
    """Return the lines of an agency's loans that are on their way back and not weighed yet."""
    return _sent_back(agency).filter(weighed_back_ng=None)


def _sent_back(agency: Partner) -> QuerySet[LoanLine]:
    lines = LoanLine.objects.filter(loan__agency=agency, sent_back_on__isnull=False, closed_on=None)
    return lines.select_related("loan", "lent", "split").order_by("loan__code", "number")


def matched(agency: Partner, rows: Iterable[Returned], *, weighed: bool = False) -> dict[UUID, Weight]:
    """Return what each line weighs; raises :class:`ReturnsError` for rows that name nothing, or two pieces, on its way back.

    With ``weighed`` also lines that were weighed already are known, so that a command that is sent twice means the same both times.
    """
    by_name: dict[str, list[LoanLine]] = {}
    for line in _sent_back(agency) if weighed else waiting(agency):
        for name in {line.label, (line.lent or line.split).name}:
            by_name.setdefault(name, []).append(line)
    found, faults = dict[UUID, Weight](), list[Fault]()
    for row in rows:
        lines = by_name.get(row.piece, [])
        if len(lines) == 1 and lines[0].pk not in found:
            found[lines[0].pk] = Weight(row.mass, row.sigma, row.least)
        else:
            trouble = Trouble.UNKNOWN if not lines else Trouble.TWICE if len(lines) == 1 else Trouble.AMBIGUOUS
            faults.append(Fault(trouble, row.row, PIECE, row.piece, ", ".join(line.label for line in lines)))
    if faults:
        raise ReturnsError(faults)
    return found
