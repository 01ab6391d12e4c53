"""Small forms: begin, invite, change a role, attach, withdraw, merge."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.models import TeamRole
from moonbridge.formats.documents import ALLOWED

INVITED: list[tuple[str, object]] = [(role.value, role.label) for role in (TeamRole.EDITOR, TeamRole.READER)]


class NewForm(forms.Form):
    """Begin a proposal."""

    title = forms.CharField(
        label=_("Working title"), max_length=200, help_text=_("It can be changed until you submit.")
    )
    example = forms.BooleanField(
        label=_("Start from an example text that I overwrite"),
        required=False,
        initial=True,
        help_text=_("It shows what is expected where; as long as a prompt of it is left, nothing can be submitted."),
    )


class InviteForm(forms.Form):
    """Invite one person."""

    role = forms.ChoiceField(label=_("As"), choices=INVITED)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Optional: the link is mailed there. You can also pass it on yourself."),
    )


class RoleForm(forms.Form):
    """Make a member an editor or a reader."""

    role = forms.ChoiceField(label=_("Role"), choices=INVITED)


class AttachmentForm(forms.Form):
    """Add a file."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(ALLOWED)}),
        help_text=_("PDF, Word, Excel, CSV, text, PNG or JPEG, at most 20 MiB. It is checked by its content."),
    )
    title = forms.CharField(label=_("What it shows"), max_length=200, required=False)
    sealed = forms.BooleanField(
        label=_("It says who we are: it belongs to the sealed part"),
        required=False,
        help_text=_("Other files are cleaned of hidden data, such as the names of authors."),
    )

    def __init__(self, *args: Any, dual: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not dual:
            del self.fields["sealed"]


class WithdrawForm(forms.Form):
    """Withdraw a proposal."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class MergeForm(forms.Form):
    """Ask another team to take this proposal in."""

    target_code = forms.CharField(
        label=_("Code of the other proposal"),
        max_length=20,
        help_text=_("Its team tells you the code, for example P-7KX2."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
