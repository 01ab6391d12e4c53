"""Rows of the terms: lines of the envelope, accommodations, criteria, portfolio rules."""

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.forms.fields import CelsiusField, amount, parsed
from moonbridge.cooperation.opportunities.models import (
    PERMILLE,
    QUANTITY,
    Accommodation,
    Criterion,
    EnvelopeLine,
    GroupKind,
    Measure,
    PortfolioRule,
    Resource,
)
from moonbridge.cooperation.programmes.models import Element
from moonbridge.quantities import KINDS, LENGTH, Kind, custom, decimal_text

MOST_ROWS = 60


class RowForm(forms.Form):
    """One row; its ``row()`` is the model instance that it describes, unsaved. ``elements`` are those of the mission, by id."""

    def __init__(self, *args: Any, elements: dict[str, Element], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "element" in self.fields:
            names = [(key, element.name) for key, element in elements.items()]
            self.fields["element"] = forms.TypedChoiceField(
                label=_("Element"),
                choices=[("", _("whole mission")), *names],
                coerce=partial(_chosen, elements),
                empty_value=None,
                required=False,
            )

    def row(self) -> Any:
        """Return the instance that a valid row describes."""
        raise NotImplementedError


def _chosen(elements: Mapping[str, Element], key: str) -> Element:
    """Return the element that a choice stands for; what a browser never sends is a ValueError, which the field reports."""
    if key not in elements:
        raise ValueError(key)
    return elements[key]


class EnvelopeForm(RowForm):
    """How much of a resource an element offers."""

    element = forms.Field()
    resource = forms.ChoiceField(label=_("Resource"), choices=[("", "—"), *Resource.choices])
    name = forms.CharField(label=_("Its name, if other"), max_length=80, required=False)
    unit = forms.CharField(label=_("Its unit, if other"), max_length=20, required=False)
    total = amount(label=_("In total"))
    per_item = amount(label=_("At most per item"))
    margin = amount(label=_("Held back"))

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the units of their resource."""
        given = self.cleaned_data
        kind = self._kind(given)
        if kind is not None:
            for name in ("total", "per_item", "margin"):
                given[name] = parsed(self, name, kind)
        return given

    def _kind(self, given: dict[str, Any]) -> Kind | None:
        resource = given.get("resource")
        if resource != Resource.OTHER:
            return KINDS[QUANTITY[resource]] if resource else None
        for name in ("name", "unit"):
            if not given.get(name):
                self.add_error(name, _("Another resource needs a name and a unit."))
        return custom(given["unit"]) if given.get("unit") else None

    def row(self) -> EnvelopeLine:
        """Return the line of the envelope."""
        given, other = self.cleaned_data, self.cleaned_data["resource"] == Resource.OTHER
        return EnvelopeLine(
            element=given["element"], resource=given["resource"], name=given["name"] if other else "",
            unit=given["unit"] if other else "", total=given["total"], per_item=given["per_item"], margin=given["margin"] or 0,
        )  # fmt: skip

    @staticmethod
    def shown(line: EnvelopeLine) -> dict[str, Any]:
        """Return what the form shows of ``line``."""
        texts = {
            name: "" if getattr(line, name) is None else line.kind.text(getattr(line, name))
            for name in ("total", "per_item", "margin")
        }
        return texts | {
            "element": str(line.element_id or ""),
            "resource": line.resource,
            "name": line.name,
            "unit": line.unit,
        }


class AccommodationForm(RowForm):
    """The box and the temperatures of an element."""

    SIDES = ("length", "width", "height")
    element = forms.Field()
    length = amount(label=_("Length"))
    width = amount(label=_("Width"))
    height = amount(label=_("Height"))
    coldest = CelsiusField(label=_("Coldest, °C"), required=False)
    hottest = CelsiusField(label=_("Hottest, °C"), required=False)
    note = forms.CharField(label=_("In words"), required=False, max_length=2000)

    def clean(self) -> dict[str, Any]:
        """Read the lengths; a bare number is millimetres."""
        given = self.cleaned_data
        for side in self.SIDES:
            given[side] = parsed(self, side, LENGTH)
        coldest, hottest = given.get("coldest"), given.get("hottest")
        if coldest is not None and hottest is not None and coldest > hottest:
            self.add_error("hottest", _("The hottest lies below the coldest."))
        return given

    def row(self) -> Accommodation:
        """Return the accommodation."""
        given = self.cleaned_data
        return Accommodation(
            element=given["element"], length_um=given["length"], width_um=given["width"], height_um=given["height"],
            coldest_centidegree=given["coldest"], hottest_centidegree=given["hottest"], note=given["note"],
        )  # fmt: skip

    @staticmethod
    def shown(room: Accommodation) -> dict[str, Any]:
        """Return what the form shows of ``room``."""
        sides = {
            side: "" if getattr(room, f"{side}_um") is None else LENGTH.text(getattr(room, f"{side}_um"), "mm")
            for side in AccommodationForm.SIDES
        }
        degrees = {
            end: "" if value is None else decimal_text(Fraction(value, 100))
            for end, value in (("coldest", room.coldest_centidegree), ("hottest", room.hottest_centidegree))
        }
        return sides | degrees | {"element": str(room.element_id or ""), "note": room.note}


class CriterionForm(RowForm):
    """A criterion, its weight and its scale."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    description = forms.CharField(label=_("What is judged"), max_length=2000, required=False)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=1000)
    lowest = forms.IntegerField(label=_("Lowest score"), min_value=-100, max_value=100)
    highest = forms.IntegerField(label=_("Highest score"), min_value=-100, max_value=100)

    def row(self) -> Criterion:
        """Return the criterion."""
        return Criterion(**{name: self.cleaned_data[name] for name in self.base_fields})

    @staticmethod
    def shown(criterion: Criterion) -> dict[str, Any]:
        """Return what the form shows of ``criterion``."""
        return {name: getattr(criterion, name) for name in CriterionForm.base_fields}


DIFFERENT: Final = "different"
"""Chosen where a rule counts different groups, in the place of what else it could measure."""


class RuleForm(RowForm):
    """A portfolio rule: at least or at most so much, for each group, for one, or of different groups."""

    BOUNDS = ("at_least", "at_most")
    at_least = amount(label=_("At least"), help_text=_("3, 30 kg, or 40 %"))
    at_most = amount(label=_("At most"))
    measure = forms.ChoiceField(
        label=_("of"),
        choices=[("", Measure.NUMBER.label), (DIFFERENT, _("different groups")), *Measure.choices[1:]],
        required=False,
    )
    resource = forms.ChoiceField(
        label=_("of which resource"),
        choices=[("", "—"), *Resource.choices],
        required=False,
        help_text=_("for an amount; for a part, empty: of the selected proposals"),
    )
    name = forms.CharField(label=_("Its name, if other"), max_length=80, required=False)
    unit = forms.CharField(label=_("Its unit, if other"), max_length=20, required=False)
    by = forms.ChoiceField(label=_("by"), choices=[("", "—"), *GroupKind.choices])
    group = forms.CharField(
        label=_("only this one"),
        max_length=80,
        required=False,
        help_text=_("a country code, a theme or an institution; empty: each"),
    )

    def clean(self) -> dict[str, Any]:
        """Read the bounds in what is measured; refuse a rule that says nothing."""
        given = self.cleaned_data
        if not given.get("at_least") and not given.get("at_most"):
            self.add_error("at_least", _("Say at least or at most how many."))
        kind = self._kind(given)
        for name in self.BOUNDS:
            given[name] = None if kind is None else parsed(self, name, kind)
        if given.get("measure") == Measure.PART and max(given[name] or 0 for name in self.BOUNDS) > PERMILLE:
            self.add_error("at_most", _("A part is at most 100 %."))
        return given

    def _kind(self, given: dict[str, Any]) -> Kind | None:
        """Return in what the bounds are counted; None where that cannot be known yet, which is said at its field."""
        measure, resource = given.get("measure", ""), given.get("resource")
        if measure not in {Measure.AMOUNT, Measure.PART}:
            given["resource"] = resource = ""
        if resource == Resource.OTHER and not (given.get("name") and given.get("unit")):
            self.add_error("name", _("Another resource needs a name and a unit."))
            return None
        if measure == Measure.AMOUNT and not resource:
            self.add_error("resource", _("Say of which resource."))
            return None
        return PortfolioRule(measure=measure, resource=resource or "", unit=given.get("unit", "")).kind

    def row(self) -> PortfolioRule:
        """Return the rule."""
        given = {name: self.cleaned_data[name] for name in self.base_fields}
        distinct = given["measure"] == DIFFERENT
        measure = Measure.NUMBER if distinct else given["measure"] or Measure.NUMBER
        named = {} if given["resource"] == Resource.OTHER else {"name": "", "unit": ""}
        return PortfolioRule(**given | named | {"measure": measure, "distinct": distinct})

    @staticmethod
    def shown(rule: PortfolioRule) -> dict[str, Any]:
        """Return what the form shows of ``rule``."""
        values = {name: getattr(rule, name) for name in RuleForm.base_fields}
        bounds = {name: "" if values[name] is None else rule.bound_text(values[name]) for name in RuleForm.BOUNDS}
        measure = "" if rule.measure == Measure.NUMBER else rule.measure
        return values | bounds | {"measure": DIFFERENT if rule.distinct else measure}
