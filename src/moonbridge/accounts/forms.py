"""What a newcomer is asked."""

from typing import Any

from allauth.account.forms import SignupForm as AddressForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User


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
