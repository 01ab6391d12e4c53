"""Invite an external referee, and answer an invitation."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.referees import Asked
from moonbridge.cooperation.review.models import Panel
from moonbridge.cooperation.review.queries.referees import named

_TOLD: Final = 10
"""Codes that one sentence names at most."""


def codes_in(text: str) -> list[str]:
    """Return the codes of a text as people type or paste them: between spaces, commas, semicolons or lines, each once."""
    return list(dict.fromkeys(text.upper().replace(",", " ").replace(";", " ").split()))


class RefereeForm(forms.Form):
    """Whom to ask, to judge what. Proposals are named by their codes; what was ticked among the found ones joins them."""

    email = forms.EmailField(label=_("E-mail address"))
    codes = forms.CharField(
        label=_("Proposals to judge"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("their codes, typed or pasted: between them spaces, commas or new lines"),
    )
    note = forms.CharField(
        label=_("A word to the referee"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It goes into the mail as it stands; name no team and no proposal in it."),
    )

    def __init__(self, given: QueryDict | None = None, *, panel: Panel, user: User, **more: Any) -> None:
        super().__init__(None if given is None else _joined(given), **more)
        self._panel, self._user = panel, user

    @classmethod
    def still_open(cls, given: QueryDict, *, panel: Panel, user: User) -> "RefereeForm":
        """Return the form with what was typed and ticked so far, none of it judged yet."""
        return cls(panel=panel, user=user, initial=_joined(given))

    @property
    def chosen(self) -> list[str]:
        """The codes that it holds now."""
        return codes_in(self["codes"].value() or "")

    def clean_codes(self) -> tuple[UUID, ...]:
        """Return the ids of the named proposals; what is not there and what the person must not know are refused alike."""
        codes = codes_in(self.cleaned_data["codes"])
        found = named(self._user, self._panel, codes)
        unknown = [code for code in codes if code not in found]
        if unknown:
            said = ", ".join(code[:20] for code in unknown[:_TOLD]) + (" …" if len(unknown) > _TOLD else "")
            raise forms.ValidationError(
                gettext("There is no such proposal before this panel: %(codes)s.") % {"codes": said}
            )
        return tuple(found[code] for code in codes)

    def asked(self) -> Asked:
        """Return what a valid form asks."""
        given = self.cleaned_data
        return Asked(given["email"], proposals=given["codes"], note=given["note"])


def _joined(given: QueryDict) -> dict[str, Any]:
    """Return what was sent, with the ticked codes behind the typed ones."""
    codes = codes_in(" ".join([given.get("codes", ""), *given.getlist("ticked")]))
    return {**given.dict(), "codes": " ".join(codes)}


class DeclineForm(forms.Form):
    """Say no."""

    because = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("The office reads it; a colleague's name helps.")
    )
