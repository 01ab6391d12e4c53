"""The form of a review: read from what a browser sends, or shown from what is saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.review.models import Descriptor, Panel, PanelKind, Verdict
from moonbridge.cooperation.review.writing import (
    LONGEST,
    NOTHING,
    Draft,
    Judged,
    comment_field,
    mark_field,
    plain_lines,
)
from moonbridge.errors import InputError
from moonbridge.formats.tables.scores import number, score_text

MOST_CHOICES: Final = 11
"""A scale of at most so many whole marks is shown as buttons to choose from, a longer one as a field for a number."""
EXPERTISE: Final = (
    (1, _("I know the field in general")),
    (2, _("I have worked in it")),
    (3, _("I am an expert in it")),
)
_PERMILLE: Final = 1000


class MarkField(forms.CharField):
    """A mark on the scale of a criterion with at most three decimals, read into thousandths; None for nothing."""

    def __init__(self, criterion: Criterion) -> None:
        self.lowest, self.highest = criterion.lowest, criterion.highest
        widget = forms.TextInput(attrs={"class": "short", "inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=12, required=False, widget=widget, label=named(criterion))

    def clean(self, value: Any) -> Any:
        """Return thousandths, or None."""
        text = super().clean(value)
        if not text:
            return None
        found = number(text)
        if found is None or not self.lowest <= found <= self.highest or found * _PERMILLE % 1:
            raise forms.ValidationError(
                _("A mark for “%(criterion)s” is a number from %(lowest)s to %(highest)s with at most three decimals."),
                params={"criterion": self.label, "lowest": self.lowest, "highest": self.highest},
            )
        return int(found * _PERMILLE)


class WordsField(forms.CharField):
    """A comment; lines end as everywhere but in what browsers send, so that the same words are the same text."""

    def __init__(self, label: Any, *, lines: int, hint: Any = "") -> None:
        widget = forms.Textarea(attrs={"rows": lines})
        super().__init__(label=label, max_length=LONGEST, required=False, widget=widget, help_text=hint)

    def to_python(self, value: Any) -> str:
        """Return the text with plain ends of lines."""
        return plain_lines(super().to_python(value) or "")


class TextsForm(forms.Form):
    """What is said of the proposal as a whole."""

    to_team = WordsField(
        _("Comment to the team"), lines=5, hint=_("The team reads it with the decision, without your name.")
    )
    confidential = WordsField(
        _("Confidential comment"),
        lines=3,
        hint=_("For the panel and the programme office only; the team never reads it."),
    )
    expertise = forms.TypedChoiceField(
        label=_("How well do you know the field?"), choices=EXPERTISE, coerce=int, empty_value=None, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    verdict = forms.ChoiceField(
        label=_("Is it feasible?"), choices=Verdict.choices, required=False, widget=forms.RadioSelect
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A mark that can be chosen: its digits, what it means, and whether it is chosen."""

    text: str
    meaning: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion in the form. ``choices`` is empty where the mark is typed; ``meanings`` then says what some marks mean."""

    criterion: Criterion
    mark: forms.BoundField
    comment: forms.BoundField
    choices: list[Choice]
    meanings: list[tuple[str, str]]


class Editor:
    """The whole form of a review by the ``criteria`` of its ``panel``, from ``data``: names and texts as a browser sends them."""

    def __init__(self, data: Mapping[str, str], panel: Panel, criteria: Sequence[Criterion]) -> None:
        self.data, self.criteria = data, criteria
        self.texts = TextsForm(data)
        if panel.kind != PanelKind.TECHNICAL:
            del self.texts.fields["verdict"]
        self.marks = forms.Form(data)
        for one in criteria:
            self.marks.fields[mark_field(one.pk)] = MarkField(one)
            label = gettext("%(criterion)s: comment") % {"criterion": named(one)}
            self.marks.fields[comment_field(one.pk)] = WordsField(label, lines=3)
        self.readable = self.texts.is_valid() & self.marks.is_valid()

    @cached_property
    def draft(self) -> Draft:
        """All that was typed. Raises :class:`InputError` with every reason where something of it cannot be read."""
        if not self.readable:
            wrong = [
                str(error) for form in (self.marks, self.texts) for errors in form.errors.values() for error in errors
            ]
            raise InputError(" ".join(wrong))
        said = self.marks.cleaned_data
        judged = {one.pk: Judged(said[mark_field(one.pk)], said[comment_field(one.pk)]) for one in self.criteria}
        return Draft(judged={key: one for key, one in judged.items() if one != NOTHING}, **self.texts.cleaned_data)

    def lines(self, descriptors: Sequence[Descriptor]) -> Iterator[Line]:
        """Yield the criteria with their fields, and what their marks mean."""
        chinese = (get_language() or "").startswith("zh")
        meaning = {(one.criterion_id, one.value_permille): (chinese and one.text_zh) or one.text for one in descriptors}
        for one in self.criteria:
            mark = self.marks[mark_field(one.pk)]
            meant = {value: text for (key, value), text in meaning.items() if key == one.pk}
            told = [(score_text(value), text) for value, text in sorted(meant.items())]
            yield Line(one, mark, self.marks[comment_field(one.pk)], _choices(one, meant, mark.value() or ""), told)


def _choices(criterion: Criterion, meanings: Mapping[int, str], typed: str) -> list[Choice]:
    """Return the whole marks of a short scale, and beside them the marks that have a meaning or are given already."""
    if criterion.highest - criterion.lowest >= MOST_CHOICES:
        return []
    whole = {value * _PERMILLE for value in range(criterion.lowest, criterion.highest + 1)}
    found = number(typed)
    given = None if found is None or found * _PERMILLE % 1 else int(found * _PERMILLE)
    if typed and given is None:
        return []  # what cannot be read stays in a field, where it can be corrected
    every = sorted(whole | set(meanings) | ({given} if given is not None else set()))
    return [Choice(score_text(value), meanings.get(value, ""), value == given) for value in every]


def named(criterion: Criterion) -> str:
    """Return the criterion's name in the reader's language where it has one."""
    chinese = (get_language() or "").startswith("zh")
    return (chinese and criterion.name_zh) or criterion.name


def shown(draft: Draft) -> dict[str, str]:
    """Return ``draft`` as the names and texts that a browser would send for it."""
    data = {"to_team": draft.to_team, "confidential": draft.confidential, "verdict": draft.verdict}
    data["expertise"] = str(draft.expertise or "")
    for key, one in draft.judged.items():
        data[mark_field(key)] = "" if one.value_permille is None else score_text(one.value_permille)
        data[comment_field(key)] = one.comment
    return data


def compared(theirs: Draft, yours: Draft, editor: Editor) -> list[dict[str, str]]:
    """Return field by field what differs: its name for people, and what stands in either version."""
    old, new = shown(theirs), shown(yours)
    labels = {name: str(field.label) for form in (editor.marks, editor.texts) for name, field in form.fields.items()}
    return [
        {"part": label, "theirs": _told(name, old.get(name, "")), "yours": _told(name, new.get(name, ""))}
        for name, label in labels.items()
        if old.get(name, "") != new.get(name, "")
    ]


def _told(name: str, text: str) -> str:
    words = {"verdict": dict(Verdict.choices), "expertise": {str(key): label for key, label in EXPERTISE}}
    return str(words.get(name, {}).get(text, text))
