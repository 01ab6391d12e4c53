"""What is attached to a piece: pictures, and what was published on it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.samples.actions.publishing import LONGEST_TITLE, Cited
from moonbridge.cooperation.samples.models.publishing import FIRST_YEAR, LAST_YEAR
from moonbridge.errors import InputError
from moonbridge.formats.documents.redrawn import ENDINGS
from moonbridge.formats.igsn.references import LONGEST, reference


class PictureForm(forms.Form):
    """Attach a picture."""

    file = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        help_text=_("PNG or JPEG, at most 20 MiB. Only its pixels are kept: not where, when or by whom it was taken."),
    )
    caption = forms.CharField(label=_("What it shows"), max_length=300)
    credit = forms.CharField(label=_("Whose picture it is"), max_length=200)


class PublicationForm(forms.Form):
    """Name a publication."""

    reference = forms.CharField(
        label=_("DOI or address"), max_length=LONGEST, help_text=_("for example 10.1126/science.abl7957")
    )
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)

    def clean_reference(self) -> str:
        """Refuse what is neither a DOI nor an address."""
        given: str = self.cleaned_data["reference"]
        try:
            reference(given)
        except InputError as fault:
            raise forms.ValidationError(fault.bare) from None
        return given

    @property
    def cited(self) -> Cited:
        """What was named, once the form is valid."""
        given: dict[str, Any] = self.cleaned_data
        return Cited(given["reference"], given["title"], given["year"])
