"""Invitations into panels: those that an office sent, the one whose link somebody holds, and what a new one may name."""

import hashlib
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models import Panel, RefereeInvitation
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.reach import items_managed
from moonbridge.cooperation.review.rules import ANSWERABLE, owns_address
from moonbridge.cooperation.review.sight import Sight

OFFERED: Final = 20
"""Proposals that a page offers to be ticked; the rest are found by a few letters of code or title, or named by code."""


def invitations_of_office(user: User) -> QuerySet[RefereeInvitation]:
    """Return the invitations of the agencies whose office ``user`` is, but for those to judge what a conflict hides from them.

    One that names several proposals says who may judge each of them, so that it is hidden with any.
    """
    hidden = RefereeInvitation.proposals.through.objects.filter(refereeinvitation_id=OuterRef("pk")).exclude(
        proposal__in=Proposal.objects.filter(Sight(user).uninvolved()).values("pk")
    )
    kept = RefereeInvitation.objects.filter(~Exists(hidden), panel__round__in=rounds_of_office(user))
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


def offered(user: User, panel: Panel, text: str, *, beside: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return code and title of the first proposals before ``panel`` that ``user`` may name and whose code or title holds ``text``.

    Those ``beside`` are chosen already. There is one more than :data:`OFFERED` where some are left.
    """
    like = Q(proposal__code__icontains=text) | Q(proposal__title__icontains=text)
    found = items_managed(user, panel).filter(like).exclude(proposal__code__in=beside)
    return list(found.values_list("proposal__code", "proposal__title")[: OFFERED + 1])


def named(user: User, panel: Panel, codes: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the proposals before ``panel`` that ``user`` may name, by code, as far as ``codes`` name them."""
    return dict(
        items_managed(user, panel).filter(proposal__code__in=codes).values_list("proposal__code", "proposal_id")
    )
