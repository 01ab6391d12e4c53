"""Documents of a call: checked by content, kept outside the web root, changed only in the open once published."""

from typing import BinaryIO, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_noop as noop

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.amending import announce
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Document, Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.opportunities.terms import Change
from moonbridge.formats.documents import Inspected, inspect
from moonbridge.record.actions import once

type Upload = UploadedFile[bytes]


def add_document(
    opportunity: Opportunity, upload: Upload, *, title: str, by: User, command: UUID, reason: str = ""
) -> Document:
    """Add a file. On a published opportunity this is an amendment and needs a ``reason``.

    Raises :class:`~moonbridge.errors.InputError` for a file that is not what it says, too large, or carries something active.
    """
    found = inspect(cast("BinaryIO", upload), upload.name or "")

    def act() -> str:
        held = held_by_office(opportunity, by)
        title_shown = title.strip() or found.name
        if held.state != State.DRAFT:
            announce(held, [Change([noop("document")], title_shown, "", _told(found))], reason=reason, by=by)
        made = Document(
            opportunity=held,
            title=title_shown,
            name=found.name,
            media_type=found.media_type,
            size=found.size,
            sha256=found.sha256,
        )
        upload.seek(0)
        made.file.save(f"{made.pk}.bin", upload)
        return str(made.pk)

    asked = {
        "opportunity": str(opportunity.pk),
        "title": title,
        "sha256": found.sha256,
        "name": found.name,
        "reason": reason,
    }
    return Document.objects.get(pk=once(command, "opportunity.add-document", asked, act, by=by))


def remove_document(document: Document, *, by: User, command: UUID, reason: str = "") -> None:
    """Take a file away. On a published opportunity this is an amendment, which keeps its name and digest."""

    def act() -> None:
        held = held_by_office(document.opportunity, by)
        if held.state != State.DRAFT:
            gone = Inspected(document.name, document.media_type, document.size, document.sha256)
            announce(held, [Change([noop("document")], document.title, _told(gone), "")], reason=reason, by=by)
        storage, stored = document.file.storage, str(document.file.name)
        document.delete()
        transaction.on_commit(lambda: storage.delete(stored))

    once(command, "opportunity.remove-document", {"document": str(document.pk), "reason": reason}, act, by=by)


def _told(found: Inspected) -> str:
    return f"{found.name} ({found.size} B, SHA-256 {found.sha256})"
