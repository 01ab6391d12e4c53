"""What a curator writes at the bench: a new collection, what comes in, what is made of it, what it weighs, who keeps it.

Pages and programs fill the same forms, so that both read the same sentences.
"""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.proposals.forms.fields import AmountField
from moonbridge.cooperation.samples.actions.keeping import Weighed
from moonbridge.cooperation.samples.models import WeighingKind
from moonbridge.quantities import SAMPLE_MASS

DIRTIEST: Final = 99
"""The highest contamination class that a form takes; 0 is cleanest."""
SIGMA: Final = "10 ug"
"""What a curator's balance is good for, as a first proposal."""


def words(
    label: Any, *, most: int = 2000, lines: int = 0, required: bool = False, help_text: Any = ""
) -> forms.CharField:
    """Return a field for words, of one line or more."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return forms.CharField(label=label, max_length=most, widget=widget, required=required, help_text=help_text)


def contamination_field(**kwargs: Any) -> forms.IntegerField:
    """Return the field of a contamination class."""
    return forms.IntegerField(label=_("Contamination class (0 is cleanest)"), min_value=0, max_value=DIRTIEST, **kwargs)


class MassField(AmountField):
    """A mass above zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SAMPLE_MASS, **kwargs)
        self.required = self.widget.is_required = True

    def clean(self, value: Any) -> int:
        """Return nanograms; refuse nothing."""
        mass: int | None = super().clean(value)
        if not mass:
            raise forms.ValidationError(_("Say what it weighs, for example 12.5 mg."))
        return mass


class SigmaField(AmountField):
    """The standard uncertainty of a weighing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SAMPLE_MASS, label=_("Uncertainty"), initial=SIGMA, **kwargs)
        self.required = self.widget.is_required = True


class HowField(forms.ChoiceField):
    """How a mass is known; left open it is measured."""

    def __init__(self, *kinds: WeighingKind, **kwargs: Any) -> None:
        others = [(kind.value, kind.label) for kind in kinds]
        super().__init__(
            label=_("How it is known"), choices=[("", WeighingKind.MEASURED.label), *others], required=False, **kwargs
        )

    def to_python(self, value: Any) -> str:
        """Take the word for what is left open as well, as programs write it."""
        text: str = super().to_python(value)
        return "" if text == WeighingKind.MEASURED else text

    def clean(self, value: Any) -> str:
        """Return the kind of the weighing."""
        found: str = super().clean(value)
        return found or WeighingKind.MEASURED.value


def least_field() -> AmountField:
    """Return the field for the lower bound of what is bounded."""
    return AmountField(
        SAMPLE_MASS, label=_("At least"), help_text=_("where only bounds are known; the mass is then the most")
    )


def check_weighing(form: forms.Form) -> None:
    """Refuse a measured mass without an uncertainty, and bounds that are none."""
    given = form.cleaned_data
    how, errors = given.get("how"), form.errors
    if how == WeighingKind.MEASURED and given.get("sigma") is None and "sigma" not in errors:
        form.add_error("sigma", _("Say how good the balance is, for example 10 ug."))
    if how == WeighingKind.BOUNDED and (given.get("least") or 0) > (given.get("mass") or 0) and "mass" not in errors:
        form.add_error("least", _("The lower bound is above the upper one."))
    if how != WeighingKind.BOUNDED and given.get("least"):
        form.add_error("least", _("Only what is bounded has a lower bound; choose so, or leave it open."))


def weighed_of(given: Mapping[str, Any], balance: str, witness: User | None) -> Weighed:
    """Return what a valid form says of a weighing; what is nominal or bounded has no standard uncertainty."""
    how = WeighingKind(given["how"])
    sigma = given["sigma"] if how in {WeighingKind.MEASURED, WeighingKind.DERIVED} else None
    least = (given["least"] or 0) if how == WeighingKind.BOUNDED else None
    return Weighed(given["mass"], sigma, how.value, balance, witness, least)


class WitnessForm(forms.Form):
    """On which balance somebody weighs, and who watches."""

    balance = words(_("Balance"), most=120, help_text=_("make and number"))
    witness = forms.ModelChoiceField(
        label=_("Second person who watched"), queryset=User.objects.none(), required=False, empty_label=_("nobody")
    )

    def __init__(self, *args: Any, curators: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        witness = self.fields["witness"]
        assert isinstance(witness, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        witness.queryset = curators


class BalanceForm(WitnessForm):
    """What a balance showed."""

    mass = MassField(label=_("Mass"), help_text=_("for example 12.5 mg"))
    sigma = AmountField(SAMPLE_MASS, label=_("Uncertainty"), initial=SIGMA, help_text=_("one standard deviation"))
    how = HowField(WeighingKind.BOUNDED, WeighingKind.NOMINAL, WeighingKind.DERIVED)
    least = least_field()
    field_order = ("name", "mass", "sigma", "how", "least", "balance", "witness")

    def clean(self) -> dict[str, Any]:
        """Refuse what does not go together."""
        given = super().clean() or {}
        check_weighing(self)
        return given

    @property
    def weighed(self) -> Weighed:
        """What the balance showed, once the form is valid."""
        given = self.cleaned_data
        return weighed_of(given, given["balance"].strip(), given["witness"])


class CollectionForm(forms.Form):
    """Open a collection."""

    name = words(_("Name"), most=200, required=True)
    slug = forms.SlugField(
        label=_("Address"),
        max_length=80,
        required=False,
        help_text=_("letters, digits and hyphens; empty: made of the name"),
    )
    mission = forms.ModelChoiceField(
        label=_("Mission"),
        queryset=Mission.objects.all(),
        required=False,
        empty_label=_("none, or not in the catalogue"),
    )
    material = words(_("Material"), most=120, help_text=_("for example powder, or basalt clasts"))
    source = words(_("Where it is from"), most=500)
    synthetic = forms.BooleanField(
        label=_("Synthetic: invented for a demonstration or a test, and labelled so everywhere"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Make the address of the name where none was chosen."""
        given = super().clean() or {}
        given["slug"] = given.get("slug") or slugify(given.get("name", ""))[:80]
        if not given["slug"] and "slug" not in self.errors:
            self.add_error("slug", _("Choose an address; the name has no letters that one could be made of."))
        return given


