"""The form by which a table of reviews comes back, and what belongs where a fault is, in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.sheets import Fault, Trouble
from moonbridge.formats.tables import MAX_BYTES


class SheetForm(forms.Form):
    """A file with reviews."""

    file = forms.FileField(label=_("Your reviews"), help_text=_("CSV (UTF-8) or XLSX, at most 2 MB"))

    def clean_file(self) -> Any:
        """Refuse a file that is too large before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is too large; a table of reviews has at most 2 MB."))
        return file


EXPECTED: Final[Mapping[Trouble, str | Promise]] = {
    Trouble.MISSING_COLUMN: _("a column with this name"),
    Trouble.UNKNOWN_COLUMN: _("one of: %(expected)s"),
    Trouble.DOUBLED_COLUMN: _("each column once"),
    Trouble.FORMULA: _("the value itself instead of a formula"),
    Trouble.NOT_YOURS: _("the code of a proposal that you review in this panel"),
    Trouble.TWICE: _("each proposal once; it stands in row %(expected)s already"),
    Trouble.NOT_A_MARK: _("a number with at most three decimals, %(expected)s"),
    Trouble.NOT_A_CHOICE: _("one of: %(expected)s"),
    Trouble.TOO_LONG: _("at most %(expected)s characters"),
    Trouble.CHANGED: _("version %(expected)s: the review was changed after this table was made; take a new one"),
    Trouble.SUBMITTED: _("nothing new: this review is submitted; reopen it first"),
}
"""What was expected, by the kind of fault."""


def expected(fault: Fault) -> str:
    """Return what belongs where the fault is."""
    return str(EXPECTED[fault.trouble]) % {"expected": fault.expected}
