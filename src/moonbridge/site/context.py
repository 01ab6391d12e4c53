"""What every template may speak of."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from moonbridge.database import only_reads


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature of a context processor
    """Return the site's mode and address for the base template, and how it asks whether the database only reads."""
    return {"demo": settings.DEMO, "base_url": settings.BASE_URL, "only_reads": only_reads}
