"""Studies: a year of Sun, Earth and relay at a place that somebody asked about."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.sites.states import TRANSITIONS, State
from moonbridge.formats.coordinates import Coordinates


class Study(models.Model):
    """A question about a place, seen by its maker only: one can watch and cancel it, its answer is kept until it is deleted.

    Degrees in the mean-Earth frame. ``uncertainty_m`` and ``across_m`` are the semi-axes of the ellipse within which the true place lies,
    the longer one pointing to ``axis_deg``; null where the place is exact. ``snap_m`` asks to move onto the highest ground within so many
    metres. ``answer`` is described in :mod:`moonbridge.cooperation.sites.answers`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="site_studies")
    name = models.CharField(_("name"), max_length=80, blank=True)
    latitude_deg = models.DecimalField(max_digits=9, decimal_places=6)
    longitude_deg = models.DecimalField(max_digits=9, decimal_places=6)
    year = models.PositiveSmallIntegerField()
    mast_m = models.DecimalField(max_digits=5, decimal_places=1)
    uncertainty_m = models.PositiveIntegerField(null=True)
    across_m = models.PositiveIntegerField(null=True)
    axis_deg = models.PositiveSmallIntegerField(default=0)
    snap_m = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    done = models.PositiveSmallIntegerField(default=0, help_text=_("in percent"))
    answer = models.JSONField(null=True)
    refusal = models.JSONField(null=True)
    begun_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-begun_at", "id")
        verbose_name_plural = "studies"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(latitude_deg__range=(-90, 90)), name="study_latitude_on_the_moon"
            ),
            models.CheckConstraint(
                condition=models.Q(longitude_deg__range=(-180, 360)), name="study_longitude_on_the_moon"
            ),
            models.CheckConstraint(condition=models.Q(done__lte=100), name="study_done_in_percent"),
            models.CheckConstraint(
                condition=~models.Q(state=State.DONE) | models.Q(answer__isnull=False),
                name="done_site_study_has_answer",
            ),
        )
        triggers = (
            TRANSITIONS.trigger(),
            pgtrigger.ReadOnly(name="the_question_stays", exclude=["state", "done", "answer", "refusal"]),
        )

    def __str__(self) -> str:
        return self.name or str(self.place)

    @property
    def place(self) -> Coordinates:
        """Where it was asked about."""
        return Coordinates(float(self.latitude_deg), float(self.longitude_deg))
