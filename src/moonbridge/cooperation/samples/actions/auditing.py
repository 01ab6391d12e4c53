"""Audit a book on demand; what was found is sealed, whoever likes it or not."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Collection
from moonbridge.cooperation.samples.rules.ledger import may_read_books
from moonbridge.errors import NotAllowed
from moonbridge.ledger.audit import Audit, audit
from moonbridge.ledger.models import Account
from moonbridge.record.actions import append, once

TASK: Final = "samples.audit"
AT_ONCE: Final = 50_000
"""A book of so many entries is audited while one waits; a larger one by a job."""
TOLD: Final = 100
"""Differences that the record tells one by one; their number is always whole."""


def ask(collection: Collection, *, by: User, command: UUID) -> bool:
    """Audit the book of ``collection`` and return True, or leave it to a job where it is large and return False.

    Raises :class:`NotAllowed` for anybody who may not read the book.
    """

    def act() -> bool:
        if not may_read_books(by, collection):
            raise NotAllowed(_("This is not yours to do."))
        entries = Account.objects.filter(book=collection.book_id).aggregate(many=Sum("version"))["many"] or 0
        if entries > AT_ONCE:
            app.configure_task(TASK, queueing_lock=f"{TASK}/{collection.slug}").defer(
                collection=str(collection.pk), by=str(by.pk)
            )
            return False
        carry_out(collection, by=by)
        return True

    done: bool = once(command, TASK, {"collection": collection.slug}, act, by=by)
    return done


def carry_out(collection: Collection, *, by: User) -> Audit:
    """Recompute everything that the book of ``collection`` promises, and seal what was found."""
    found = audit(collection.book)
    facts: dict[str, Any] = {
        "at": found.at.isoformat(),
        "counted": found.counted,
        "differences": len(found.differences),
        "told": [[one.promise, one.subject, one.fault] for one in found.differences[:TOLD]],
    }
    append("audit", collection.address, facts, agency=collection.agency.slug, by=by)
    return found
