"""The two parts of what was received: what is proposed, and who proposes it, which dual-anonymous calls keep sealed.

Both are cut out of the content as a receipt carries it (:func:`~moonbridge.cooperation.proposals.receipts.content_of`, or
``Submission.content``), so that what a reviewer reads is what was received. Country, shares, people and the letter of intent say who
proposes; so does the first participation, and so do the licences that components need.
"""

from typing import Any, Final

from moonbridge.cooperation.opportunities.models import Opportunity, ReviewMode

COMMON: Final = ("format", "version", "call", "call_title", "code", "synthetic")
"""What both parts carry: of which proposal they are."""
OPEN: Final = ("title", "acronym", "theme", "abstract", "objectives", "accommodation", "options", "relations")
"""What is proposed: in dual-anonymous calls all that reviewers see before the sealed parts are opened."""
SEALED: Final = (
    "expertise", "participants", "team", "first_time", "export_control", "export_control_clear", "letter", "letter_sent_at",
    "anonymity",
)  # fmt: skip
"""Who proposes it. ``anonymity``: what the lead said about passages of the open part that could tell who proposes."""


def is_dual(opportunity: Opportunity) -> bool:
    """Return whether the call keeps from reviewers who proposes."""
    return opportunity.review_mode == ReviewMode.DUAL


def anonymous(content: dict[str, Any]) -> dict[str, Any]:
    """Return the open part of a received ``content`` with the files that belong to it."""
    return _cut(content, OPEN, sealed=False)


def sealed(content: dict[str, Any]) -> dict[str, Any]:
    """Return the sealed part of a received ``content`` with its files. Receipts from before this part was known have none."""
    return _cut(content, SEALED, sealed=True)


def _cut(content: dict[str, Any], names: tuple[str, ...], *, sealed: bool) -> dict[str, Any]:
    files = [file for file in content.get("attachments", ()) if file.get("sealed", False) is sealed]
    return {name: content[name] for name in (*COMMON, *names) if name in content} | {"attachments": files}
