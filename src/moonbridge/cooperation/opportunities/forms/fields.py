"""Fields for local times and exact amounts; what they cannot read they explain."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import POINT
from moonbridge.cooperation.wording import worded
from moonbridge.errors import InputError
from moonbridge.quantities import Kind

WALL_CLOCK = "%Y-%m-%dT%H:%M"
COLDEST, HOTTEST = -27_315, 200_000
"""Bounds of a temperature in 0.01 °C: absolute zero, and hotter than any instrument bears."""


class WallClockField(forms.DateTimeField):
    """A local time without its zone, in minutes; the form that holds it knows the zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=WALL_CLOCK, attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=[WALL_CLOCK, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Return a naive time: what a clock on the wall shows."""
        read = super().to_python(value)
        return None if read is None else read.replace(tzinfo=None)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another minute was typed than the one that was shown."""
        try:
            typed = self.to_python(data)
        except forms.ValidationError:
            return True
        return bool(typed != (initial and initial.replace(second=0, microsecond=0)))

    def prepare_value(self, value: Any) -> Any:
        """Show a naive time as it is."""
        return value


class CelsiusField(forms.CharField):
    """A temperature in degrees Celsius, kept as a whole number of hundredths of a degree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        """Return hundredths of a degree, or None for nothing."""
        text = super().clean(value).replace(",", ".").replace("−", "-").removesuffix("°C").strip()
        if not text:
            return None
        try:
            exact = Decimal(text) * 100
        except InvalidOperation:
            exact = Decimal("NaN")
        if not exact.is_finite() or exact != exact.to_integral_value() or not COLDEST <= exact <= HOTTEST:
            raise forms.ValidationError(_("Write a temperature in °C with at most two decimals, for example -20."))
        return int(exact)


class PointsField(forms.DecimalField):
    """Points of merit, of which a proposal has at most 100; kept in millionths of the full mark, empty as none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, decimal_places=4, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return millionths of the full mark."""
        return int((super().clean(value) or 0) * POINT)


class ElementsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """The elements of one mission, by their names alone."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the element's name; the page names the mission."""
        return str(obj.name)


def amount(**kwargs: Any) -> forms.CharField:
    """Return a field for an amount with its unit; the row that holds it knows the kind."""
    return forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"class": "short"}), **kwargs)


def parsed(form: forms.Form, name: str, kind: Kind) -> int | None:
    """Return the amount typed into the field ``name`` in base units, None for nothing; a mistake is said at the field."""
    text = form.cleaned_data.get(name, "")
    if not text:
        return None
    try:
        return kind.parse(text)
    except InputError as error:
        form.add_error(name, worded(error))
        return None
