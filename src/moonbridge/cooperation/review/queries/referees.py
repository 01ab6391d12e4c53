"""Invitations into panels: those that an office sent, and the one whose link somebody holds."""

import hashlib

from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import Panel, RefereeInvitation
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.rules import ANSWERABLE, owns_address


def invitations_of_office(user: User) -> QuerySet[RefereeInvitation]:
    """Return the invitations of the agencies whose office ``user`` is."""
    kept = RefereeInvitation.objects.filter(panel__round__in=rounds_of_office(user))
    return kept.select_related("panel__round__opportunity__agency", "invited_by", "seat")


def invitations_into(user: User, panel: Panel) -> QuerySet[RefereeInvitation]:
    """Return the invitations into a panel of the person's office, the newest first."""
    return invitations_of_office(user).filter(panel=panel).order_by("-created_at", "pk")


def open_invitation(user: User, secret: str) -> RefereeInvitation | None:
    """Return the invitation that the holder of ``secret`` may answer now, if it went to an address of theirs."""
    kept = hashlib.sha256(secret.encode()).hexdigest()
    unused = RefereeInvitation.objects.filter(
        secret_sha256=kept, seat=None, declined_at=None, revoked_at=None, expires_at__gt=Now(),
        panel__round__state__in=sorted(ANSWERABLE),
    )  # fmt: skip
    with_all = unused.select_related("panel__round__opportunity__agency", "invited_by")
    found = with_all.annotate(asked=Count("proposals")).first()
    return found if found is not None and owns_address(user, found.email) else None
