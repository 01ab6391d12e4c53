"""Follow an opportunity by mail; these verbs are idempotent by nature, so they need no command id."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities import notices, rules
from moonbridge.cooperation.opportunities.models import Follow, Opportunity
from moonbridge.record.queries import database_now

BETWEEN_MAILS = timedelta(minutes=10)
"""An address is asked to confirm at most this often, whoever types it."""


@transaction.atomic
def follow(opportunity: Opportunity, email: str, *, language: str, by: Visitor) -> None:
    """Tell ``email`` about every change from now on; an address that is not the visitor's own confirms it first by mail.

    Says nothing about whether the address follows already, so that nobody can find that out.
    """
    rules.require(rules.can_follow, by, opportunity)
    address = email.strip().lower()
    held, fresh = Follow.objects.select_for_update().get_or_create(
        opportunity=opportunity, email=address, defaults={"language": language}
    )
    if by.is_authenticated and by.email.lower() == address:
        Follow.objects.filter(pk=held.pk, confirmed_at=None).update(confirmed_at=Now())
    elif fresh or (held.confirmed_at is None and held.asked_at < database_now() - BETWEEN_MAILS):
        Follow.objects.filter(pk=held.pk).update(asked_at=Now())
        notices.ask_to_confirm(held)


def confirm(token: UUID) -> None:
    """Confirm the following that the mailed ``token`` speaks for; once is enough."""
    Follow.objects.filter(token=token, confirmed_at=None).update(confirmed_at=Now())


def unfollow(token: UUID) -> None:
    """End the following that the mailed ``token`` speaks for and forget the address."""
    Follow.objects.filter(token=token).delete()
