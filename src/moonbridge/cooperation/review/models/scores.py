"""Scores as they count: tables that came in by a file or were handed over by the panels."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Criterion, Opportunity
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.guards import stays
from moonbridge.cooperation.review.models.reviews import Mark, Review
from moonbridge.cooperation.review.models.rounds import Item, Round


class ScoreTable(models.Model):
    """One uploaded table of scores, whole or not at all. The newest table counts; earlier ones stay. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="score_tables")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["opportunity", "number"], name="score_tables_are_numbered_once"),
        )
        triggers = (stays("score_tables_stay"),)

    def __str__(self) -> str:
        return f"{self.opportunity}: scores {self.number}"


class Score(models.Model):
    """One reviewer's score for one criterion of one proposal, in thousandths; reviewers are known here by a neutral label."""

    table = models.ForeignKey(ScoreTable, models.PROTECT, related_name="scores")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    reviewer = models.CharField(max_length=40)
    value_permille = models.IntegerField()
    comment = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["table", "proposal", "criterion", "reviewer"], name="one_score_per_reviewer_and_criterion"
            ),
        )
        triggers = (stays("scores_stay"),)

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.reviewer}: {self.value_permille / 1000}"


class Calibration(models.Model):
    """That the panels handed a score table over, and what the hierarchical model makes of it: each merit with its doubt. Never edited.

    ``merits`` and ``means`` are decimal text by proposal code, 0 to 100; ``covariance`` has a row of decimal texts for each of
    ``codes``, in squared points. ``counts``: whether selection takes these merits; otherwise it takes the raw means, and these stand
    beside them. Where there are too few reviews for the model, ``codes`` and ``merits`` are empty, and raw means count.
    """

    table = models.OneToOneField(ScoreTable, models.PROTECT, related_name="calibration")
    counts = models.BooleanField()
    codes = models.JSONField()
    merits = models.JSONField()
    means = models.JSONField()
    covariance = models.JSONField()
    facts = models.JSONField(help_text=_("shares of variance, agreement, outlying reviews, the model's version"))

    class Meta:
        triggers = (stays("calibrations_stay"),)

    def __str__(self) -> str:
        return f"{self.table}: calibrated"


class Preview(models.Model):
    """What calibration makes of the marks of a round before they are handed over, worked out by a job where they are many.

    ``digest`` is of the marks and criteria that it rests on: what it says holds for these alone. Asked for again after they changed, it
    begins anew. ``answer`` is null while the job runs, and says what :class:`~moonbridge.cooperation.review.calibrating.Calibrated` does,
    or nothing where there are too few reviews for the model. ``covariance`` holds float64 values, little endian, row by row in the order
    of its codes, in squared points.
    """

    round = models.OneToOneField(Round, models.CASCADE, related_name="preview")
    digest = models.CharField(max_length=64)
    done = models.PositiveSmallIntegerField(default=0, help_text=_("in percent"))
    answer = models.JSONField(null=True)
    covariance = models.BinaryField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(done__lte=100), name="preview_done_in_percent"),
            models.CheckConstraint(
                condition=models.Q(answer__isnull=True, covariance__isnull=True)
                | models.Q(answer__isnull=False, covariance__isnull=False),
                name="preview_is_there_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round_id}: {self.done} %"


class Withholding(models.Model):
    """That the office keeps a comment from the team, with the reason: a review's, a mark's, or the panel's on an item.

    Taken back by removing it, until the debriefs are released; the agency's record keeps both.
    """

    review = models.OneToOneField(Review, models.CASCADE, null=True, related_name="withholding")
    mark = models.OneToOneField(Mark, models.CASCADE, null=True, related_name="withholding")
    item = models.OneToOneField(Item, models.CASCADE, null=True, related_name="withholding")
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(review__isnull=False, mark__isnull=True, item__isnull=True)
                | models.Q(review__isnull=True, mark__isnull=False, item__isnull=True)
                | models.Q(review__isnull=True, mark__isnull=True, item__isnull=False),
                name="withholding_is_of_one_comment",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="withholding_has_reason"),
        )
        triggers = (pgtrigger.Protect(name="withholdings_stay", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"withheld: {self.reason[:40]}"


class Debrief(models.Model):
    """What a team is told of its review, whatever the outcome. Made when the office releases it; never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="debrief")
    content = models.JSONField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = (stays("debriefs_stay"),)

    def __str__(self) -> str:
        return f"{self.proposal_id}: debrief"
