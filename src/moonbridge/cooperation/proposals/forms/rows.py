"""The repeated parts of a proposal's form: participants, versions with their modes, relations. Nothing in a draft is required."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.forms.fields import CelsiusField
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals import content
from moonbridge.cooperation.proposals.forms.fields import AmountField, CountryField, ShareField, country_name
from moonbridge.cooperation.proposals.models import OptionKind, RelationKind
from moonbridge.cooperation.proposals.reading import percent
from moonbridge.errors import InputError
from moonbridge.quantities import DATA_PER_DAY, LENGTH, POWER, decimal_text


def words(label: Any, *, lines: int = 0, most: int, **more: Any) -> forms.CharField:
    """Return an optional text field of ``lines`` lines and at ``most`` so many characters."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return forms.CharField(label=label, widget=widget, required=False, max_length=most, **more)


class Row(forms.Form):
    """One repeated part. A row in which no ``telling`` field is filled counts as not there."""

    telling: ClassVar[tuple[str, ...]] = ()
    remove = forms.BooleanField(label=_("Remove"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remove"] = self.fields.pop("remove")  # last, behind the fields of each kind of row

    @property
    def counts(self) -> bool:
        """Whether the row says something and is not to be removed."""
        return not self["remove"].data and any(str(self[name].data or "").strip() for name in self.telling_fields())

    def telling_fields(self) -> tuple[str, ...]:
        """Return the names of the fields that make the row count."""
        return self.telling

    def read(self, name: str, default: Any = None) -> Any:
        """Return what was read from a checked form's field, ``default`` where nothing was or it could not be read."""
        value = self.cleaned_data.get(name)
        return default if value in (None, "") else value


class ParticipantForm(Row):
    """A country's or body's part in the proposal."""

    telling = ("institution", "country", "contribution", "share")
    institution = forms.CharField(
        label=_("Institution or body"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "partners", "autocomplete": "off"}),
    )
    country = CountryField(label=_("Country"))
    contribution = words(_("Contribution"), most=300)
    share = ShareField(label=_("Share, %"))
    leads = forms.BooleanField(label=_("leads"), required=False)

    def part(self, partners: Mapping[str, UUID]) -> content.Participant:
        """Return what was typed; a name that the catalogue knows is linked to its partner."""
        institution = self.read("institution", "")
        return content.Participant(
            institution, partners.get(institution.casefold()), self.read("country", ""), self.read("contribution", ""),
            self.read("share", 0), self.read("leads", False),
        )  # fmt: skip

    @staticmethod
    def shown(part: content.Participant) -> dict[str, str]:
        """Return what the form shows of ``part``."""
        share = percent(part.share_permille) if part.share_permille else ""
        texts = {"institution": part.institution, "contribution": part.contribution, "share": share}
        return texts | {"country": country_name(part.country) if part.country else ""} | _ticked(leads=part.leads)


class RelationForm(Row):
    """What the instrument cannot fly with, or needs."""

    telling = ("named",)
    kind = forms.ChoiceField(label=_("The instrument"), choices=RelationKind, required=False)
    named = words(_("which instrument or kind of instrument, and why"), most=300)

    def part(self) -> content.Relation:
        """Return what was typed."""
        return content.Relation(self.read("kind", RelationKind.INTERFERES.value), self.read("named", ""))

    @staticmethod
    def shown(part: content.Relation) -> dict[str, str]:
        """Return what the form shows of ``part``."""
        return {"kind": part.kind, "named": part.named}


class ModeForm(Row):
    """A mode of operation."""

    telling = ("name", "power", "downlink", "duty")
    name = words(_("Mode"), most=80)
    power = AmountField(POWER, label=_("Power"))
    downlink = AmountField(DATA_PER_DAY, label=_("Data per day"))
    duty = ShareField(label=_("Share of time, %"))

    def part(self) -> content.Mode:
        """Return what was typed."""
        return content.Mode(
            self.read("name", ""), self.read("power", 0), self.read("downlink", 0), self.read("duty", 0)
        )

    @staticmethod
    def shown(part: content.Mode) -> dict[str, str]:
        """Return what the form shows of ``part``."""
        return {
            "name": part.name, "power": POWER.text(part.power_mw) if part.power_mw else "",
            "downlink": DATA_PER_DAY.text(part.data_per_day) if part.data_per_day else "",
            "duty": percent(part.duty_permille) if part.duty_permille else "",
        }  # fmt: skip


class OptionForm(Row):
    """A version of the proposal; one field per line of the envelope, named ``demand-<id of the line>``."""

    SIDES: ClassVar[tuple[str, ...]] = ("length", "width", "height")
    telling = ("name", "argument", *SIDES, "coldest", "hottest")
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=OptionKind, required=False)
    name = words(_("Name of this version"), most=80)
    element = forms.ChoiceField(label=_("Placed on"), required=False, widget=forms.Select(attrs={"data-fits": ""}))
    argument = words(_("What is kept and what is lost against the full version"), lines=3, most=4000)
    merit = ShareField(label=_("Worth against the full version, %"))
    length = AmountField(LENGTH, label=_("Length"))
    width = AmountField(LENGTH, label=_("Width"))
    height = AmountField(LENGTH, label=_("Height"))
    coldest = CelsiusField(label=_("Endures down to, °C"), required=False)
    hottest = CelsiusField(label=_("Endures up to, °C"), required=False)

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        elements = [(str(element.pk), element.name) for element in opportunity.elements.all()]
        self.fields["element"].choices = [("", "—"), *elements]  # type: ignore[attr-defined]
        self.lines = list(opportunity.envelope.all())
        for line in self.lines:
            label = f"{line.label} ({line.element.name})" if line.element else line.label
            self.fields[f"demand-{line.pk}"] = AmountField(line.kind, label=label)
        for end in ("coldest", "hottest"):
            self.fields[end].widget.attrs["data-fits"] = ""

    def telling_fields(self) -> tuple[str, ...]:
        """Return the texts, the box, and every amount."""
        return (*self.telling, *(f"demand-{line.pk}" for line in self.lines))

    @property
    def key(self) -> UUID:
        """The id under which the page sends this version, however often; raises :class:`InputError` where it has none."""
        if (key := self.read("id")) is None:
            raise InputError(gettext("This form does not belong to this proposal; load the page again."), field="id")
        return key  # type: ignore[no-any-return]

    @property
    def demands(self) -> list[forms.BoundField]:
        """The fields of the envelope's lines."""
        return [self[f"demand-{line.pk}"] for line in self.lines]

    @property
    def box(self) -> list[forms.BoundField]:
        """The fields of the box and the temperatures."""
        return [self[name] for name in (*self.SIDES, "coldest", "hottest")]

    def part(self, modes: tuple[content.Mode, ...]) -> content.Option:
        """Return what was typed, with these ``modes``."""
        length, width, height = (self.read(side) for side in self.SIDES)
        asked = {line.pk: self.read(f"demand-{line.pk}") for line in self.lines}
        element = self.read("element")
        return content.Option(
            self.key, self.read("kind", OptionKind.FULL.value), self.read("name", ""),
            UUID(element) if element else None, self.read("argument", ""), self.read("merit", 1000), length, width, height,
            self.read("coldest"), self.read("hottest"),
            {line: amount for line, amount in asked.items() if amount is not None}, modes,
        )  # fmt: skip

    @staticmethod
    def shown(part: content.Option, opportunity: Opportunity) -> dict[str, str]:
        """Return what the form shows of ``part``, without its modes."""
        sides = zip(OptionForm.SIDES, (part.length_um, part.width_um, part.height_um), strict=True)
        ends = (("coldest", part.coldest_centidegree), ("hottest", part.hottest_centidegree))
        texts = {"id": str(part.id), "kind": part.kind, "name": part.name, "argument": part.argument}
        asked = {
            f"demand-{line.pk}": line.kind.text(part.demands[line.pk])
            for line in opportunity.envelope.all()
            if line.pk in part.demands
        }
        return (
            texts
            | {"element": str(part.element_id or ""), "merit": percent(part.merit_permille)}
            | {side: "" if value is None else LENGTH.text(value, "mm") for side, value in sides}
            | {end: "" if value is None else decimal_text(Fraction(value, 100)) for end, value in ends}
            | asked
        )


def _ticked(**boxes: bool) -> dict[str, str]:
    """Return ticked boxes as a browser sends them: the others are not there at all."""
    return {name: "on" for name, ticked in boxes.items() if ticked}
