"""What the office chooses when it hands scores over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

CALIBRATED, RAW = "calibrated", "raw"


class HandoverForm(forms.Form):
    """Which merits count, the digest of the preview, and, where something is missing, that it is handed over all the same."""

    counts = forms.ChoiceField(
        label=_("What counts in selection"),
        choices=[
            (CALIBRATED, _("calibrated merits, with their doubts; the raw means stay beside them")),
            (RAW, _("raw means; the calibrated merits stay beside them")),
        ],
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    incomplete = forms.BooleanField(label=_("Hand it over although something is missing"), required=False)

    def __init__(self, *given: Any, possible: bool = True, missing: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        if not possible:
            self.fields["counts"].choices = self.fields["counts"].choices[1:]  # type: ignore[attr-defined]  # of a choice field
        if not missing:
            del self.fields["incomplete"]
