"""What an office fills in about its people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import RoleKind, User

AGENCY_ROLES = (RoleKind.OFFICE, RoleKind.CURATOR, RoleKind.AUDITOR)


class RoleForm(forms.Form):
    """A person, by the address of their account, and a role in the agency."""

    email = forms.EmailField(label=_("E-mail address of their account"))
    kind = forms.ChoiceField(label=_("Role"), choices=[(kind.value, kind.label) for kind in AGENCY_ROLES])

    def clean_email(self) -> User:
        """Return the person; an address without an account is said to the office, who may know its people."""
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("Nobody has signed up with this address yet; ask them to, then repeat this."))
        return user
