"""The vocabulary of the database and that of the catalogue's files are one."""

import pytest
from django.db import models as django_models

from moonbridge.cooperation.programmes import models
from moonbridge.formats import catalogue


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (models.PartnerKind, catalogue.PartnerKind),
        (models.PartnerRole, catalogue.Role),
        (models.ElementKind, catalogue.ElementType),
        (models.Standing, catalogue.Standing),
        (models.Audience, catalogue.Audience),
        (models.Confidence, catalogue.Confidence),
    ],
)
def test_database_and_files_use_the_same_words(choices: type[django_models.TextChoices], words: type) -> None:
    assert choices.values == [str(word) for word in words]


def test_every_kind_of_entry_is_a_kind_in_the_database() -> None:
    own_tables = {"programme", "mission", "element", "site"}
    kinds = {entry.kind for entry in catalogue.load().entries.values()}
    assert set(models.EntryKind.values) == kinds - own_tables


@pytest.mark.django_db
def test_the_trigram_index_is_there() -> None:
    assert models.SearchDocument.objects.count() == 0
