"""The form of a proposal: everything on one page, read into one value whatever state it is in.

What can be read becomes part of the draft; what cannot is kept as it was typed (``Draft.unread``), so that saving never fails for
what somebody is still typing. The form is always filled from text: what was sent, or what :func:`shown` makes of a draft.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.proposals import content, fit
from moonbridge.cooperation.proposals.forms.rows import ModeForm, OptionForm, ParticipantForm, RelationForm, Row, words
from moonbridge.cooperation.proposals.models import OptionKind
from moonbridge.errors import InputError

MOST: Final = {"participants": 60, "options": 8, "modes": 20, "relations": 30}
"""How many rows of each kind are taken; more than that is no proposal but an attack."""
LONGEST_UNREAD: Final = 20_000


class TextsForm(forms.Form):
    """The texts of a proposal."""

    title = words(_("Title"), most=200)
    acronym = words(_("Short name"), most=30)
    theme = words(_("Science theme"), most=80, help_text=_("for example heliophysics, geology, life sciences"))
    first_time = forms.BooleanField(label=_("A first participation in deep space"), required=False)
    abstract = words(_("Abstract"), lines=6, most=6000)
    objectives = words(_("Objectives: what it finds out, and how"), lines=8, most=20_000)
    expertise = words(_("Who you are, and why you can do it"), lines=6, most=10_000)
    letter = words(_("Letter of intent"), lines=6, most=10_000)
    accommodation = words(
        _("Accommodation"),
        lines=4,
        most=10_000,
        help_text=_("field of view, pointing, deployment, cleanliness, magnetics"),
    )
    export_control = words(
        _("Export control and components"),
        lines=4,
        most=10_000,
        help_text=_("which components or technology need a licence of which country, and where that stands"),
    )
    export_control_clear = forms.BooleanField(
        label=_("No licence of another country is needed, or all are granted"), required=False
    )


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One version in the form: its fields, the rows of its modes, and how it fits."""

    form: OptionForm
    modes: list[ModeForm]
    fit: fit.Fit | None


