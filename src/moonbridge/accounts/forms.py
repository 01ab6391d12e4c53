"""What a newcomer is asked."""

from typing import Any

from allauth.account.forms import SignupForm as AddressForm
from babel import Locale
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User

NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes of Babel's territory list that stand for no country."""


class SignupForm(AddressForm):  # type: ignore[misc]
    """Name and institution beside address and password; both can be changed later."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    institution = forms.CharField(
        label=_("Institution"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("name", "email", "institution", "password1", "password2")

    def save(self, request: HttpRequest) -> User | None:
        """Make the account, unless the address has one already (its owner is told by mail, the visitor is not)."""
        user: User | None = super().save(request)
        if user is not None:
            given: dict[str, Any] = self.cleaned_data
            user.name, user.institution = given["name"], given["institution"]
            user.save(update_fields=["name", "institution"])
        return user


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Who somebody is; shown to their teams and to offices that decide on their proposals."""

    class Meta:
        model = User
        fields = ("name", "institution", "country", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"), choices=[("", "—"), *countries(get_language() or "en")], required=False
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of mails"), choices=settings.LANGUAGES, required=False, initial="en"
        )


class TokenForm(forms.Form):
    """What an API key is for."""

    name = forms.CharField(label=_("What is the key for?"), max_length=80)


def countries(language: str) -> list[tuple[str, str]]:
    """Return (ISO 3166 code, name in ``language``) of every country and territory, in the order of the names."""
    names = Locale.parse(language, sep="-").territories
    return sorted(
        ((code, name) for code, name in names.items() if code.isalpha() and code not in NOT_COUNTRIES),
        key=lambda pair: pair[1],
    )
