"""What can be done with a proposal. Each verb is one transaction that checks, writes and appends to the record."""

from moonbridge.cooperation.proposals.actions.attachments import attach, detach
from moonbridge.cooperation.proposals.actions.drafting import begin, save
from moonbridge.cooperation.proposals.actions.merging import agree, approve_merge, ask_merge, decline, refuse_merge
from moonbridge.cooperation.proposals.actions.relating import resolve
from moonbridge.cooperation.proposals.actions.submitting import (
    explain,
    receive_synthetic,
    restore,
    send_letter,
    submit,
    unsubmit,
    withdraw,
)
from moonbridge.cooperation.proposals.actions.teaming import (
    change_role,
    hand_over,
    invite,
    join,
    remove,
    revoke,
    secret_of,
)

__all__ = [
    "agree",
    "approve_merge",
    "ask_merge",
    "attach",
    "begin",
    "change_role",
    "decline",
    "detach",
    "explain",
    "hand_over",
    "invite",
    "join",
    "receive_synthetic",
    "refuse_merge",
    "remove",
    "resolve",
    "restore",
    "revoke",
    "save",
    "secret_of",
    "send_letter",
    "submit",
    "unsubmit",
    "withdraw",
]
