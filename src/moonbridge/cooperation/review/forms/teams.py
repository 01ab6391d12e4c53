"""What a team types about people who should not judge it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.models import Tie


class NamedForm(forms.Form):
    """Name somebody."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address, if you know it"), required=False)
    institution = forms.CharField(
        label=_("Institution"),
        max_length=200,
        required=False,
        help_text=_("With no name and no address: everybody of this institution."),
    )
    tie = forms.ChoiceField(label=_("Why"), choices=Tie)
    words = forms.CharField(
        label=_("In your words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
