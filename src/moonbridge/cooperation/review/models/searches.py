"""The search for conflicts of a large round, which a job does, and what it found."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models.conflicts import Conflict, Ground, Source
from moonbridge.cooperation.review.models.rounds import Round
from moonbridge.cooperation.review.states import SEARCH, SearchState


class Search(models.Model):
    """One search for conflicts among everybody who sits in the panels of a round and everything that is before them.

    One runs at a time, whoever asked. What it found stays until a later one has found. It is of the whole round: each reader is shown
    what they may know of it. ``gone``: conflicts that stood and were not found any more. ``refusal``: why one broke off.
    ``by`` is null where the calendar asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="searches")
    state = models.CharField(max_length=10, choices=SearchState, default=SearchState.RUNNING)
    done = models.PositiveSmallIntegerField(default=0, help_text=_("in percent"))
    gone = models.ManyToManyField(Conflict, related_name="+")
    refusal = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["round"], condition=models.Q(state=SearchState.RUNNING), name="one_search_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(done__lte=100), name="search_done_in_percent"),
            models.CheckConstraint(
                condition=models.Q(state=SearchState.FAILED) ^ models.Q(refusal__isnull=True),
                name="failed_search_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state=SearchState.RUNNING) ^ models.Q(ended_at__isnull=False),
                name="running_search_has_no_end",
            ),
        )
        triggers = (SEARCH.trigger(),)

    def __str__(self) -> str:
        return f"{self.round_id}: search {self.state} {self.done} %"


class Found(models.Model):
    """A conflict that a search found and that did not stand then. Kept apart from conflicts, since it bars nobody until it is kept."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="found")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    ground = models.CharField(max_length=12, choices=Ground)
    evidence = models.CharField(max_length=500, blank=True)
    certain = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["search", "proposal", "user", "source", "ground", "evidence"], name="found_once_by_each_search"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} and {self.proposal_id}: {self.ground}"
