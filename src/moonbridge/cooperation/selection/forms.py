"""What an office writes while it chooses."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.selection.actions.stating import LONGEST
from moonbridge.cooperation.selection.models import StatementKind

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


class StatementForm(forms.Form):
    """What the panel states about some of the proposals, which are chosen by their codes."""

    kind = ""

    def __init__(self, data: QueryDict | None, *, proposals: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, prefix=self.kind)
        choices = list(proposals)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                several = isinstance(field, forms.MultipleChoiceField)
                field.choices = choices if several else [("", "—"), *choices]
        self.fields["reason"] = forms.CharField(
            label=_("Written reason"),
            help_text=_("Shown to everybody with the decision. Name no proposal in it: who is refused stays unnamed."),
            max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 2}),
        )


def _several(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, widget=forms.CheckboxSelectMultiple)


class AtMostForm(StatementForm):
    """Of these proposals at most so many fly."""

    kind = StatementKind.AT_MOST.value
    proposals = _several(_("Of these"))
    number = forms.IntegerField(label=_("at most so many fly"), min_value=1, max_value=1000, initial=1)


class TogetherForm(StatementForm):
    """Two proposals are worth more, or less, together."""

    kind = StatementKind.TOGETHER.value
    first = forms.ChoiceField(label=_("This proposal"))
    second = forms.ChoiceField(label=_("together with"))
    worth = forms.DecimalField(
        label=_("counts so much more, or with a minus less"),
        help_text=_("in points of merit, of which one proposal has at most 100; for example -6 for an overlap"),
        min_value=-100,
        max_value=100,
        decimal_places=4,
    )


class NeedsForm(StatementForm):
    """A proposal flies only with others."""

    kind = StatementKind.NEEDS.value
    proposal = forms.ChoiceField(label=_("This proposal flies only with"))
    others = _several(_("of these"))
    number = forms.IntegerField(
        label=_("at least so many"), min_value=1, max_value=1000, required=False, help_text=_("empty: all of them")
    )


STATEMENT_FORMS: Mapping[str, type[StatementForm]] = {form.kind: form for form in (AtMostForm, TogetherForm, NeedsForm)}
"""The forms by the kind of statement."""
