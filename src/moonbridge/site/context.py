"""What every template may speak of."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature of a context processor
    """Return the site's mode and address for the base template."""
    return {"demo": settings.DEMO, "base_url": settings.BASE_URL}
