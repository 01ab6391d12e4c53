"""Scores that came in by a table. The review itself, with its panels and conflicts, grows here."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moonbridge.cooperation.opportunities.models import Criterion, Opportunity
from moonbridge.cooperation.proposals.models import Proposal


def _stays(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


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
        triggers = (_stays("score_tables_stay"),)

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
        triggers = (_stays("scores_stay"),)

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.reviewer}: {self.value_permille / 1000}"
