"""What is shown of a piece beside its mass: pictures, and what was published on it. Nothing of it is edited; it is taken off."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.samples.models.ledger import Split
from moonbridge.cooperation.samples.models.lending import Loan
from moonbridge.formats.igsn.references import LONGEST, Reference, reference

FIRST_YEAR = 1969
"""Nothing was published on lunar samples before the first came."""
LAST_YEAR = 9999


def random_name(picture: "Picture", name: str) -> str:  # noqa: ARG001 - the signature of ``upload_to``
    """Return where a file is kept: a name that nobody can guess and that says nothing about its content."""
    return f"samples/{uuid.uuid4().hex}"


class Picture(models.Model):
    """A picture of a piece, drawn anew from the pixels of what was sent; ``preview`` is its small form for lists (JPEG).

    A picture that was taken off stays in the table, without its files.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    split = models.ForeignKey(Split, models.PROTECT, related_name="pictures")
    caption = models.CharField(_("what it shows"), max_length=300)
    credit = models.CharField(_("whose picture it is"), max_length=200)
    file = models.FileField(upload_to=random_name)
    preview = models.FileField(upload_to=random_name)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("added_at", "id")
        indexes = (
            models.Index(
                fields=["split"], condition=models.Q(removed_at__isnull=True), name="pictures_shown_of_a_piece"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="pictures_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="pictures_are_only_taken_off", exclude=["removed_at"]),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name under which it is handed out."""
        ending = "png" if self.media_type == "image/png" else "jpg"
        return f"{slugify(self.split.name) or 'piece'}-{self.pk.hex[:6]}.{ending}"


class Publication(models.Model):
    """Something that was published on a piece, by its one form of reference; ``loan`` is the loan whose borrower reported it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    split = models.ForeignKey(Split, models.PROTECT, related_name="publications")
    reference = models.CharField(_("DOI or address"), max_length=LONGEST)
    title = models.CharField(_("title"), max_length=500)
    year = models.PositiveSmallIntegerField(_("year"))
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="publications")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-year", "title")
        constraints = (
            models.UniqueConstraint(
                fields=["split", "reference"], condition=models.Q(removed_at__isnull=True), name="one_publication_once"
            ),
            models.CheckConstraint(
                condition=models.Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR), name="publication_has_a_year"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="publications_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="publications_are_only_taken_off", exclude=["removed_at"]),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def named(self) -> Reference:
        """What it is called elsewhere."""
        return reference(self.reference)
