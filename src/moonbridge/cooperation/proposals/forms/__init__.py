"""What teams and the office type about proposals."""

from moonbridge.cooperation.proposals.forms.editor import Editor, another_option, compared, shown
from moonbridge.cooperation.proposals.forms.small import (
    AttachmentForm,
    InviteForm,
    MergeForm,
    NewForm,
    RoleForm,
    WithdrawForm,
)

__all__ = [
    "AttachmentForm",
    "Editor",
    "InviteForm",
    "MergeForm",
    "NewForm",
    "RoleForm",
    "WithdrawForm",
    "another_option",
    "compared",
    "shown",
]
