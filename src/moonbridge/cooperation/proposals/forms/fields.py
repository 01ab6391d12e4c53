"""Fields for amounts, shares and countries: forgiving when one types, exact when one saves."""

from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.forms import countries
from moonbridge.cooperation.wording import worded
from moonbridge.errors import QuantityError
from moonbridge.quantities import Kind

WHOLE: Final = 1000
"""A share of all, in thousandths."""


class AmountField(forms.CharField):
    """An amount with its unit, read into base units of ``kind``; None for nothing."""

    def __init__(self, kind: Kind, **kwargs: Any) -> None:
        self.kind = kind
        # Telephones show digits first for a decimal input, and no letters at all; units are letters.
        widget = forms.TextInput(attrs={"class": "short", "data-fits": "", "autocomplete": "off"})
        super().__init__(max_length=60, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the amount in base units, or None."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.kind.parse(text)
        except QuantityError as error:
            raise forms.ValidationError(worded(error)) from None


class ShareField(forms.CharField):
    """A share in percent with at most one decimal, read into thousandths; None for nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "short", "inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=12, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return thousandths, or None."""
        text = super().clean(value).replace(",", ".").removesuffix("%").strip()
        if not text:
            return None
        try:
            permille = Decimal(text) * 10
        except InvalidOperation:
            permille = Decimal("NaN")
        if not permille.is_finite() or permille != permille.to_integral_value() or not 0 <= permille <= WHOLE:
            raise forms.ValidationError(_("Write a share from 0 to 100 % with at most one decimal, for example 33.3."))
        return int(permille)


class CountryField(forms.CharField):
    """A country by its name, in the reader's language or in English, or by its ISO 3166 code; read into the code."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "countries", "autocomplete": "off"})
        super().__init__(max_length=80, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the code, or an empty text."""
        text = super().clean(value)
        if not text:
            return ""
        code = codes(get_language() or "en").get(text.casefold()) or codes("en").get(text.casefold())
        if code is None:
            raise forms.ValidationError(_("This country is not known; choose one from the list."))
        return code


@cache
def codes(language: str) -> dict[str, str]:
    """Return the ISO code of each country by its name in ``language`` and by the code itself, all in lower case."""
    pairs = countries(language)
    return {name.casefold(): code for code, name in pairs} | {code.casefold(): code for code, _name in pairs}


@cache
def country_names(language: str) -> dict[str, str]:
    """Return the name of each country in ``language`` by its code."""
    return dict(countries(language))


def country_name(code: str) -> str:
    """Return a country's name in the reader's language."""
    return country_names(get_language() or "en").get(code, code)
