"""What a curator writes of material that is missing from the store, given away, used up, or wrongly booked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.forms.fields import AmountField
from moonbridge.cooperation.samples.forms.bench import MassField, words
from moonbridge.quantities import SAMPLE_MASS


class MissingHereForm(forms.Form):
    """Report what is missing from the store."""

    mass = MassField(label=_("Mass"), help_text=_("for example 12.5 mg"))
    what = words(_("What happened"), lines=3, required=True)


class CedeForm(forms.Form):
    """Give material away for good."""

    mass = MassField(label=_("Mass"), help_text=_("for example 12.5 mg"))
    receiver = words(
        _("Receiver"),
        most=120,
        required=True,
        help_text=_("a country, an agency or an institution, as the deed names it"),
    )
    reason = words(_("Deed, and why"), lines=3, required=True)


class UseUpForm(forms.Form):
    """Note what was used up in house."""

    mass = MassField(label=_("Mass"), help_text=_("for example 12.5 mg"))
    reason = words(_("For what"), lines=3, required=True)


class CorrectForm(forms.Form):
    """Correct a movement; ``whole``: it can only be taken back altogether."""

    instead = AmountField(
        SAMPLE_MASS, label=_("What it should have been"), help_text=_("empty: it is taken back altogether")
    )
    reason = words(_("Reason"), lines=3, required=True)

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if whole:
            del self.fields["instead"]
