"""The editor: everything that an opportunity says, on one page, read into one value."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities import instants
from moonbridge.cooperation.opportunities.forms.fields import ElementsField, PointsField, WallClockField
from moonbridge.cooperation.opportunities.forms.rows import (
    MOST_ROWS,
    AccommodationForm,
    CriterionForm,
    EnvelopeForm,
    RowForm,
    RuleForm,
)
from moonbridge.cooperation.opportunities.models import Opportunity, ReviewMode, StageDate
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.opportunities.terms import PLAIN, PROMISED_BY_HAND, Terms, points_text, read
from moonbridge.cooperation.programmes.models import Element, Site
from moonbridge.errors import InputError

ROWS: dict[str, type[RowForm]] = {
    "envelope": EnvelopeForm,
    "accommodations": AccommodationForm,
    "criteria": CriterionForm,
    "portfolio_rules": RuleForm,
}
"""The parts of the editor that are lists of rows, by their names in :class:`Terms`."""

type Rows = BaseFormSet[Any]
"""A list of rows as it was typed."""


def _words(label: Any, *, lines: int = 0, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return forms.CharField(label=label, widget=widget, required=False, **more)


class PlainForm(forms.Form):
    """The words and dates of an opportunity. Times are typed as clocks show them in the zone that stands beside them."""

    CLOCKS = ("deadline", "letter_deadline", *(f"promised_{stage}" for stage in PROMISED_BY_HAND))
    title = forms.CharField(label=_("Title"), max_length=200)
    title_zh = _words(_("Title in Chinese"), max_length=200)
    summary = _words(_("Summary"), lines=6)
    summary_zh = _words(_("Summary in Chinese"), lines=6)
    eligibility = _words(_("Who may take part"), lines=4)
    eligibility_zh = _words(_("Who may take part, in Chinese"), lines=4)
    # Not called "elements": a field of that name hides what browsers call the elements of a form, and scripts stumble.
    carriers = ElementsField(
        label=_("Elements of the mission that take part"),
        queryset=Element.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    site = forms.ModelChoiceField(
        label=_("Where on the Moon it goes"),
        queryset=Site.objects.all(),
        required=False,
        empty_label=_("not stated"),
        help_text=_(
            "A site of the catalogue: its light and its longest night are then shown, and proposals are held against them."
        ),
    )
    review_mode = forms.ChoiceField(
        label=_("Who learns whose name while proposals are judged"),
        choices=ReviewMode,
        widget=forms.RadioSelect,
        help_text=_("Teams write their proposals by this promise, so it stands once the opportunity is published."),
    )
    lottery_within = PointsField(
        label=_("Portfolios so close to the best are drawn by lot"),
        help_text=_(
            "In points of merit, of which a proposal has at most 100; 0 or empty: the best is chosen. A difference that the review cannot "
            "tell from chance is then left to a public draw. It stands once the opportunity is published."
        ),
    )
    deadline_zone = forms.CharField(
        label=_("Time zone of all dates on this page"),
        max_length=60,
        help_text=_("for example Asia/Shanghai or UTC"),
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    deadline = WallClockField(label=_("Deadline for proposals"), required=False)
    letter_required = forms.BooleanField(label=_("A letter of intent comes first"), required=False)
    letter_deadline = WallClockField(label=_("Deadline for letters of intent"), required=False)
    promised_shortlist = WallClockField(label=_("First selection announced"), required=False)
    note_shortlist = _words(_("Note on the first selection"), max_length=300)
    promised_declarations = WallClockField(label=_("Reviewers have declared their conflicts"), required=False)
    note_declarations = _words(_("Note on the declarations"), max_length=300)
    promised_reviews = WallClockField(label=_("Reviews are due"), required=False)
    note_reviews = _words(_("Note on the reviews"), max_length=300)
    promised_discussion = WallClockField(label=_("Panels have met"), required=False)
    note_discussion = _words(_("Note on the panels' meetings"), max_length=300)
    promised_decision = WallClockField(label=_("Decision announced"), required=False)
    note_decision = _words(_("Note on the decision"), max_length=300)
    promised_confirmation = WallClockField(label=_("Places confirmed"), required=False)
    note_confirmation = _words(_("Note on the confirmation"), max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, opportunity: Opportunity, terms: Terms, data: QueryDict | None) -> None:
        super().__init__(data, initial=_plain_initial(opportunity, terms))
        self._kept = _instants(terms)
        self.fields["carriers"].queryset = opportunity.mission.elements.all()  # type: ignore[attr-defined]
        for name in ("review_mode", "lottery_within"):
            self.fields[name].disabled = opportunity.state != State.DRAFT

    def clean(self) -> dict[str, Any]:
        """Turn local times into instants."""
        given = self.cleaned_data
        zone = given.get("deadline_zone", "")
        try:
            instants.zone(zone)
        except InputError as error:
            self.add_error("deadline_zone", error.bare)
            return given
        for name in self.CLOCKS:
            given[name] = self._instant(name, zone)
        return given

    def _instant(self, name: str, zone: str) -> datetime | None:
        wall = self.cleaned_data.get(name)
        if wall is None:
            return None
        if not {name, "deadline_zone"} & set(self.changed_data):
            return self._kept[name]  # to the second, which the form does not show
        try:
            return instants.localised(wall, zone, field=name)
        except InputError as error:
            self.add_error(name, error.bare)
            return None

    def stage_dates(self) -> Iterator[StageDate]:
        """Yield the dates that are promised one by one."""
        for stage in PROMISED_BY_HAND:
            promised, note = self.cleaned_data[f"promised_{stage}"], self.cleaned_data[f"note_{stage}"]
            if promised or note:
                yield StageDate(stage=stage, promised=promised, note=note)


class Editor:
    """The plain form and the lists of rows, filled from the database or from what was typed.

    ``add`` names a list that gets one more empty row.
    """

    def __init__(self, opportunity: Opportunity, data: QueryDict | None = None, *, add: str = "") -> None:
        self.opportunity, self.adding = opportunity, bool(add)
        self._elements = {str(element.pk): element for element in opportunity.mission.elements.order_by("name")}
        terms = read(opportunity)
        if data is not None and add in ROWS:
            data = _with_another_row(data, add)
        self.plain = PlainForm(opportunity, terms, data)
        self.rows = {name: self._rows(name, form, terms, data) for name, form in ROWS.items()}

    def _rows(self, name: str, form: type[RowForm], terms: Terms, data: QueryDict | None) -> Rows:
        kept = getattr(terms, name)
        factory = formset_factory(
            form, extra=0 if kept else 1, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS
        )
        shown: Any = form.shown  # type: ignore[attr-defined]
        return factory(
            data, prefix=name, initial=[shown(row) for row in kept], form_kwargs={"elements": self._elements}
        )

    def is_valid(self) -> bool:
        """Return whether everything that was typed can be read; what is missing does not matter here."""
        return all([self.plain.is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    @property
    def has_errors(self) -> bool:
        """Whether something was typed that cannot be read; a list that only grew is not judged yet."""
        return self.plain.is_bound and not self.adding and not self.is_valid()

    def terms(self) -> Terms:
        """Return what was typed as terms; call it after :meth:`is_valid`."""
        given = self.plain.cleaned_data
        plain: dict[str, Any] = {name: given[name] for name in PLAIN}
        rows: dict[str, Any] = {name: tuple(_given(typed)) for name, typed in self.rows.items()}
        return Terms(elements=tuple(given["carriers"]), stage_dates=tuple(self.plain.stage_dates()), **plain, **rows)


def _given(rows: Rows) -> Iterator[Any]:
    for form in rows.forms:
        if (form.has_changed() or form.initial) and not form.cleaned_data.get("DELETE"):
            yield form.row()


def _with_another_row(data: QueryDict, name: str) -> QueryDict:
    changed = data.copy()
    count = changed.get(f"{name}-TOTAL_FORMS", "0")
    if count.isdecimal():
        changed[f"{name}-TOTAL_FORMS"] = str(min(int(count) + 1, MOST_ROWS))
    return changed


def _instants(terms: Terms) -> dict[str, datetime | None]:
    promised = {f"promised_{date.stage}": date.promised for date in terms.stage_dates}
    return promised | {"deadline": terms.deadline, "letter_deadline": terms.letter_deadline}


def _plain_initial(opportunity: Opportunity, terms: Terms) -> dict[str, Any]:
    shown: dict[str, Any] = {name: getattr(terms, name) for name in PLAIN}
    notes = {f"note_{date.stage}": date.note for date in terms.stage_dates}
    walls = {name: at and instants.wall_clock(at, terms.deadline_zone) for name, at in _instants(terms).items()}
    chosen = {"carriers": [element.pk for element in terms.elements], "site": terms.site and terms.site.pk}
    points = {"lottery_within": points_text(terms.lottery_within)}
    return shown | notes | walls | chosen | points | {"version": opportunity.version}