class TakeInForm(BalanceForm):
    """Take a sample in."""

    name = words(_("Name"), most=80, required=True)
    material = words(_("Material"), most=120)
    description = words(_("Description"), lines=2)
    contamination = contamination_field(initial=0)
    kept_for = forms.ChoiceField(
        label=_("Kept for"), required=False,
        choices=[("", _("lending")), ("permanent", _("permanent keeping")), ("backup", _("backup"))],
    )  # fmt: skip

    def clean_name(self) -> str:
        """Take the name without blanks around it."""
        return str(self.cleaned_data["name"]).strip()

    @property
    def facts(self) -> dict[str, str]:
        """What is noted on the piece beside its columns."""
        kept_for = self.cleaned_data["kept_for"]
        return {"kept_for": kept_for} if kept_for else {}


class RenumberForm(forms.Form):
    """Give a piece another number."""

    name = words(_("New number"), most=80, required=True)
    reason = words(_("Reason"), lines=2, required=True)


class CustodyForm(forms.Form):
    """Hand a piece to another custodian."""

    custodian = words(
        _("Who answers for it from now on"),
        most=200,
        required=True,
        help_text=_("an institution, as agreements name it"),
    )
    reason = words(_("Reason"), most=200, required=True)


class SettleForm(forms.Form):
    """Sign for a difference; ``needed`` where the balances do not explain it and nobody said why yet."""

    reason = words(_("Reason, where the weights differ"), lines=2)

    def __init__(self, *args: Any, needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.required = reason.widget.is_required = needed
        reason.error_messages["required"] = _(
            "The difference is larger than the balances explain; write down the reason."
        )


def no_cleaner(contamination: int | None, than: int) -> int:
    """Return the contamination class of what is made of a piece of class ``than``; refuse a cleaner one in words."""
    found = than if contamination is None else contamination
    if found < than:
        told = gettext("What is made of class %(parent)d cannot be of class %(child)d; the class only rises.")
        raise forms.ValidationError(told % {"parent": than, "child": found})
    return found
