"""The page that explains the API: every address with what it answers, in the house style.

The usual interactive page is not used: it loads scripts from another host, which the content security policy forbids.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Guide(DocsBase):
    """Lists the operations of the API by their tag."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        schema = api.get_openapi_schema()
        facts = {
            "description": api.description,
            "groups": operations(schema),
            "schema_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/guide.html", facts)


def operations(schema: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Return (method, address, what it does) of every operation of an OpenAPI schema, by tag, in its order."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            found.setdefault(tag, []).append((method.upper(), path, operation["summary"]))
    return found
