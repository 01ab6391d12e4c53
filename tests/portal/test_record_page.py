"""The public record's page hands out the key with which everybody can verify it."""

import pytest
from django.urls import reverse

from moonbridge.formats import record as files
from moonbridge.record import actions, queries


@pytest.mark.django_db
def test_the_page_names_the_key_under_which_its_download_verifies(client) -> None:
    actions.append("publish", "opportunity/a", {}, agency="cnsa", by=None, public=True)
    page = client.get(reverse("record")).content.decode()
    key = queries.signer().public_key
    assert f"moonbridge record verify record-public.jsonl --key {key}" in page
    lines = b"".join(client.get(reverse("record-export")).streaming_content).decode().splitlines(keepends=True)
    assert files.verify(iter(lines), name="record-public.jsonl", public_key=key).entries == 1
