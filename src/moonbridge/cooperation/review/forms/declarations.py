"""What a person declares: one choice for each proposal, and some words where there is a conflict."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.actions.declarations import GROUNDS, LONGEST_WORDS, Answer
from moonbridge.cooperation.review.models import Bid, Ground
from moonbridge.errors import InputError

BIDS: Final = tuple(sorted(Bid, reverse=True))
"""From eager to unwilling."""
MOST: Final = 500
"""Answers in one sending."""
_CHOICE, _WORDS = "choice-", "words-"


def choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return what can be chosen for a proposal, in two groups: no conflict with a bid, or a conflict with its ground."""
    return [
        (gettext("No conflict; to judge it I am"), [(f"bid:{int(bid)}", bid.label) for bid in BIDS]),
        (gettext("A conflict of interest"), [(f"conflict:{ground.value}", ground.label) for ground in GROUNDS]),
    ]


def answers(data: Mapping[str, str]) -> list[Answer]:
    """Return what was chosen, in a form with the fields ``choice-<item>`` and ``words-<item>``; nothing chosen is no answer."""
    given = [(name.removeprefix(_CHOICE), text) for name, text in data.items() if name.startswith(_CHOICE) and text]
    if len(given) > MOST:
        raise InputError(gettext("That are too many answers at once."), field="choice")
    return list(_read(given, data))


def _read(given: list[tuple[str, str]], data: Mapping[str, str]) -> Iterator[Answer]:
    for key, text in given:
        kind, _colon, value = text.partition(":")
        words = data.get(f"{_WORDS}{key}", "").replace("\0", "")[:LONGEST_WORDS]
        try:
            yield (
                Answer(UUID(key), ground=_ground(value), words=words)
                if kind == "conflict"
                else Answer(UUID(key), bid=Bid(int(value)))
            )
        except ValueError:
            raise InputError(
                gettext("This form does not belong to this page; load it again."), field="choice"
            ) from None


def _ground(value: str) -> Ground:
    ground = Ground(value)
    if ground not in GROUNDS:
        raise ValueError(value)
    return ground


def keys(data: Any) -> list[UUID]:
    """Return the items that a confirmation names (fields ``item``)."""
    try:
        return [UUID(text) for text in data.getlist("item")[: MOST + 1]]
    except ValueError:
        raise InputError(gettext("This form does not belong to this page; load it again."), field="item") from None


class RecuseForm(forms.Form):
    """Why somebody gives a review back."""

    ground = forms.ChoiceField(
        label=_("Is it a conflict of interest?"), required=False,
        choices=[("", _("no, another reason")), *((ground.value, ground.label) for ground in GROUNDS)],
        help_text=_("With a conflict the proposal is hidden from you at once, and stays so."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("Why, in a few words"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The programme office and the secretary of the panel read it."),
    )  # fmt: skip

    def clean_ground(self) -> Ground | None:
        """Return the ground, or None."""
        text = self.cleaned_data["ground"]
        return Ground(text) if text else None
