"""What can be done with an opportunity. Each verb is one transaction that checks, writes and appends to the record."""

from moonbridge.cooperation.opportunities.actions.amending import amend, extend, extend_deadline
from moonbridge.cooperation.opportunities.actions.asking import answer, ask
from moonbridge.cooperation.opportunities.actions.documents import add_document, remove_document
from moonbridge.cooperation.opportunities.actions.drafting import draft, duplicate, save_draft
from moonbridge.cooperation.opportunities.actions.following import confirm, follow, unfollow
from moonbridge.cooperation.opportunities.actions.life import cancel, close, close_due, decided, note_kept, publish

__all__ = [
    "add_document",
    "amend",
    "answer",
    "ask",
    "cancel",
    "close",
    "close_due",
    "confirm",
    "decided",
    "draft",
    "duplicate",
    "extend",
    "extend_deadline",
    "follow",
    "note_kept",
    "publish",
    "remove_document",
    "save_draft",
    "unfollow",
]
