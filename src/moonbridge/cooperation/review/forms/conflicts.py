"""What is sent to the pages of conflicts: a conflict to pin, a reason, a list, a table."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.models import Ground, KnownKind
from moonbridge.engines.reviewing.conflicts import COAUTHOR_YEARS
from moonbridge.formats.tables import MAX_BYTES

LISTS_MAX_BYTES: Final = 4 * MAX_BYTES
"""The largest list of papers or institutions that is taken in."""


class PinForm(forms.Form):
    """A conflict that the office or the secretary sets; proposal and reviewer are named as tables name them."""

    code = forms.CharField(label=_("Proposal"), max_length=20, help_text=_("its code"))
    label = forms.CharField(label=_("Reviewer"), max_length=20, help_text=_("the label of the seat"))
    ground = forms.ChoiceField(label=_("What kind of tie"), choices=[*Ground.choices][::-1])
    evidence = forms.CharField(label=_("What it rests on"), max_length=500, required=False)


class ReasonForm(forms.Form):
    """A written reason."""

    reason = forms.CharField(label=_("Why"), max_length=300)


class DetectForm(forms.Form):
    """That what was found is kept: of which search, in a large round, and whether reviews that go on end."""

    search = forms.UUIDField(required=False)
    breaking = forms.ChoiceField(choices=[("yes", "")], required=False)


class SettleForm(forms.Form):
    """Whether a conflict that was found counts: the code of its proposal and its digest name it."""

    code = forms.CharField(max_length=20)
    found = forms.CharField(max_length=64)
    counts = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    reason = forms.CharField(max_length=300, required=False)


class ListForm(forms.Form):
    """A list by which conflicts are detected."""

    kind = forms.ChoiceField(label=_("What it tells"), choices=KnownKind)
    file = forms.FileField(
        label=_("List"),
        help_text=_(
            "CSV (UTF-8). Parents: ror, parent. Papers: paper, year, authors (ORCID iDs, separated by semicolons)."
        ),
    )
    years = forms.IntegerField(
        label=_("How many years a paper together counts"),
        min_value=0,
        max_value=100,
        initial=COAUTHOR_YEARS,
        required=False,
    )

    def clean_years(self) -> int:
        """Return the years of the engine where nothing is said."""
        given: int | None = self.cleaned_data["years"]
        return COAUTHOR_YEARS if given is None else given

    def clean_file(self) -> Any:
        """Refuse a file that is too large before anything is read."""
        return small_enough(self.cleaned_data["file"], LISTS_MAX_BYTES)


class TableForm(forms.Form):
    """A table of conflicts to pin."""

    file = forms.FileField(
        label=_("Table of conflicts"), help_text=_("CSV or XLSX: proposal, reviewer, ground, evidence")
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before anything is read."""
        return small_enough(self.cleaned_data["file"], MAX_BYTES)


def small_enough(file: Any, most: int) -> Any:
    """Return a file of at most ``most`` bytes."""
    if file.size > most:
        raise forms.ValidationError(_("The file is too large."))
    return file
