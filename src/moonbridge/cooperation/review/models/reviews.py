"""Reviews, their marks, and proposed assignments."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.review import guards
from moonbridge.cooperation.review.models.rounds import Item, Panel, Seat
from moonbridge.cooperation.review.states import ACTIVE, ALLOCATION, REVIEW, AllocationState, ReviewState


class Verdict(models.TextChoices):
    """What a technical review finds."""

    FEASIBLE = "feasible", _("feasible")
    CONDITIONAL = "conditional", _("feasible with changes")
    INFEASIBLE = "infeasible", _("not feasible")


@pghistory.track()
class Review(models.Model):
    """A review that a seat owes or has given on an item. ``version`` rises with each save, so that a second window is told.

    ``to_team`` goes into the debrief; ``confidential`` is for panel and office. ``expertise`` is how well the reviewer says to know the
    field, 1 to 3. What a recused or released review said stays, for the office alone, and does not count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="reviews")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.ASSIGNED)
    to_team = models.TextField(_("comment to the team"), blank=True)
    confidential = models.TextField(_("confidential comment"), blank=True)
    expertise = models.PositiveSmallIntegerField(_("how well you know the field"), null=True)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    version = models.PositiveIntegerField(default=1)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(db_default=Now())
    saved_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True, help_text=_("why it was recused or taken back"))

    class Meta:
        ordering = ("assigned_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["item", "seat"], name="one_review_per_item_and_seat"),
            models.CheckConstraint(condition=models.Q(state__in=ReviewState.values), name="review_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=ReviewState.SUBMITTED) | models.Q(submitted_at__isnull=False),
                name="submitted_review_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(expertise__isnull=True) | models.Q(expertise__range=(1, 3)),
                name="expertise_one_to_three",
            ),
        )
        indexes = (
            models.Index(fields=["seat", "state"], name="reviews_of_a_seat"),
            models.Index(
                fields=["item"], condition=models.Q(state__in=sorted(ACTIVE)), name="active_reviews_of_an_item"
            ),
        )
        triggers = (
            REVIEW.trigger(),
            guards.review_without_conflict(),
            guards.review_within_its_panel(),
            guards.submitted_review_stays(),
        )

    def __str__(self) -> str:
        return f"{self.seat_id} on {self.item_id}: {self.state}"


@pghistory.track()
class Mark(models.Model):
    """A reviewer's mark for one criterion, in thousandths, with a comment. Never changed while its review is submitted."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="marks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value_permille = models.IntegerField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ("criterion__position", "id")
        constraints = (models.UniqueConstraint(fields=["review", "criterion"], name="one_mark_per_criterion"),)
        triggers = (guards.mark_within_its_scale(), guards.submitted_marks_stay())

    def __str__(self) -> str:
        return f"{self.review_id}: {self.value_permille}"


class Allocation(models.Model):
    """An assignment that the solver proposes for a panel, and whether somebody adopted it. What was asked and found stays.

    ``items`` are those that it is about: whoever does not see each of them does not see it. ``asked`` holds the aim and its settings;
    ``answer`` the pairs (as ids), total, bound, floor and alternates, or, when it is impossible, the sentences that say why;
    ``digest`` is of all that it rests on, so that nothing is adopted after that has changed. What people change by hand is
    kept here too, adopted from the start.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="allocations")
    items = models.ManyToManyField(Item, related_name="allocations")
    asked = models.JSONField()
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=AllocationState, default=AllocationState.RUNNING)
    done = models.PositiveSmallIntegerField(default=0, help_text=_("in percent"))
    answer = models.JSONField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "id")
        constraints = (
            models.CheckConstraint(condition=models.Q(done__lte=100), name="allocation_done_in_percent"),
            models.CheckConstraint(
                condition=models.Q(state__in=[AllocationState.RUNNING, AllocationState.CANCELLED])
                | models.Q(answer__isnull=False),
                name="finished_allocation_has_answer",
            ),
        )
        triggers = (ALLOCATION.trigger(),)

    def __str__(self) -> str:
        return f"{self.panel_id}: assignment, {self.state}"
