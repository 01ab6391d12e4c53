"""Shape a panel, and say what its marks mean."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.review import quotas
from moonbridge.cooperation.review.actions.panels import Meaning, Shape
from moonbridge.cooperation.review.models import Panel, PanelKind
from moonbridge.cooperation.review.quotas import Quota
from moonbridge.errors import InputError

_MOST_REVIEWS: Final = 1000
_LONGEST: Final = 300


class PanelForm(forms.Form):
    """How a panel works."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(
        label=_("It judges"),
        choices=PanelKind.choices,
        help_text=_(
            "A technical panel says whether a proposal can be done; its reviews are read by the science panel."
        ),
    )
    demand = forms.IntegerField(label=_("Reviews of each proposal"), min_value=1, max_value=100, initial=3)
    least = forms.IntegerField(label=_("Least reviews of each member"), min_value=0, max_value=_MOST_REVIEWS, initial=0)
    most = forms.IntegerField(label=_("Most reviews of each member"), min_value=0, max_value=_MOST_REVIEWS, initial=8)
    quotas = forms.CharField(
        label=_("Quotas"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on a line, for the reviewers of each proposal: engineer>=1, or country<=1."),
    )
    distributed = forms.BooleanField(label=_("The teams review each other"), required=False)
    per_team = forms.IntegerField(label=_("Reviews by each team"), min_value=1, max_value=_MOST_REVIEWS, initial=10)
    penalty = forms.BooleanField(
        label=_("A team that does not deliver may be set aside"),
        required=False,
        help_text=_("Only the office does so, proposal by proposal and with a written reason; teams are told now."),
    )

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criteria"] = forms.ModelMultipleChoiceField(
            label=_("By these criteria"),
            queryset=opportunity.criteria.all(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["name", "kind", "criteria"])

    @classmethod
    def of(cls, panel: Panel) -> "PanelForm":
        """Return the form that shows a panel as it is."""
        plain = ("name", "kind", "demand", "least", "most", "distributed", "per_team", "penalty")
        initial = {name: getattr(panel, name) for name in plain}
        initial |= {"criteria": list(panel.criteria.all()), "quotas": quotas.written(panel.quotas)}
        return cls(initial=initial, opportunity=panel.round.opportunity)

    def clean_quotas(self) -> list[Quota]:
        """Return the quotas."""
        try:
            return quotas.read(self.cleaned_data["quotas"])
        except InputError as error:
            raise forms.ValidationError(error.bare) from None

    def shape(self) -> Shape:
        """Return the panel that a valid form describes."""
        given = dict(self.cleaned_data)
        criteria = tuple(criterion.pk for criterion in given.pop("criteria"))
        return Shape(
            **given | {"kind": PanelKind(given["kind"]), "criteria": criteria, "quotas": tuple(given["quotas"])}
        )


class MeaningsForm(forms.Form):
    """What the marks of a panel mean: for each criterion one line for each mark, ``4: excellent | 优秀``."""

    def __init__(self, *args: Any, panel: Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said: dict[UUID, list[str]] = {}
        for one in panel.descriptors.all():
            said.setdefault(one.criterion_id, []).append(_line(one.value_permille, one.text, one.text_zh))
        for criterion in panel.criteria.all():
            self.fields[str(criterion.pk)] = forms.CharField(
                label=f"{criterion.name} ({criterion.lowest} – {criterion.highest})",
                required=False,
                initial="\n".join(said.get(criterion.pk, [])),
                max_length=8000,
                widget=forms.Textarea(attrs={"rows": 5}),
                help_text=gettext("A mark, a colon and what it means, one on a line; after | the same in Chinese."),
            )

    def clean(self) -> dict[str, Any]:
        """Read each line; what cannot be read is said beside its criterion."""
        cleaned = super().clean() or self.cleaned_data
        for name in list(cleaned):
            try:
                cleaned[name] = list(_meanings(UUID(name), cleaned[name]))
            except InputError as error:
                self.add_error(name, error.bare)
        return cleaned

    def meanings(self) -> list[Meaning]:
        """Return what a valid form says."""
        return [one for found in self.cleaned_data.values() for one in found]


def _line(permille: int, text: str, text_zh: str) -> str:
    mark = format((Decimal(permille) / 1000).normalize(), "f")
    return f"{mark}: {text}" + (f" | {text_zh}" if text_zh else "")


def _meanings(criterion: UUID, lines: str) -> Iterator[Meaning]:
    taken: set[int] = set()
    for line in filter(None, map(str.strip, lines.splitlines())):
        mark, colon, words = line.partition(":")
        text, _bar, text_zh = (part.strip() for part in words.partition("|"))
        permille = _permille(mark)
        if permille is None or not colon or not text:
            raise InputError(gettext("“%(line)s” is not a mark, a colon and what it means.") % {"line": line})
        if permille in taken:
            raise InputError(gettext("The mark of “%(line)s” is explained twice.") % {"line": line})
        if max(len(text), len(text_zh)) > _LONGEST:
            raise InputError(gettext("What a mark means has at most 300 characters."))
        taken.add(permille)
        yield Meaning(criterion, permille, text, text_zh)


def _permille(mark: str) -> int | None:
    try:
        thousandths = Decimal(mark.strip()) * 1000
    except InvalidOperation:
        return None
    whole = thousandths.is_finite() and thousandths == thousandths.to_integral_value()
    return int(thousandths) if whole and abs(thousandths) < 10**9 else None