class Editor:
    """The whole form, from ``data`` (names and texts as a browser sends them) for a call's ``opportunity``."""

    def __init__(self, data: Mapping[str, str], opportunity: Opportunity) -> None:
        self.opportunity = opportunity
        # A page without any version still shows one to fill in.
        self.data = data if _numbers(data, "options") else another_option(data, uuid4())
        self.texts = _checked(TextsForm(self.data))
        self.participants = self._rows("participants", ParticipantForm)
        self.relations = self._rows("relations", RelationForm)
        self._options = [(form, self._rows("modes", ModeForm, f"{form.prefix}-modes")) for form in self._option_forms()]

    @cached_property
    def draft(self) -> content.Draft:
        """All that could be read, and in ``unread`` what could not."""
        partners = _partners() if self.participants else {}
        texts = {name: self.texts.cleaned_data.get(name, "") for name in self.texts.fields}
        return content.Draft(
            **texts,
            participants=tuple(form.part(partners) for form in self.participants if form.counts),
            options=tuple(
                form.part(tuple(mode.part() for mode in modes if mode.counts)) for form, modes in self._counting()
            ),
            relations=tuple(form.part() for form in self.relations if form.counts),
            unread=dict(self._unread()),
        )

    @cached_property
    def options(self) -> list[OptionRow]:
        """The versions as the page shows them; a row that says nothing yet has no fit."""
        fits = {option.id: fit.of(option, self.opportunity) for option in self.draft.options}
        return [OptionRow(form, modes, fits.get(form.key)) for form, modes in self._options]

    def _counting(self) -> list[tuple[OptionForm, list[ModeForm]]]:
        return [(form, modes) for form, modes in self._options if form.counts]

    def _rows[Kind: Row](self, name: str, kind: type[Kind], prefix: str = "") -> list[Kind]:
        """Return the rows that were sent and say something, and one empty one behind them."""
        numbers = _numbers(self.data, prefix := prefix or name, MOST[name])
        rows = [_checked(kind(self.data, prefix=f"{prefix}-{number}")) for number in numbers]
        empty = _checked(kind(self.data, prefix=f"{prefix}-{max(numbers, default=-1) + 1}"))
        return [*(row for row in rows if row.counts or row["remove"].data), empty]

    def _option_forms(self) -> Iterator[OptionForm]:
        for number in _numbers(self.data, "options", MOST["options"]):
            yield _checked(OptionForm(self.data, prefix=f"options-{number}", opportunity=self.opportunity))

    def labels(self) -> dict[str, str]:
        """Return what each field is called where it stands: ``Participant 2: Country``."""
        found = {name: str(field.label) for name, field in self.texts.fields.items()}
        for title, rows in ((gettext("Participant"), self.participants), (gettext("Statement"), self.relations)):
            for number, row in enumerate(rows, start=1):
                found |= _labelled(row, f"{title} {number}")
        for number, (form, modes) in enumerate(self._options, start=1):
            title = form.read("name") or gettext("Version %(number)s") % {"number": number}
            found |= _labelled(form, title)
            for place, mode in enumerate(modes, start=1):
                found |= _labelled(mode, gettext("%(version)s, mode %(number)s") % {"version": title, "number": place})
        return found

    def _unread(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that could not be read, under the names that they have once empty rows are left out."""
        yield from _errors(self.texts, self.data, "")
        for name, rows in (("participants", self.participants), ("relations", self.relations)):
            for number, row in enumerate(row for row in rows if row.counts):
                yield from _errors(row, self.data, f"{name}-{number}-")
        for number, (form, modes) in enumerate(self._counting()):
            yield from _errors(form, self.data, f"options-{number}-")
            for place, mode in enumerate(mode for mode in modes if mode.counts):
                yield from _errors(mode, self.data, f"options-{number}-modes-{place}-")


def _checked[Kind: forms.Form](form: Kind) -> Kind:
    """Return ``form`` after it has read its data; mistakes stand at its fields."""
    form.is_valid()
    return form


def _numbers(data: Mapping[str, str], prefix: str, most: int | None = None) -> list[int]:
    """Return the numbers of the rows called ``<prefix>-<number>-...`` in ``data``; refuse more than ``most``."""
    pattern = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,4}})-")
    numbers = sorted({int(found[1]) for name in data if (found := pattern.match(name))})
    if most is not None and len(numbers) > most:
        raise InputError(
            gettext("That are too many rows; at most %(most)s are possible.") % {"most": most}, field=prefix
        )
    return numbers


def _errors(form: forms.Form, data: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for name in form.errors:
        if name in form.fields and (typed := data.get(form.add_prefix(name), "")):
            yield f"{prefix}{name}", typed[:LONGEST_UNREAD].replace("\0", "")


def _partners() -> dict[str, UUID]:
    """Return the partners that the catalogue knows, by every name in lower case."""
    known = Partner.objects.values_list("pk", "name", "name_zh")
    return {name.casefold(): key for key, *names in known for name in names if name}


def shown(draft: content.Draft, opportunity: Opportunity) -> dict[str, str]:
    """Return ``draft`` as the names and texts that a browser would send for it."""
    texts = {name: getattr(draft, name) for name in TextsForm.base_fields}
    data = {name: "on" if text is True else text for name, text in texts.items() if text is not False}
    for number, participant in enumerate(draft.participants):
        data |= _prefixed(f"participants-{number}", ParticipantForm.shown(participant))
    for number, relation in enumerate(draft.relations):
        data |= _prefixed(f"relations-{number}", RelationForm.shown(relation))
    for number, option in enumerate(draft.options):
        data |= _prefixed(f"options-{number}", OptionForm.shown(option, opportunity))
        for place, mode in enumerate(option.modes):
            data |= _prefixed(f"options-{number}-modes-{place}", ModeForm.shown(mode))
    return data | dict(draft.unread)


def compared(theirs: content.Draft, yours: content.Draft, opportunity: Opportunity) -> list[dict[str, str]]:
    """Return field by field what differs: its name for people, and what stands in either version."""
    old, new = shown(theirs, opportunity), shown(yours, opportunity)
    labels = Editor(old | new, opportunity).labels()
    return [
        {"part": labels[name], "theirs": _ticked(old.get(name, "")), "yours": _ticked(new.get(name, ""))}
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "") and name in labels
    ]


def _ticked(text: str) -> str:
    return gettext("yes") if text == "on" else text


def _labelled(row: Row, title: str) -> dict[str, str]:
    return {row.add_prefix(name): f"{title}: {field.label}" for name, field in row.fields.items() if name != "id"}


def another_option(data: Mapping[str, str], key: UUID) -> dict[str, str]:
    """Return ``data`` with one more version, called ``key``, that is still to be filled in."""
    numbers = _numbers(data, "options")
    kind = OptionKind.DESCOPED if numbers else OptionKind.FULL
    blank = {"id": str(key), "kind": kind.value}
    return dict(data.items()) | _prefixed(f"options-{max(numbers, default=-1) + 1}", blank)


def _prefixed(prefix: str, fields: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}-{name}": text for name, text in fields.items()}
