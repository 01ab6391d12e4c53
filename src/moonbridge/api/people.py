"""Who the API takes somebody for."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from moonbridge.accounts.models import User
from moonbridge.api.authentication import somebody

router = Router(tags=["people"])


@router.get("/me", auth=somebody, summary="Who the key or session belongs to, and the roles held")
def me(request: HttpRequest) -> dict[str, Any]:
    """Return the person behind the request, with roles."""
    user: User = request.auth  # type: ignore[attr-defined]
    roles = [{"role": role.kind, "scope": role.scope, "scope_id": str(role.scope_id)} for role in user.roles.all()]
    return {"email": user.email, "name": user.name, "roles": roles}
