"""What is asked of an assignment."""

from collections.abc import Callable
from typing import Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.aims import CHOSEN, Aim, Asked, Pair

MOST_PINNED: Final = 200
"""Pairs that one request pins."""


_NO_DRAW: Final = _(
    "Here no draw is possible: quotas of this panel count one person twice, as an engineer and for a country, say. A draw keeps to "
    "quotas on groups that share nobody; the other aims keep to all."
)


class AskForm(forms.Form):
    """The aim with its settings. ``resolve`` returns the pair that a code and a label name among what the person may see, or None.

    ``crossing`` returns whether quotas of the panel count one person twice, with those in reserve or without: no draw keeps to such
    quotas, which the form says before anybody asks for one.
    """

    aim = forms.ChoiceField(
        label=_("Make as great as possible"), choices=[(one.value, one.label) for one in CHOSEN], initial=Aim.TOTAL
    )
    cap = forms.DecimalField(
        label=_("Cap of a draw"), min_value=0, max_value=1, decimal_places=3, required=False, initial="0.5",
        help_text=_("no pair is likelier than this, as 0.5"),
    )  # fmt: skip
    seed = forms.IntegerField(label=_("Seed of a draw"), min_value=0, max_value=2**31 - 1, required=False, initial=0)
    reserves = forms.BooleanField(label=_("Ask those held in reserve too"), required=False)
    must = forms.CharField(
        label=_("Pairs that must be"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("one in each line: code of the proposal, label of the reviewer"),
    )  # fmt: skip
    must_not = forms.CharField(
        label=_("Pairs that must not be"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: object,
        resolve: Callable[[str, str], Pair | None],
        crossing: Callable[[bool], bool],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        self._resolve, self._crossing = resolve, crossing
        if not self.is_bound and crossing(False):
            self.fields["aim"].help_text = _NO_DRAW

    def clean(self) -> dict[str, object]:
        """Refuse a draw that the panel's quotas rule out."""
        given: dict[str, object] = super().clean() or self.cleaned_data
        if given.get("aim") == Aim.DRAW and self._crossing(bool(given.get("reserves"))):
            self.add_error("aim", _NO_DRAW)
        return given

    def clean_must(self) -> tuple[Pair, ...]:
        """Return the pairs that must be."""
        return self._pairs(self.cleaned_data["must"])

    def clean_must_not(self) -> tuple[Pair, ...]:
        """Return the pairs that must not be."""
        return self._pairs(self.cleaned_data["must_not"])

    def _pairs(self, text: str) -> tuple[Pair, ...]:
        lines = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_PINNED:
            raise forms.ValidationError(gettext("At most %(n)s pairs are pinned at once.") % {"n": MOST_PINNED})
        found = [self._resolve(*line) if len(line) == 2 else None for line in lines]  # noqa: PLR2004 - code and label
        for line, pair in zip(lines, found, strict=True):
            if pair is None:
                raise forms.ValidationError(
                    gettext("There is no such pair here: %(line)s") % {"line": " ".join(line)[:60]}
                )
        return tuple(pair for pair in found if pair is not None)

    def asked(self) -> Asked:
        """Return what the checked form asks."""
        given = self.cleaned_data
        aim = Aim(given["aim"])
        drawn = aim == Aim.DRAW
        return Asked(
            aim, str(given["cap"] or "0.5") if drawn else "", (given["seed"] or 0) if drawn else 0, given["reserves"],
            given["must"], given["must_not"],
        )  # fmt: skip


class PairForm(forms.Form):
    """A review given out by hand."""

    code = forms.CharField(label=_("Proposal"), max_length=20, help_text=_("its code"))
    label = forms.CharField(label=_("Reviewer"), max_length=20, help_text=_("the label of the seat"))
    reason = forms.CharField(label=_("Why"), max_length=300)
