"""Invite an external referee, and answer an invitation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.referees import Asked
from moonbridge.cooperation.review.models import Panel
from moonbridge.cooperation.review.queries.panels import items_of


class RefereeForm(forms.Form):
    """Whom to ask, to judge what."""

    email = forms.EmailField(label=_("E-mail address"))
    note = forms.CharField(
        label=_("A word to the referee"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It goes into the mail as it stands; name no team and no proposal in it."),
    )

    def __init__(self, *args: Any, panel: Panel, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = items_of(user, panel)
        self.fields["proposals"] = forms.MultipleChoiceField(
            label=_("Proposals to judge"),
            choices=[(str(item.proposal_id), f"{item.proposal.code} {item.proposal.title}") for item in items],
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["email", "proposals", "note"])

    def asked(self) -> Asked:
        """Return what a valid form asks."""
        given = self.cleaned_data
        return Asked(given["email"], proposals=tuple(given["proposals"]), note=given["note"])


class DeclineForm(forms.Form):
    """Say no."""

    because = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("The office reads it; a colleague's name helps.")
    )
