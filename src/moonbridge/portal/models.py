"""One number that grows with every change of what the public sees."""

from django.db import models


class PublicVersion(models.Model):
    """The version of everything public: a single row that deferred triggers raise once per changing transaction.

    Raised at commit, together with the change itself: who reads the number first and the data afterwards never takes old data
    for new. Which tables are watched stands in the migrations; a test names those that were forgotten.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.BigIntegerField(default=1)
    changed_in = models.BigIntegerField(default=0, help_text="the transaction that raised it last")

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_public_version"),)

    def __str__(self) -> str:
        return str(self.version)
