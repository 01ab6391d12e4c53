"""What may happen to a team that does not review others, where the teams review each other."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models.rounds import Panel


@pghistory.track()
class SetAside(models.Model):
    """A proposal that the office set aside since its team did not deliver its reviews of others. Lifted, it counts again; both stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="set_aside")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="set_aside")
    because = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["proposal"], condition=models.Q(lifted_at__isnull=True), name="a_proposal_is_set_aside_once"
            ),
            models.CheckConstraint(condition=~models.Q(because=""), name="set_aside_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.because[:40]}"
