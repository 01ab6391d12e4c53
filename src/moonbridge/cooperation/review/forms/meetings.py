"""What is written in a panel's meeting and on its desk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.actions.chairing import Order
from moonbridge.cooperation.review.actions.meetings import LONGEST_REMARK, Said, said_of
from moonbridge.cooperation.review.models import Item

LONGEST = 20_000


def ids_of(item: Item) -> str:
    """Return how fields about ``item`` are called on a screen, which may show those of another item beside them."""
    return f"%s-{item.pk}"


class ConsensusForm(forms.Form):
    """What the panel agrees on; ``version`` is the one that the writer has read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    consensus = forms.CharField(
        label=_("Consensus"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    to_team = forms.CharField(
        label=_("Comment to the team"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("goes into the team's debrief"),
    )  # fmt: skip
    confidential = forms.CharField(
        label=_("Confidential comment"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("stays with the panel and the office"),
    )  # fmt: skip

    @classmethod
    def of(cls, item: Item) -> "ConsensusForm":
        """Return the form that holds what an item says now."""
        said = said_of(item)
        return cls(
            auto_id=ids_of(item),
            initial={
                "version": item.version,
                "consensus": said.consensus,
                "to_team": said.to_team,
                "confidential": said.confidential,
            },
        )

    @property
    def said(self) -> Said:
        """What was typed."""
        given: dict[str, Any] = self.cleaned_data
        return Said(*(given[name].replace("\r\n", "\n").strip() for name in ("consensus", "to_team", "confidential")))


class RemarkForm(forms.Form):
    """A remark."""

    text = forms.CharField(
        label=_("Your remark"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("for this panel and the office alone; it stays as you write it"),
    )  # fmt: skip


class PlaceForm(forms.Form):
    """A place in the order of discussion."""

    place = forms.IntegerField(label=_("Place"), min_value=1, max_value=100_000)


class OrderForm(forms.Form):
    """An order of discussion for the whole panel."""

    order = forms.ChoiceField(
        label=_("Order of discussion"),
        choices=[
            (Order.MEAN, _("by mean, the highest first")),
            (Order.SPREAD, _("by spread, the most disputed first")),
            (Order.CODE, _("by code")),
        ],
    )


class LeaveOutForm(forms.Form):
    """Why an item is not discussed."""

    because = forms.CharField(label=_("Why the panel does not discuss it"), max_length=300)


class GiveBackForm(forms.Form):
    """Why a review goes back to its author."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(label=_("What its author should change"), max_length=2000)
