"""Loans, their lines, and everything that is reported on them."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models.asking import Disposition, Purpose, Request
from moonbridge.cooperation.samples.states.lending import LOANS, OUT, OWES, LoanState
from moonbridge.engines.lending.policy import Duty, Policy
from moonbridge.formats import policies


@pghistory.track()
class Loan(models.Model):
    """Material lent to one responsible person of one institution, under one policy.

    ``prepared_by`` weighed and divided, ``witnessed_by`` watched: two people. ``reserved_until`` is the day after which an unsigned
    loan lapses; ``material_closed_on`` the day on which everything was back or accounted for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="sample_loans")
    policy_slug = models.CharField(max_length=40)
    code = models.CharField(max_length=20, unique=True)
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="loans")
    borrower = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sample_loans")
    institution = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    title = models.CharField(max_length=200, blank=True)
    team = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=LoanState, default=LoanState.APPROVED)
    synthetic = models.BooleanField(default=False)
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reserved_until = models.DateField(null=True)
    signed_at = models.DateTimeField(null=True)
    certificate = models.CharField(_("number of the certificate"), max_length=80, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    witnessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    balance = models.CharField(_("balance on which it was weighed"), max_length=120, blank=True)
    carrier = models.CharField(_("carrier or person who takes it"), max_length=200, blank=True)
    received_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    renewed = models.PositiveSmallIntegerField(default=0)
    ended_early_because = models.TextField(blank=True)
    last_inventory_on = models.DateField(null=True)
    differences_signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    differences_reason = models.TextField(blank=True)
    material_closed_on = models.DateField(null=True)

    class Meta:
        ordering = ("-approved_at",)
        indexes = (
            models.Index(fields=["agency", "state"], name="loan_by_agency_and_state"),
            models.Index(fields=["borrower"], name="loan_by_borrower"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=LoanState.values), name="loan_state_known"),
            models.CheckConstraint(
                condition=models.Q(prepared_by__isnull=True) | ~models.Q(prepared_by=models.F("witnessed_by")),
                name="two_people_prepare",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(OWES))
                | models.Q(received_on__isnull=False, ends_on__isnull=False),
                name="a_loan_that_is_out_has_its_dates",
            ),
        )
        triggers = (LOANS.trigger(),)

    def __str__(self) -> str:
        return self.code

    @property
    def address(self) -> str:
        """The stable address used in the record."""
        return f"sample-loan/{self.code}"

    @property
    def policy(self) -> Policy:
        """The policy pack under which it was lent."""
        return policies.load()[self.policy_slug]

    @property
    def is_out(self) -> bool:
        """Whether some of the material is not in store."""
        return self.state in OUT


@pghistory.track()
class LoanLine(models.Model):
    """One piece of material of a loan. Where its mass is, only the books say; here is what people weighed and stated, in nanograms.

    ``split`` is what was asked for and, once prepared, ``lent`` the daughter that travels (the split itself where it is lent whole).
    ``parent`` is the line of which this one is a sub-split, or from which it was transferred. ``issued_sigma_ng`` is the uncertainty of
    the lender's balance, in parts and transfers too: what comes back is measured by it, and not by what a borrower says of their own.
    Where only bounds are known of what came back, ``weighed_back_least_ng`` is the lower one and ``weighed_back_ng`` the upper one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    split = models.ForeignKey("samples.Split", models.PROTECT, related_name="loan_lines")
    lent = models.ForeignKey("samples.Split", models.PROTECT, null=True, related_name="lent_as")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    disposition = models.CharField(max_length=10, choices=Disposition)
    granted_ng = models.BigIntegerField()
    reservation = models.UUIDField(null=True)
    issued_ng = models.BigIntegerField(null=True)
    issued_sigma_ng = models.BigIntegerField(null=True)
    received_ng = models.BigIntegerField(null=True)
    received_sigma_ng = models.BigIntegerField(null=True)
    sent_back_on = models.DateField(null=True)
    sent_back_ng = models.BigIntegerField(null=True)
    weighed_back_ng = models.BigIntegerField(null=True)
    weighed_back_sigma_ng = models.BigIntegerField(null=True)
    weighed_back_least_ng = models.BigIntegerField(null=True)
    weighed_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ("loan", "number")
        constraints = (
            models.UniqueConstraint(fields=["loan", "number"], name="loan_lines_are_numbered_once"),
            models.CheckConstraint(condition=models.Q(granted_ng__gt=0), name="loan_line_grants_something"),
            models.CheckConstraint(
                condition=models.Q(disposition__in=Disposition.values), name="loan_line_disposition_known"
            ),
            models.CheckConstraint(
                condition=models.Q(weighed_back_least_ng=None)
                | models.Q(
                    weighed_back_ng__isnull=False,
                    weighed_back_least_ng__gte=0,
                    weighed_back_least_ng__lte=models.F("weighed_back_ng"),
                ),
                name="loan_line_back_between_bounds",
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What its accounts in the books are called, and what its paper says: ``L-7KX2P/1``."""
        return f"{self.loan.code}/{self.number}"

    @property
    def is_held(self) -> bool:
        """Whether the borrower still has to answer for it."""
        return self.sent_back_on is None and self.closed_on is None

    @property
    def is_awaited(self) -> bool:
        """Whether it is on its way back and not weighed yet."""
        return self.sent_back_on is not None and self.closed_on is None and self.weighed_back_ng is None


