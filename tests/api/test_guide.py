"""The page that explains the API names every operation and loads nothing from elsewhere."""

import re

import pytest

from moonbridge.api.guide import operations

pytestmark = pytest.mark.django_db


def test_the_guide_names_every_operation(client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    html = client.get("/api/v1/docs").content.decode()
    listed = re.findall(r'<td>([A-Z]+)</td><th scope="row"><span class="code">([^<]+)</span>', html)
    assert sorted(listed) == sorted(
        (method.upper(), path) for path, methods in schema["paths"].items() for method in methods
    )
    assert not re.search(r'<(?:script|link)[^>]+(?:src|href)="https?:', html)


def test_operations_are_grouped_by_their_tag() -> None:
    schema = {
        "paths": {
            "/a": {"get": {"tags": ["x"], "summary": "A"}, "post": {"tags": ["y"], "summary": "B"}},
            "/b": {"get": {"summary": "C"}},
        }
    }
    assert operations(schema) == {"x": [("GET", "/a", "A")], "y": [("POST", "/a", "B")], "other": [("GET", "/b", "C")]}
