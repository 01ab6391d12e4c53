"""What is wrong with a score table, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.formats.tables.scores import Fault, FaultCode

EXPECTED: Final[Mapping[FaultCode, str | Promise]] = {
    FaultCode.MISSING_COLUMN: _("a column with this name"),
    FaultCode.UNKNOWN_COLUMN: _("one of: %(expected)s"),
    FaultCode.DOUBLED_COLUMN: _("each column once"),
    FaultCode.FORMULA: _("the value itself instead of a formula"),
    FaultCode.EMPTY: _("something in this cell"),
    FaultCode.TOO_LONG: _("at most %(expected)s characters"),
    FaultCode.UNKNOWN_PROPOSAL: _("the code of a submitted proposal: %(expected)s"),
    FaultCode.UNKNOWN_CRITERION: _("one of: %(expected)s"),
    FaultCode.NOT_A_NUMBER: _("a number, %(expected)s"),
    FaultCode.TOO_FINE: _("at most three decimals"),
    FaultCode.OUT_OF_SCALE: _("a number, %(expected)s"),
    FaultCode.DOUBLED: _("one score for each proposal, reviewer and criterion; the first stands in row %(expected)s"),
    FaultCode.WITHOUT_SCORE: _("a score beside the comment"),
    FaultCode.NO_SCORE: _("at least one score for %(expected)s"),
}
"""What was expected, by the code of the fault."""


def expected(fault: Fault) -> str:
    """Return what belongs where the fault is."""
    return str(EXPECTED[fault.code]) % {"expected": fault.expected}
