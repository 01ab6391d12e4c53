"""The shipped catalogue in the database, loaded once for all tests of a module."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.formats.catalogue import Catalogue, load


@pytest.fixture(scope="module")
def loaded_catalogue(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Catalogue]:
    """The catalogue, in the database until the module's last test; an empty one then takes everything out again."""
    catalogue = load()
    with django_db_blocker.unblock():
        load_catalogue(catalogue)
        yield catalogue
        load_catalogue(Catalogue({}, {}, {}, {}))
