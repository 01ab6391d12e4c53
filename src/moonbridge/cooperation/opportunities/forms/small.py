"""Small forms: begin, extend, cancel, upload, ask, follow."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import queries
from moonbridge.cooperation.opportunities.actions.asking import LONGEST
from moonbridge.cooperation.opportunities.forms.fields import WallClockField
from moonbridge.cooperation.opportunities.models import StageKind
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.formats.documents import ALLOWED


class NewForm(forms.Form):
    """Begin a draft: for which mission, and its title. The mission says which agency offers."""

    mission = forms.ModelChoiceField(label=_("Mission"), queryset=Mission.objects.none())
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("It can be changed until you publish."))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mission"].queryset = queries.missions_of(user)  # type: ignore[attr-defined]


class ExtendForm(forms.Form):
    """Give the proposers more time."""

    deadline = WallClockField(label=_("New deadline"))
    reason = forms.CharField(label=_("Reason, public"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ShiftForm(forms.Form):
    """Move a promised date later, and what follows with it."""

    stage = forms.ChoiceField(label=_("Which date"))
    days = forms.IntegerField(label=_("By how many days"), required=False, min_value=1, max_value=3650)
    until = WallClockField(label=_("Or until when"), required=False)
    reason = forms.CharField(
        label=_("Reason, public"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
        help_text=_("Not needed to look at the dates, but to move them."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, stages: list[StageKind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["stage"]
        chosen.choices = [(stage.value, stage.label) for stage in stages]


class DocumentForm(forms.Form):
    """Add a document; a published opportunity wants a reason, for this is an amendment."""

    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(ALLOWED)}),
        help_text=_("PDF, Word, Excel, CSV, text, PNG or JPEG, at most 20 MiB. It is checked by its content."),
    )
    reason = forms.CharField(label=_("Reason, public"), max_length=4000, required=False)

    def __init__(self, *args: Any, published: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if published:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]


class WordsForm(forms.Form):
    """A question."""

    text = forms.CharField(label=_("Your question"), widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST)


class FollowForm(forms.Form):
    """An address to tell of every change."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
