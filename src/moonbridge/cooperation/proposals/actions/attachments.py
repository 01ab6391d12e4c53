"""Files of a draft: judged by their content, kept outside the web root under names drawn by lot."""

from typing import BinaryIO, Final, cast
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import parts, rules
from moonbridge.cooperation.proposals.actions.holding import held, seal
from moonbridge.cooperation.proposals.models import Attachment, Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.errors import Refused, WrongState
from moonbridge.formats.documents import Inspected, clean, inspect, words_of
from moonbridge.record.actions import once

MOST_FILES: Final = 20
MOST_BYTES: Final = 100 * 2**20


def attach(
    proposal: Proposal, upload: "UploadedFile[bytes]", *, title: str = "", sealed: bool = False, by: User, command: UUID
) -> Attachment:
    """Add a file to a draft. Raises :class:`InputError` for a file that is not what it says, too large, or not harmless.

    ``sealed`` puts it into the sealed part of a dual-anonymous call; other calls have none. What goes into the open part of such a
    call is cleaned of hidden data first, and refused where that cannot be done; its words are kept to be looked through.
    """
    sent = inspect(cast("BinaryIO", upload), upload.name or "")
    dual = parts.is_dual(proposal.opportunity)
    kept_file: File[bytes] = upload
    text, found = "", sent
    if dual and not sealed:
        kept_file, text = _cleaned(upload, sent)
        found = inspect(cast("BinaryIO", kept_file), sent.name)

    def act() -> str:
        kept = _draft(proposal, by)
        _require_room(kept, found)
        seal(kept, "attach", {"name": found.name, "sha256": found.sha256}, by=by)
        kept_file.seek(0)
        # The file is written last: what can be refused was refused before, so that no file stays behind without its row.
        made = Attachment.objects.create(
            proposal=kept, title=title.strip(), sealed=sealed and dual, text=text, file=kept_file, name=found.name,
            media_type=found.media_type, size=found.size, sha256=found.sha256, added_by=by,
        )  # fmt: skip
        return str(made.pk)

    asked = {"proposal": str(proposal.pk), "name": found.name, "title": title, "sha256": sent.sha256, "sealed": sealed}
    return Attachment.objects.get(pk=once(command, "proposal.attach", asked, act, by=by))


def _cleaned(upload: "UploadedFile[bytes]", sent: Inspected) -> "tuple[File[bytes], str]":
    """Return the upload without hidden data, and what it says."""
    upload.seek(0)
    cleaned = clean(upload.read(), sent.name)
    return ContentFile(cleaned, name=sent.name), words_of(cleaned, sent.name)


def detach(attachment: Attachment, *, by: User, command: UUID) -> None:
    """Remove a file from a draft; receipts of earlier submissions keep its name and digest."""

    def act() -> None:
        kept = _draft(attachment.proposal, by)
        storage, stored = attachment.file.storage, str(attachment.file.name)
        seal(kept, "detach", {"name": attachment.name, "sha256": attachment.sha256}, by=by)
        kept.attachments.filter(pk=attachment.pk).delete()
        transaction.on_commit(lambda: storage.delete(stored))

    once(command, "proposal.detach", {"attachment": str(attachment.pk)}, act, by=by)


def _draft(proposal: Proposal, by: User) -> Proposal:
    kept = held(proposal, by, rules.is_writer)
    if kept.state != State.DRAFT:
        raise WrongState(gettext("Only a draft can be changed; take the submission back first."), state=kept.state)
    return kept


def _require_room(proposal: Proposal, found: Inspected) -> None:
    kept = proposal.attachments.aggregate(size=Sum("size"))["size"] or 0
    if proposal.attachments.count() >= MOST_FILES or kept + found.size > MOST_BYTES:
        raise Refused(
            gettext("A proposal has at most %(files)s files with %(size)s MiB together; remove one first.")
            % {"files": MOST_FILES, "size": MOST_BYTES // 2**20}
        )
