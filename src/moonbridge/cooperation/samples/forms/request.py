"""The form of a request: everything on one page, read into one value whatever state it is in.

What cannot be read is kept as it was typed, so that saving never fails for what somebody is still typing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.forms.fields import AmountField, CountryField, country_name
from moonbridge.cooperation.review.models import Ground
from moonbridge.cooperation.samples.asking import Draft, Line
from moonbridge.cooperation.samples.models import Disposition, Purpose, Request, Split
from moonbridge.cooperation.samples.models.asking import BEST_MARK
from moonbridge.cooperation.samples.stock import form_of
from moonbridge.engines.lending.policy import Policy, Unit
from moonbridge.quantities import SAMPLE_MASS

LONGEST_UNREAD: Final = 2_000


def _words(name: str, *, lines: int = 0, most: int = 10_000, help_text: Any = "") -> forms.CharField:
    """Return the optional text field of the request's column ``name``."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    label = getattr(Request._meta.get_field(name), "verbose_name", name)  # noqa: SLF001 - Django's documented way to a label
    return forms.CharField(label=capfirst(label), widget=widget, required=False, max_length=most, help_text=help_text)


class TextsForm(forms.Form):
    """The texts of a request."""

    title = _words("title", most=200)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    hypothesis = _words("hypothesis", lines=4)
    technique = _words("technique", lines=4)
    destructive = forms.BooleanField(label=_("Some of the material is altered or used up"), required=False)
    justification = _words("justification", lines=3)
    institution = _words("institution", most=200)
    country = CountryField(label=_("Country"))
    team = _words("team", lines=3)
    facilities = _words("facilities", lines=3)
    funding = _words("funding", lines=2)
    restrictions = _words(
        "restrictions", lines=2, help_text=_("for example a law that forbids your funder to work with us; or: none")
    )


class LineForm(forms.Form):
    """How much of one piece, and what becomes of it."""

    mass = AmountField(SAMPLE_MASS, label=_("Mass"), help_text=_("for example 20 mg"))
    least = AmountField(
        SAMPLE_MASS, label=_("The least that makes sense"), help_text=_("optional; raises your chances")
    )
    then = forms.ChoiceField(label=_("Afterwards"), choices=Disposition.choices, required=False)
    remove = forms.BooleanField(label=_("Take it off the list"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a least amount above the one that is asked for."""
        given = super().clean() or {}
        if given.get("least") and (not given.get("mass") or given["least"] > given["mass"]):
            self.add_error("least", _("It is more than you ask for."))
        return given


@dataclass(frozen=True, slots=True)
class LineRow:
    """One piece in the form, and whether it is asked for by mass or whole."""

    split: Split
    form: LineForm
    whole: bool


class Editor:
    """The whole form, from ``data`` (names and texts as a browser sends them) for the pieces on a request's list."""

    def __init__(self, data: Mapping[str, str], request: Request, policy: Policy) -> None:
        self.data, self.request = data, request
        self.texts = TextsForm(data)
        self.texts.is_valid()
        splits = [row.split for row in request.lines.all()]
        self.lines = [self._row(split, policy) for split in splits]

    def _row(self, split: Split, policy: Policy) -> LineRow:
        form = LineForm(self.data, prefix=str(split.pk))
        form.is_valid()
        return LineRow(split, form, policy.unit(form_of(split)) == Unit.WHOLE)

    @cached_property
    def draft(self) -> Draft:
        """All that could be read, and in ``unread`` what could not."""
        texts = {name: self.texts.cleaned_data.get(name, "") for name in self.texts.fields}
        texts["purpose"] = texts["purpose"] or Purpose.RESEARCH.value
        kept = [row for row in self.lines if not row.form.cleaned_data.get("remove")]
        return Draft(texts | {"unread": dict(self._unread(kept))}, tuple(_line(row) for row in kept))

    def _unread(self, rows: list[LineRow]) -> Iterator[tuple[str, str]]:
        for form in (self.texts, *(row.form for row in rows)):
            for name in form.errors:
                if name in form.fields and (typed := self.data.get(form.add_prefix(name), "")):
                    yield form.add_prefix(name), typed[:LONGEST_UNREAD].replace("\0", "")


def _line(row: LineRow) -> Line:
    given = {} if row.whole else row.form.cleaned_data
    then = row.form.cleaned_data.get("then") or Disposition.INTACT.value
    return Line(row.split.pk, given.get("mass") or None, given.get("least") or None, then)  # nothing is no amount


def shown(draft: Draft) -> dict[str, str]:
    """Return ``draft`` as the names and texts that a browser would send for it."""
    texts = {name: draft.texts[name] for name in TextsForm.base_fields}
    data = {name: "on" if text is True else str(text) for name, text in texts.items() if text is not False}
    data["country"] = country_name(data["country"]) if data["country"] else ""
    for line in draft.lines:
        data |= _shown_line(line.split, line)
    return data | dict(draft.texts["unread"])


def _shown_line(split: UUID, line: Line) -> dict[str, str]:
    amounts = {"mass": line.mass_ng, "least": line.least_ng}
    said = {f"{split}-{name}": SAMPLE_MASS.text(amount) if amount else "" for name, amount in amounts.items()}
    return said | {f"{split}-then": line.disposition}


def compared(theirs: Draft, yours: Draft, names: Mapping[UUID, str]) -> list[dict[str, str]]:
    """Return field by field what differs; ``names`` are those of the pieces."""
    old, new = shown(theirs), shown(yours)
    return [
        {"part": _label(name, names), "theirs": old.get(name, ""), "yours": new.get(name, "")}
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    ]


def _label(name: str, names: Mapping[UUID, str]) -> str:
    if name in TextsForm.base_fields:
        return str(TextsForm.base_fields[name].label)
    split, _dash, field = name.rpartition("-")
    return f"{names.get(UUID(split), '')}: {LineForm.base_fields[field].label}"


class AssessmentForm(forms.Form):
    """A mark, or a conflict of interest."""

    mark = forms.IntegerField(label=_("Mark, 0 to 10"), min_value=0, max_value=BEST_MARK, required=False)
    conflict = forms.CharField(
        label=_("Or your conflict of interest"), max_length=300, required=False,
        help_text=_("same institution, joint work, family: then you give no mark"),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("Comment"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class BarForm(forms.Form):
    """Set a conflict of a member of the committee as an officer."""

    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none())
    ground = forms.ChoiceField(label=_("What kind of tie"), choices=Ground.choices)
    evidence = forms.CharField(label=_("How you know"), max_length=500)

    def __init__(self, *args: Any, committee: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = self.fields["user"]
        assert isinstance(who, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        who.queryset = committee


class LiftForm(forms.Form):
    """Lift a conflict with a written reason."""

    user = forms.ModelChoiceField(queryset=User.objects.all(), widget=forms.HiddenInput)
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why it does not count"), max_length=500)


class DeclineForm(forms.Form):
    """Decline, with a reason."""

    reason = forms.CharField(
        label=_("Reason, for the applicant"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class GrantForm(forms.Form):
    """Grant the request as asked, or the least that makes sense."""

    reduced = forms.BooleanField(label=_("Grant only the least that makes sense"), required=False)
