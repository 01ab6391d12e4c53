"""What the solver recommended, what the office forced, and what was decided."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Option, Proposal
from moonbridge.cooperation.selection.guards import (
    members_are_of_the_call,
    published_outcomes_stay,
    statements_end_with_the_decision,
)
from moonbridge.cooperation.selection.states import FLYING, SOLVES, TRANSITIONS, OutcomeKind, SolveState, State
from moonbridge.engines.ledger.seal import digest


@pghistory.track()
class Override(models.Model):
    """The office forces a proposal in or out, with a written reason that is shown to everybody concerned."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="overrides")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="overrides")
    inside = models.BooleanField(_("forced in"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["opportunity", "proposal"], name="one_override_per_proposal"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="override_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id} forced {'in' if self.inside else 'out'}"


class StatementKind(models.TextChoices):
    """What the panel can state about proposals once they are there."""

    AT_MOST = "at-most", _("of these at most so many fly")
    TOGETHER = "together", _("two are worth more, or less, together")
    NEEDS = "needs", _("one flies only with others")


def _says(kind: StatementKind, *, proposal: bool, number: bool) -> models.Q:
    """Return which columns a statement of this kind fills: of one proposal or of a set, with a number or with a worth."""
    return models.Q(kind=kind, proposal__isnull=not proposal, number__isnull=not number, worth__isnull=number) & (
        models.Q(number__gte=1) if number else ~models.Q(worth=0)
    )


@pghistory.track()
class Statement(models.Model):
    """What the panel states about proposals, with a written reason: it can be known only when the proposals are there.

    - *at most*: of ``members`` at most ``number`` fly;
    - *together*: when both ``members`` fly, merit counts ``worth`` more (less, where negative; in millionths of the full mark);
    - *needs*: ``proposal`` flies only with at least ``number`` of ``members``.

    Never edited; until the decision is published it can be withdrawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="statements")
    kind = models.CharField(max_length=8, choices=StatementKind)
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField(null=True)
    worth = models.IntegerField(null=True, help_text=_("in millionths"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="statement_has_reason"),
            models.CheckConstraint(
                condition=_says(StatementKind.AT_MOST, proposal=False, number=True)
                | _says(StatementKind.TOGETHER, proposal=False, number=False)
                | _says(StatementKind.NEEDS, proposal=True, number=True),
                name="statement_says_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="statement_is_withdrawn_by_somebody",
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="statements_stay_as_made", exclude=["withdrawn_at", "withdrawn_by"]),
            pgtrigger.Protect(name="statements_stay", operation=pgtrigger.Delete),
            statements_end_with_the_decision(),
        )

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.kind}"


class StatementMember(models.Model):
    """One of the proposals that a statement joins."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="members")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("proposal__code",)
        constraints = (
            models.UniqueConstraint(fields=["statement", "proposal"], name="one_member_once_in_a_statement"),
        )
        triggers = (
            pgtrigger.Protect(name="members_of_statements_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            members_are_of_the_call(),
        )

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.proposal_id}"


class Purpose(models.TextChoices):
    """What a recommendation is for."""

    DECISION = "decision", _("the decision")
    RESERVE = "reserve", _("places that became free after the decision")


class Recommendation(models.Model):
    """One run of the solver: exactly the problem it was given, and what it found. Never edited.

    ``problem`` is what :func:`moonbridge.formats.calls.write.call_data` gives, so that a download of it can be solved again by the
    command line; ``result`` is described in :mod:`moonbridge.cooperation.selection.results`. ``certificate`` is signed
    (:mod:`moonbridge.formats.calls.certificate`); ``public_certificate`` is its public part, shown once a decision follows from it.
    Recommendations from before there were certificates have none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="recommendations")
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.DECISION)
    problem = models.JSONField()
    problem_digest = models.CharField(max_length=64)
    result = models.JSONField()
    proven = models.BooleanField()
    certificate = models.JSONField(null=True)
    public_certificate = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["opportunity", "number"], name="recommendations_are_numbered_once"),
        )
        triggers = (pgtrigger.Protect(name="recommendations_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.opportunity}: recommendation {self.number}"

    @property
    def certificate_digest(self) -> str | None:
        """The digest by which the record and the public certificate know the certificate; None where there is none."""
        return digest(self.certificate) if self.certificate else None


class Solve(models.Model):
    """A run of the solver that one can watch and cancel; its recommendation once it is done, its refusal if it failed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="solves")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.DECISION)
    problem = models.JSONField()
    state = models.CharField(max_length=10, choices=SolveState, default=SolveState.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    refusal = models.JSONField(null=True)
    recommendation = models.OneToOneField(Recommendation, models.PROTECT, null=True, related_name="solve")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("begun_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["opportunity", "purpose"],
                condition=models.Q(state=SolveState.RUNNING),
                name="one_solve_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SolveState.DONE) | models.Q(recommendation__isnull=False),
                name="done_solve_has_recommendation",
            ),
        )
        triggers = (SOLVES.trigger(),)

    def __str__(self) -> str:
        return f"{self.opportunity}: solve {self.state} {self.done}/{self.total}"


