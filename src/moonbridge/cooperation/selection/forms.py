"""What an office writes while it chooses."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

IN, OUT = "in", "out"


class ForceForm(forms.Form):
    """Force a proposal in or out."""

    code = forms.CharField(max_length=20, widget=forms.HiddenInput)
    side = forms.ChoiceField(label=_("This proposal is"), choices=[(IN, _("forced in")), (OUT, _("forced out"))])
    reason = forms.CharField(
        label=_("Written reason"),
        help_text=_("Shown to everybody concerned."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DraftForm(forms.Form):
    """Draw up a decision: the length of the reserve list, words to everybody, and for each proposal a condition or words to its team."""

    recommendation = forms.IntegerField(widget=forms.HiddenInput)
    reserve = forms.IntegerField(
        label=_("Places on the reserve list"),
        min_value=0,
        max_value=100,
        initial=3,
        help_text=_("Ranked by who would come in if a place were lost."),
    )
    note = forms.CharField(
        label=_("Public note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, selected: Iterable[str], others: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selected, self.others = list(selected), list(others)
        for code in self.selected:
            self.fields[f"condition-{code}"] = _words(_("Condition (empty: none)"))
        for code in (*self.selected, *self.others):
            self.fields[f"note-{code}"] = _words(_("Words to the team"))

    def rows(self) -> list[tuple[str, forms.BoundField | None, forms.BoundField]]:
        """Return for each proposal its code, its field for a condition (None for those left out), and for words to the team."""
        with_place = [(code, self[f"condition-{code}"], self[f"note-{code}"]) for code in self.selected]
        return [*with_place, *((code, None, self[f"note-{code}"]) for code in self.others)]

    @property
    def conditions(self) -> Mapping[str, str]:
        """The conditions by code, without empty ones."""
        return self._given("condition-")

    @property
    def notes(self) -> Mapping[str, str]:
        """The words to the teams by code, without empty ones."""
        return self._given("note-")

    def _given(self, prefix: str) -> Mapping[str, str]:
        given = {name.removeprefix(prefix): text for name, text in self.cleaned_data.items() if name.startswith(prefix)}
        return {code: text for code, text in given.items() if text}


def _words(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1}))


class PublishForm(forms.Form):
    """Publish, knowing that it cannot be taken back."""

    sure = forms.BooleanField(
        label=_("I have read the decision; it is published to everybody and cannot be taken back.")
    )


class LossForm(forms.Form):
    """A place is lost."""

    code = forms.CharField(max_length=20, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why the place is lost"),
        help_text=_("Public."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PlaceForm(forms.Form):
    """One proposal, by its code, and an option of it by name (empty: the one it waits with)."""

    code = forms.CharField(max_length=20, widget=forms.HiddenInput)
    option = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
