"""Seat people, change what is known of them, let them go."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.actions.seats import About
from moonbridge.cooperation.review.models import Duty, Seat
from moonbridge.cooperation.review.rules import GIVEN
from moonbridge.engines.reviewing.people import orcid_holds

SEATED: Final[list[tuple[str, Any]]] = [(duty.value, duty.label) for duty in GIVEN]
_LISTS: Final = {"funding": 20, "kinds": 20, "keywords": 60, "languages": 20}
_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?((?:\d{4}-){3}\d{3}[\dXx])")
_ROR: Final = re.compile(r"(?:https?://ror\.org/)?(0[a-z0-9]{8})", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[;,\n]")


class AboutForm(forms.Form):
    """What is known of somebody, for the assignment."""

    least = forms.IntegerField(label=_("Least reviews"), min_value=0, max_value=1000, required=False)
    most = forms.IntegerField(
        label=_("Most reviews"), min_value=0, max_value=1000, required=False, help_text=_("Empty: as the panel says.")
    )
    keywords = forms.CharField(
        label=_("Keywords"), required=False, max_length=2000, help_text=_("Separated by commas or semicolons.")
    )
    kinds = forms.CharField(
        label=_("Kinds"), required=False, max_length=400, help_text=_("What quotas count: engineer, physicist …")
    )
    languages = forms.CharField(
        label=_("Languages of proposals they can judge"),
        required=False,
        max_length=200,
        help_text=_("en, zh, fr … Kept for the table of people: a proposal here names no language."),
    )
    orcid = forms.CharField(label=_("ORCID iD"), required=False, max_length=60)
    ror = forms.CharField(label=_("ROR id of the institution"), required=False, max_length=60)
    funding = forms.CharField(
        label=_("Funding"), required=False, max_length=2000, help_text=_("Grants or funders, for conflicts.")
    )
    texts = forms.CharField(
        label=_("Summaries of own papers"),
        required=False,
        max_length=60000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("An empty line between two papers; the assignment compares them with the proposals."),
    )

    @staticmethod
    def initial_of(seat: Seat) -> dict[str, Any]:
        """Return a seat as the form shows it."""
        shown: dict[str, Any] = {name: "; ".join(getattr(seat, name)) for name in _LISTS}
        plain = {name: getattr(seat, name) for name in ("least", "most", "orcid", "ror")}
        return shown | plain | {"texts": "\n\n".join(seat.texts), "duty": seat.duty}

    def clean_orcid(self) -> str:
        """Return the bare iD."""
        given = self.cleaned_data["orcid"].strip()
        match = _ORCID.fullmatch(given)
        if given and (match is None or not orcid_holds(match[1])):
            raise forms.ValidationError(_("This is no ORCID iD; its digits do not fit together."))
        return match[1].upper() if match else ""

    def clean_ror(self) -> str:
        """Return the bare id."""
        given = self.cleaned_data["ror"].strip()
        match = _ROR.fullmatch(given)
        if given and match is None:
            raise forms.ValidationError(_("A ROR id looks like https://ror.org/05dxps055."))
        return match[1].lower() if match else ""

    def clean(self) -> dict[str, Any]:
        """Split the lists."""
        cleaned = super().clean() or self.cleaned_data
        for name, most in _LISTS.items():
            text = cleaned.get(name, "")
            text = text.casefold() if name in {"kinds", "languages"} else text
            words = tuple(dict.fromkeys(filter(None, map(str.strip, _SEPARATORS.split(text)))))
            if len(words) > most:
                self.add_error(name, _("Too many; the first ones say enough."))
            cleaned[name] = words
        parts = re.split(r"\n\s*\n", cleaned.get("texts", "").replace("\r", ""))
        cleaned["texts"] = tuple(filter(None, map(str.strip, parts)))
        return cleaned

    def about(self) -> About:
        """Return what a valid form says."""
        return About(**{name: self.cleaned_data[name] for name in About.__dataclass_fields__})


class SeatForm(AboutForm):
    """Change what somebody is and what is known of them."""

    duty = forms.ChoiceField(label=_("As"), choices=SEATED, initial=Duty.MEMBER.value)
    field_order: tuple[str, ...] = ("duty",)

    def __init__(self, *args: Any, fixed: Duty | None = None, **kwargs: Any) -> None:
        """Make the form; ``fixed`` is the duty of referees and peers, which cannot be changed."""
        super().__init__(*args, **kwargs)
        if fixed is not None:
            self.fields["duty"] = forms.ChoiceField(
                label=_("As"), choices=[(fixed.value, fixed.label)], initial=fixed.value
            )
            self.order_fields(self.field_order)


class NewSeatForm(SeatForm):
    """Seat or invite somebody by their address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_(
            "Whoever has a role of your agency or sat in one of its panels is seated at once; others are invited."
        ),
    )
    field_order = ("email", "duty")


class LeaveForm(forms.Form):
    """Let somebody go."""

    because = forms.CharField(label=_("Reason"), max_length=300)
