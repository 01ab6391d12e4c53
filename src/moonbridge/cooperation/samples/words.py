"""What the engine of lending and the tables of returns speak of, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.engines.lending.standing import Owed
from moonbridge.formats.tables.returns import Trouble

OWED: Final[Mapping[Owed, str | Promise]] = {
    Owed.RETURN: _("return of the material"),
    Owed.INVENTORY: _("inventory"),
    Owed.REPORT: _("report"),
    Owed.DATA: _("data set"),
    Owed.PUBLICATIONS: _("publications"),
}

TROUBLES: Final[Mapping[Trouble, str | Promise]] = {
    Trouble.MISSING_COLUMN: _("This column is missing."),
    Trouble.EMPTY: _("Nothing stands here."),
    Trouble.TWICE: _("This piece stands here twice."),
    Trouble.NOT_AN_AMOUNT: _("This is no mass; write a number and a unit."),
    Trouble.UNKNOWN: _("Nothing of this name is on its way back."),
    Trouble.AMBIGUOUS: _("More than one piece of this name is on its way back; write the line of the loan."),
}
