"""What the engine of lending calls things, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.engines.lending.standing import Owed

OWED: Final[Mapping[Owed, str | Promise]] = {
    Owed.RETURN: _("return of the material"),
    Owed.INVENTORY: _("inventory"),
    Owed.REPORT: _("report"),
    Owed.DATA: _("data set"),
    Owed.PUBLICATIONS: _("publications"),
}
