"""What is written on a loan: by its borrower and by the officers of the agency."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.forms.fields import AmountField, CountryField
from moonbridge.cooperation.samples.actions.using import Found
from moonbridge.cooperation.samples.forms.bench import DIRTIEST
from moonbridge.cooperation.samples.models import Condition, DutyKind, LoanLine
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.quantities import SAMPLE_MASS


def _text(
    label: Any, *, most: int = 4000, lines: int = 2, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return forms.CharField(label=label, max_length=most, widget=widget, required=required, help_text=help_text)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class NothingForm(forms.Form):
    """A step that needs no words."""


class CertificateForm(forms.Form):
    """The certificate without which nothing leaves."""

    number = _text(_("Number of the sample certificate"), most=80, lines=0)


class ReasonForm(forms.Form):
    """A step that needs a reason."""

    reason = _text(_("Reason"))


class DifferencesForm(forms.Form):
    """A reason where the weights differ."""

    reason = _text(_("Reason, where the weights differ"), required=False)


class CarrierForm(forms.Form):
    """Who carries it."""

    carrier = _text(_("Who carries it"), most=200, lines=0)


class UntilForm(forms.Form):
    """Another end."""

    until = _day(_("Until"))
    reason = _text(_("Reason"))


class AnswerForm(forms.Form):
    """Grant or refuse an extension."""

    granted = forms.ChoiceField(label=_("Answer"), choices=[("yes", _("granted")), ("no", _("refused"))])
    answer = _text(_("Words to the borrower"), required=False)


class WeightsForm(forms.Form):
    """What each line weighs, all lines at once; ``weighed`` leaves pieces with a nominal mass out."""

    balance = _text(_("Balance"), most=120, lines=0, required=False, help_text=_("make and number"))

    def __init__(self, *args: Any, lines: Iterable[LoanLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weighed = [line for line in lines if not (line.lent or line.split).nominal]
        for line in self.weighed:
            mass = AmountField(
                SAMPLE_MASS, label=_("Mass"), initial=SAMPLE_MASS.text(line.issued_ng or line.granted_ng)
            )
            self.fields[f"mass-{line.pk}"] = mass
            self.fields[f"sigma-{line.pk}"] = AmountField(SAMPLE_MASS, label=_("Uncertainty"), initial="10 ug")

    def rows(self) -> list[tuple[LoanLine, forms.BoundField, forms.BoundField]]:
        """Return for each line its two fields."""
        return [(line, self[f"mass-{line.pk}"], self[f"sigma-{line.pk}"]) for line in self.weighed]

    @property
    def weights(self) -> dict[UUID, Weight]:
        """What was weighed, without lines that were left empty."""
        given = self.cleaned_data
        found = ((line.pk, given[f"mass-{line.pk}"], given[f"sigma-{line.pk}"]) for line in self.weighed)
        return {key: Weight(mass, sigma or 0) for key, mass, sigma in found if mass}


class InventoryForm(forms.Form):
    """How each piece was found: one choice a piece is enough."""

    def __init__(self, *args: Any, lines: Iterable[LoanLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"condition-{line.pk}"] = forms.ChoiceField(
                label=_("Found"), choices=Condition.choices, widget=forms.RadioSelect
            )
            self.fields[f"place-{line.pk}"] = forms.CharField(label=_("Kept where"), max_length=200, required=False)
            self.fields[f"mass-{line.pk}"] = AmountField(SAMPLE_MASS, label=_("Mass, if you weighed it"))
            self.fields[f"note-{line.pk}"] = forms.CharField(label=_("Note"), max_length=300, required=False)

    def rows(self) -> list[tuple[LoanLine, list[forms.BoundField]]]:
        """Return for each line its fields."""
        names = ("condition", "place", "mass", "note")
        return [(line, [self[f"{name}-{line.pk}"] for name in names]) for line in self.lines]

    @property
    def found(self) -> dict[UUID, Found]:
        """The answers by line."""
        given = self.cleaned_data
        return {
            line.pk: Found(
                given[f"condition-{line.pk}"],
                given[f"place-{line.pk}"],
                given[f"mass-{line.pk}"],
                given[f"note-{line.pk}"],
            )
            for line in self.lines
        }


class ReportForm(forms.Form):
    """Material used up, or left over from an analysis."""

    kind = forms.ChoiceField(
        label=_("What happened"), choices=[("consumed", _("used up")), ("residue", _("left over from an analysis"))]
    )
    mass = AmountField(SAMPLE_MASS, label=_("How much"), help_text=_("for example 4.2 mg"))
    contamination = forms.IntegerField(
        label=_("Contamination class of what is left over"), min_value=0, max_value=DIRTIEST, required=False,
        help_text=_("empty: as before; what is left over becomes a piece of its own"),
    )  # fmt: skip
    what = _text(_("What was done"))
    video_sha256 = _text(
        _("SHA-256 of the film of destructive work"), most=64, lines=0, required=False,
        help_text=_("The film stays with you; its hash proves later that it was not changed."),
    )  # fmt: skip


class SubSplitForm(forms.Form):
    """Divide what is held."""

    parts = _text(_("Masses of the parts, one a line"), most=2000, lines=3, help_text=_("for example 8 mg"))
    loss = AmountField(SAMPLE_MASS, label=_("Dust that was lost"))
    what = _text(_("What was done"))

    def clean_parts(self) -> list[int]:
        """Return the parts in nanograms."""
        field = AmountField(SAMPLE_MASS)
        return [field.clean(line) for line in self.cleaned_data["parts"].splitlines() if line.strip()]


class TransferForm(forms.Form):
    """Another person takes over."""

    email = forms.EmailField(label=_("E-mail address with which the receiver is known here"))
    institution = _text(_("Institution of the receiver"), most=200, lines=0)
    country = CountryField(label=_("Country"))
    reason = _text(_("Reason"))


class MissingForm(forms.Form):
    """Something is missing."""

    mass = AmountField(SAMPLE_MASS, label=_("How much is missing"))
    what = _text(_("What happened"))


class DutyForm(forms.Form):
    """A report, a data set, publications."""

    duty = forms.ChoiceField(label=_("What"), choices=DutyKind.choices)
    reference = _text(_("Address or DOI; for a waiver the reason"), most=300, lines=0)


class ReturnsForm(forms.Form):
    """What came back, pasted or as a file."""

    pasted = forms.CharField(
        label=_("Pasted or scanned"), required=False, max_length=500_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "a first line with the words piece, mass, sigma; then one piece a line. A fourth word, least, where only bounds are known"
        ),
    )  # fmt: skip
    file = forms.FileField(label=_("Or a file, CSV or XLSX"), required=False)
    balance = _text(_("Balance"), most=120, lines=0, required=False)


class WriteOffForm(forms.Form):
    """What everybody is told; the second officer only signs."""

    public_note = _text(_("What the public is told"), required=False)
