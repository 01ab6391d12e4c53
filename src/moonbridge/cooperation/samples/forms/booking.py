"""What a curator writes of material that is missing from the store, given away, used up, or wrongly booked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.forms.fields import AmountField
from moonbridge.cooperation.samples.forms.bench import MassField, words
from moonbridge.quantities import SAMPLE_MASS


class _SomeOfIt(forms.Form):
    """How much of a piece is concerned."""

    mass = MassField(label=_("Mass"), help_text=_("for example 12.5 mg"))


class MissingHereForm(_SomeOfIt):
    """Report what is missing from the store."""

    what = words(_("What happened"), lines=3, required=True)


class CedeForm(_SomeOfIt):
    """Give material away for good."""

    receiver = words(
        _("Receiver"),
        most=120,
        required=True,
        help_text=_("a country, an agency or an institution, as the deed names it"),
    )
    reason = words(_("Deed, and why"), lines=3, required=True)


class UseUpForm(_SomeOfIt):
    """Note what was used up in house, and what of it is left over, altered."""

    left_over = AmountField(
        SAMPLE_MASS, label=_("Of this, left over"), help_text=_("altered material; it becomes a piece of its own")
    )
    reason = words(_("For what"), lines=3, required=True)


class ReleaseForm(forms.Form):
    """Say of what an analysis left over whether it may be lent."""

    lent = forms.BooleanField(label=_("It may be lent as a residue"), required=False)
    reason = words(_("Reason"), lines=2, required=True)


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
