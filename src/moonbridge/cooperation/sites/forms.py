"""The question about a place."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.sites.reports import FIRST_YEAR, LAST_YEAR
from moonbridge.errors import InputError
from moonbridge.formats.coordinates import parse


class StudyForm(forms.Form):
    """Where, when, how high, and how well the place is known."""

    place = forms.CharField(
        label=_("Coordinates"),
        max_length=60,
        help_text=_("Latitude and longitude in degrees, for example 88.8S, 123.4E or −88.8 123.4."),
    )
    name = forms.CharField(label=_("What you call it"), max_length=80, required=False)
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    mast_m = forms.DecimalField(
        label=_("Height above the ground in metres"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        max_digits=5,
        decimal_places=1,
        initial=Decimal(2),
        help_text=_("Of the solar panel or the antenna."),
    )
    snap_m = forms.IntegerField(
        label=_("Move to the highest ground within (metres)"),
        min_value=1,
        max_value=5000,
        required=False,
        help_text=_("Published coordinates often miss the crest they mean; the answer says how far the place moved."),
    )
    uncertainty_m = forms.IntegerField(
        label=_("Coordinates are known to (metres)"),
        min_value=1,
        max_value=50_000,
        required=False,
        help_text=_(
            "The windows are then computed at 17 places around, and told with earliest, median and latest times."
        ),
    )
    across_m = forms.IntegerField(
        label=_("Across (metres)"),
        min_value=0,
        max_value=50_000,
        required=False,
        help_text=_("Where the uncertainty is an ellipse: its shorter half-axis."),
    )
    axis_deg = forms.IntegerField(
        label=_("Direction of the longer axis (degrees)"), min_value=0, max_value=359, required=False
    )

    def clean_place(self) -> str:
        """Return the coordinates in one form; what cannot be read is said with an example."""
        try:
            return str(parse(self.cleaned_data["place"]))
        except InputError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_axis_deg(self) -> int:
        """Return the direction, north where none is given."""
        return self.cleaned_data["axis_deg"] or 0

    def clean(self) -> dict[str, Any]:
        """Refuse an ellipse whose shorter axis is the longer one."""
        asked = super().clean() or self.cleaned_data
        major, minor = asked.get("uncertainty_m"), asked.get("across_m")
        if minor is not None and (major is None or minor > major):
            self.add_error("across_m", _("The shorter half-axis is at most as long as the longer one."))
        return asked
