"""The shipped catalogue in the database, loaded once for all tests of a module."""

from collections.abc import Iterator

import pytest

from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.formats.catalogue import Catalogue, load


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker) -> Iterator[Catalogue]:
    """The catalogue, in the database until the module's last test; an empty one then takes everything out again."""
    shipped = load()
    with django_db_blocker.unblock():
        load_catalogue(shipped)
        yield shipped
        load_catalogue(Catalogue({}, {}, {}, {}))
