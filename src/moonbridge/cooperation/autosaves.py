"""What a page that saves by itself is told, in JSON: the protocol of the form's script, one for all stages."""

from collections.abc import Sequence
from datetime import datetime

from django.http import JsonResponse

from moonbridge.errors import InputError, MoonbridgeError


def saved(version: int, saved_at: datetime) -> JsonResponse:
    """Say that it is saved, as which version and when."""
    return JsonResponse({"version": version, "saved_at": saved_at.isoformat()})


def refused(refusal: MoonbridgeError, differences: Sequence[object]) -> JsonResponse:
    """Say why nothing was saved and, where somebody else saved meanwhile, in what both versions differ."""
    answer = {"code": refusal.code, "sentence": str(refusal), "differences": differences}
    return JsonResponse(answer, status=400 if isinstance(refusal, InputError) else 409)
