"""What officers book by their signatures: material given away, used up in house, or a movement that was wrong."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models.ledger import Collection, Split
from moonbridge.cooperation.samples.states.ledger import BOOKINGS, STANDING, BookingKind, BookingState
from moonbridge.ledger.models import Movement

ASKED = [
    "id",
    "collection",
    "split",
    "kind",
    "mass",
    "left_over",
    "instead",
    "receiver",
    "partner",
    "corrects",
    "reason",
    "two_officers",
]
"""What stays as it was signed for."""


@pghistory.track()
class Booking(models.Model):
    """What a curator signed for; the books move at once, or with the signature of a second officer where it takes ``two_officers``.

    ``mass`` is what moves, in nanograms; of a correction what the wrong movement ``corrects`` had moved, and ``instead`` what it should
    have (empty: nothing). ``receiver`` is who keeps for good what is given away, ``movement`` what was booked in the end. Of what was
    used up, ``left_over`` is still there, altered: it becomes a residue, a piece of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="bookings")
    split = models.ForeignKey(Split, models.PROTECT, related_name="bookings")
    kind = models.CharField(max_length=8, choices=BookingKind)
    state = models.CharField(max_length=8, choices=BookingState, default=BookingState.SIGNED)
    mass = models.BigIntegerField(help_text=_("in nanograms"))
    left_over = models.BigIntegerField(null=True, help_text=_("in nanograms; empty: nothing"))
    instead = models.BigIntegerField(null=True, help_text=_("in nanograms; empty: nothing"))
    receiver = models.CharField(max_length=120, blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    corrects = models.ForeignKey(Movement, models.PROTECT, null=True, related_name="+")
    movement = models.ForeignKey(Movement, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    two_officers = models.BooleanField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=BookingKind.values), name="booking_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=BookingState.values), name="booking_state_known"),
            models.CheckConstraint(
                condition=models.Q(mass__gt=0) & ~models.Q(reason=""), name="booking_has_mass_and_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(left_over=None)
                | models.Q(kind=BookingKind.CONSUME, left_over__gt=0, left_over__lte=models.F("mass")),
                name="what_is_left_over_was_used",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=BookingKind.CEDE) | (~models.Q(receiver="") & models.Q(two_officers=True)),
                name="gift_has_a_receiver_and_two_officers",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=BookingKind.CORRECT, corrects__isnull=False)
                | (~models.Q(kind=BookingKind.CORRECT) & models.Q(corrects__isnull=True)),
                name="correction_names_what_was_wrong",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=BookingState.BOOKED)
                | (
                    models.Q(movement__isnull=False)
                    & (models.Q(two_officers=False) | models.Q(countersigned_by__isnull=False))
                ),
                name="booked_with_its_signatures",
            ),
            models.CheckConstraint(
                condition=models.Q(countersigned_by__isnull=True) | ~models.Q(signed_by=models.F("countersigned_by")),
                name="booking_signed_by_two_people",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(state__in=sorted(STANDING)), name="one_standing_correction"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="bookings_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="bookings_keep_what_was_asked", fields=[*ASKED, "signed_by"]),
            BOOKINGS.trigger(),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.split_id}: {self.state}"

    @property
    def waits(self) -> bool:
        """Whether a second officer has to sign yet."""
        return self.state == BookingState.SIGNED
