"""The books: accounts, movements, entries, and the Merkle log of what was moved.

Nothing but the movement function of the database (``ledger_post``, migration 0002), and for many movements at once
``ledger_post_many`` (migration 0003), writes accounts, movements and entries.
"""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.quantities import KINDS, Kind, custom


class Book(models.Model):
    """One ledger: the samples of one mission and material, or one resource that an opportunity grants."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=200, unique=True)
    name = models.CharField(_("name"), max_length=200)
    quantity = models.CharField(
        max_length=40, help_text=_("the kind of quantity; its base unit is the unit of the book")
    )
    synthetic = models.BooleanField(default=False)
    opened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = (pgtrigger.Protect(name="books_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Kind:
        """The kind of quantity that the book counts; an office may have named its own."""
        return KINDS.get(self.quantity) or custom(self.quantity.removeprefix(custom("").name))


class Account(models.Model):
    """What one account holds now. Each change comes with an entry, which the database demands at the end of the transaction.

    ``changed_at`` never goes back, even when the clock does, so that "as of" has one answer.
    """

    id = models.BigAutoField(primary_key=True)
    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts", db_index=False)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.name) for kind in AccountKind])
    label = models.CharField(max_length=120, blank=True)
    balance = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0)
    version = models.BigIntegerField(db_default=0)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["book", "kind", "label"], name="ledger_one_account_per_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AccountKind]), name="ledger_account_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AccountKind.ORIGIN.value) | models.Q(balance__gte=models.F("held")),
                name="ledger_never_more_than_there_is",
            ),
            models.CheckConstraint(condition=models.Q(held__gte=0), name="ledger_held_never_negative"),
        )

    def __str__(self) -> str:
        return f"{self.kind.upper()}:{self.label}" if self.label else self.kind.upper()


class Movement(models.Model):
    """One thing that happened to amounts. ``id`` is made by the client: sent twice, it happened once.

    ``reservation`` is the movement that set aside what this one uses or lets go; ``corrects`` the one that it takes back.
    """

    id = models.UUIDField(primary_key=True)
    book = models.ForeignKey(Book, models.PROTECT, related_name="movements", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.name) for kind in MovementKind])
    legs = models.SmallIntegerField()
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    digest = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    reservation = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in MovementKind]), name="ledger_movement_kind_known"
            ),
            models.UniqueConstraint(
                fields=["reservation"],
                condition=models.Q(reservation__isnull=False),
                name="ledger_reservation_closed_once",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(corrects__isnull=False), name="ledger_corrected_once"
            ),
        )
        indexes = (models.Index(fields=["book", "at"], name="ledger_movement_by_time"),)
        triggers = (pgtrigger.Protect(name="movements_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Entry(models.Model):
    """How one movement changed one account: ``amount`` and ``hold`` are the changes, the rest is what it held afterwards.

    ``previous`` is the balance before; ``version`` counts the entries of an account without a gap. The guards of migration 0002 see to
    it that movement, account and book belong together; foreign keys would ask the same again, for each leg.
    """

    pk = models.CompositePrimaryKey("movement_id", "leg")
    movement = models.ForeignKey(Movement, models.PROTECT, related_name="entries", db_index=False, db_constraint=False)
    leg = models.SmallIntegerField()
    legs = models.SmallIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False, db_constraint=False)
    amount = models.BigIntegerField()
    hold = models.BigIntegerField()
    previous = models.BigIntegerField()
    balance = models.BigIntegerField()
    held = models.BigIntegerField()
    version = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = (
            models.UniqueConstraint(fields=["account", "version"], name="ledger_entries_are_counted"),
            models.CheckConstraint(
                condition=models.Q(leg__gte=1, leg__lte=models.F("legs")), name="ledger_no_leg_more_than_stated"
            ),
            models.CheckConstraint(
                condition=models.Q(balance=models.F("previous") + models.F("amount")), name="ledger_balance_follows"
            ),
        )
        triggers = (pgtrigger.Protect(name="entries_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.movement_id} {self.leg}: {self.amount:+}"


class Leaf(models.Model):
    """A movement as a leaf of its book's Merkle log. ``body`` is what is hashed; people are in it only as salted commitments."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="leaves", db_index=False)
    number = models.BigIntegerField()
    movement = models.OneToOneField(Movement, models.PROTECT, related_name="leaf")
    body = models.JSONField()
    salt = models.CharField(max_length=64)
    hash = models.BinaryField()

    class Meta:
        verbose_name_plural = "leaves"
        constraints = (models.UniqueConstraint(fields=["book", "number"], name="ledger_leaves_are_counted"),)
        triggers = (pgtrigger.Protect(name="leaves_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.book_id} {self.number}"


class Checkpoint(models.Model):
    """A signed note that states the size and root of a book's Merkle log; ``frontier`` are the roots of its full subtrees."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="checkpoints", db_index=False)
    size = models.BigIntegerField()
    root = models.BinaryField()
    frontier = models.JSONField()
    note = models.TextField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["book", "size"], name="ledger_one_checkpoint_per_size"),)
        triggers = (pgtrigger.Protect(name="checkpoints_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.book_id} at {self.size}"


class CoSigner(models.Model):
    """A partner whose signatures under checkpoints this site takes: the name and the public key, as the operator has them from the partner.

    A key is never edited; one that is withdrawn signs nothing new, and what it signed stays.
    """

    name = models.CharField(max_length=120)
    public_key = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(withdrawn_at=None), name="ledger_one_key_per_partner"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="cosigners_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="cosigners_keep_their_key", fields=["name", "public_key", "at"]),
        )

    def __str__(self) -> str:
        return self.name


class CoSignature(models.Model):
    """A partner's signature under a checkpoint: the partner saw this state of the books, and none that contradicts it."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    name = models.CharField(max_length=120)
    public_key = models.CharField(max_length=60)
    line = models.CharField(max_length=300)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["checkpoint", "public_key"], name="ledger_cosigned_once_per_key"),
        )
        triggers = (pgtrigger.Protect(name="cosignatures_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.name} under {self.checkpoint_id}"