@pghistory.track()
class Scenario(models.Model):
    """A what-if of the studio that somebody kept: what was changed in a recommendation's problem, and what came of it.

    Never edited. One that is no longer wanted is withdrawn, and can be brought back. ``changes`` is the query of the studio's page
    that shows it again (see :mod:`moonbridge.cooperation.selection.levers`); ``answer`` is described in
    :mod:`moonbridge.cooperation.selection.whatifs`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="scenarios")
    name = models.CharField(_("name"), max_length=80)
    note = models.TextField(_("note"), blank=True)
    changes = models.TextField(blank=True)
    answer = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="scenario_has_name"),)
        triggers = (
            pgtrigger.ReadOnly(name="scenarios_stay_as_kept", exclude=["withdrawn_at"]),
            pgtrigger.Protect(name="scenarios_stay", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.recommendation})"


class Study(models.Model):
    """A question of the studio that takes longer than a page: one can watch and cancel it, and its answer is kept.

    ``about`` is what is asked of the problem with that digest: its best portfolio, or a frontier.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="studies")
    about = models.CharField(max_length=80)
    problem = models.JSONField()
    digest = models.CharField(max_length=64)
    changes = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=SolveState, default=SolveState.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    answer = models.JSONField(null=True)
    refusal = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("begun_at",)
        verbose_name_plural = "studies"
        constraints = (
            models.UniqueConstraint(
                fields=["recommendation"], condition=models.Q(state=SolveState.RUNNING), name="one_study_at_a_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SolveState.DONE) | models.Q(answer__isnull=False),
                name="done_study_has_answer",
            ),
        )
        indexes = (models.Index(fields=["recommendation", "digest", "about"], name="study_by_question"),)
        triggers = (SOLVES.trigger(),)

    def __str__(self) -> str:
        return f"{self.recommendation}: study of {self.about}, {self.state}"


@pghistory.track()
class Decision(models.Model):
    """The decision on an opportunity; one per opportunity, published once.

    A replayed decision has no recommendation, and no ``published_at`` where the day of the real one is not known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.OneToOneField(Opportunity, models.PROTECT, related_name="decision")
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, null=True, related_name="decisions")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    note = models.TextField(_("public note"), blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        triggers = (
            TRANSITIONS.trigger(),
            pgtrigger.Protect(
                name="published_decisions_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state=State.PUBLISHED),
            ),
        )

    def __str__(self) -> str:
        return f"decision on {self.opportunity}"


@pghistory.track()
class Outcome(models.Model):
    """What came of one proposal, with the reason as an explanation (codes and numbers, put into words in any language).

    A draft may be redrawn freely; once the decision is published only the moves of ``OUTCOMES`` remain (the database refuses others).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="outcomes")
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="outcome")
    option = models.ForeignKey(Option, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=OutcomeKind)
    condition = models.TextField(blank=True)
    merged_into = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    reserve_rank = models.PositiveSmallIntegerField(null=True)
    merit = models.BigIntegerField(null=True, help_text=_("in millionths"))
    explanation = models.JSONField(default=dict)
    note = models.TextField(_("the office's words to the team"), blank=True)

    class Meta:
        ordering = ("proposal__code",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=OutcomeKind.values), name="outcome_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(kind=OutcomeKind.CONDITIONAL) | ~models.Q(condition=""),
                name="conditional_states_condition",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=OutcomeKind.RESERVE) | models.Q(reserve_rank__isnull=False),
                name="reserve_has_rank",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=sorted(FLYING)) | models.Q(option__isnull=False), name="flying_has_option"
            ),
            models.UniqueConstraint(fields=["decision", "reserve_rank"], name="one_proposal_per_reserve_rank"),
        )
        triggers = (published_outcomes_stay(),)

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.kind}"


class Loss(models.Model):
    """A place lost after selection (export control, withdrawal): its resources returned to the pool at this instant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outcome = models.OneToOneField(Outcome, models.PROTECT, related_name="loss")
    reason = models.TextField()
    released = models.JSONField(help_text=_("list of {line, amount} that went back to the pool"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "losses"
        triggers = (pgtrigger.Protect(name="losses_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.outcome_id} lost"
