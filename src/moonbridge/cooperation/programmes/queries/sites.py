"""Places on the Moon, each with all that is known about it."""

from django.db.models import QuerySet

from moonbridge.cooperation.programmes.models import Site


def sites() -> QuerySet[Site]:
    """Return all named sites with their missions, in the catalogue's order."""
    return Site.objects.select_related("mission", "programme")