class ReportKind(models.TextChoices):
    """What a borrower reports on a line."""

    CONSUMED = "consumed", _("used up")
    RESIDUE = "residue", _("left over from an analysis")
    SUB_SPLIT = "sub-split", _("divided")


class Report(models.Model):
    """What a borrower reports to have done with material: sealed with the movement that it made. Never edited.

    ``video_sha256`` is the hash of the video record of a destructive experiment; the film itself stays with the borrower.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(LoanLine, models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind)
    mass_ng = models.BigIntegerField()
    what = models.TextField()
    video_sha256 = models.CharField(max_length=64, blank=True)
    movement = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at",)
        triggers = (pgtrigger.Protect(name="reports_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.kind}"


class Condition(models.TextChoices):
    """How a borrower finds a piece at an inventory."""

    GOOD = "good", _("there, unchanged")
    CHANGED = "changed", _("there, changed")
    MISSING = "missing", _("not found")


class Inventory(models.Model):
    """A borrower counted what it holds. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="inventories")
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-on",)
        verbose_name_plural = "inventories"
        triggers = (pgtrigger.Protect(name="inventories_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.loan_id} on {self.on}"


class InventoryRow(models.Model):
    """What was found of one line: its condition, where it is kept, and its mass where it was weighed."""

    inventory = models.ForeignKey(Inventory, models.PROTECT, related_name="rows")
    line = models.ForeignKey(LoanLine, models.PROTECT, related_name="inventory_rows")
    condition = models.CharField(max_length=8, choices=Condition)
    place = models.CharField(max_length=200, blank=True)
    mass_ng = models.BigIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["inventory", "line"], name="one_inventory_row_per_line"),)
        triggers = (pgtrigger.Protect(name="inventory_rows_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.condition}"


@pghistory.track()
class Extension(models.Model):
    """A borrower asks to keep material longer; an officer grants or refuses it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="extensions")
    until = models.DateField()
    reason = models.TextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["loan"], condition=models.Q(granted__isnull=True), name="one_open_extension_per_loan"
            ),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} until {self.until}"


@pghistory.track()
class Transfer(models.Model):
    """Custody of a line passes to another person: asked by the borrower, accepted by the receiver, approved by an officer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(LoanLine, models.PROTECT, related_name="transfers")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    institution = models.CharField(_("institution of the receiver"), max_length=200)
    country = models.CharField(max_length=2, blank=True)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="transferred_from")

    class Meta:
        ordering = ("asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["line"], condition=models.Q(approved__isnull=True), name="one_open_transfer_per_line"
            ),
        )

    def __str__(self) -> str:
        return f"{self.line_id} to {self.to_id}"


class DutyKind(models.TextChoices):
    """What a borrower owes beside the material."""

    REPORT = Duty.REPORT.value, _("report")
    DATA = Duty.DATA.value, _("data set")
    PUBLICATIONS = Duty.PUBLICATIONS.value, _("publications")


@pghistory.track()
class Fulfilment(models.Model):
    """How one duty of a loan was met: a reference (DOI, address), or an officer's waiver with its reason."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="fulfilments")
    duty = models.CharField(max_length=12, choices=DutyKind)
    reference = models.CharField(_("address or DOI"), max_length=300)
    waived = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["loan", "duty"], name="one_fulfilment_per_duty"),)

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.duty}"


class Reminder(models.Model):
    """A reminder that was sent; the same one is never sent twice."""

    loan = models.ForeignKey(Loan, models.CASCADE, related_name="reminders")
    what = models.CharField(max_length=12)
    due = models.DateField()
    days_before = models.SmallIntegerField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["loan", "what", "due", "days_before"], name="each_reminder_once"),
        )

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.what} {self.due}"
