"""The sealed log of decisions, and the commands that were carried out."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

PUBLIC = "public"
"""The chain that everybody may read. Every agency has a chain of its own beside it, named ``agency:<slug>``."""


class Entry(models.Model):
    """One sealed decision. ``body`` is what is hashed; the person is in it only as a salted commitment."""

    chain = models.CharField(max_length=120)
    number = models.BigIntegerField()
    subject = models.CharField(max_length=200, db_index=True)
    verb = models.CharField(max_length=60)
    at = models.DateTimeField()
    body = models.JSONField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    salt = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=100)

    class Meta:
        ordering = ("chain", "number")
        verbose_name_plural = "entries"
        constraints = (
            models.UniqueConstraint(fields=["chain", "number"], name="record_numbers_are_gapless_once"),
            models.UniqueConstraint(fields=["chain", "previous"], name="record_never_forks"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="record_counts_from_one"),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.chain} {self.number}: {self.verb} {self.subject}"


class Command(models.Model):
    """A command that was carried out, by its client-made id: sent again, it answers with the same ``result``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    verb = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    result = models.JSONField(null=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"
