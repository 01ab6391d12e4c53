"""An opportunity names the place it goes to: chosen in the editor, shown to everybody with its light, changed by amendment only."""

import dataclasses
import json
import uuid

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

import builders
from cooperation.opportunities.test_pages import form_of, post, shown, signed_in, url
from moonbridge.cooperation.opportunities import actions, terms
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Site
from moonbridge.cooperation.sites.queries import brief_of
from moonbridge.cooperation.sites.reports import coming_year
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def ridge(call: Opportunity) -> Site:
    return Site.objects.create(
        slug="connecting-ridge", name="Connecting Ridge", programme=call.mission.programme, latitude_deg="-89.4388",
        longitude_deg="222.857",
    )  # fmt: skip


def test_the_office_chooses_a_site_and_everybody_sees_its_light() -> None:
    draft = builders.complete_draft()
    place, client = ridge(draft), signed_in(builders.office_of(draft.agency))
    address = url("opportunity-edit", draft)
    assert post(client, address, **form_of(client, address), site=str(place.pk), save="1").status_code == 302
    draft.refresh_from_db()
    assert draft.site == place
    assert post(client, address, **form_of(client, address), save="1").status_code == 302
    draft.refresh_from_db()
    assert draft.site == place
    draft = actions.publish(draft, by=builders.office_of(draft.agency), command=uuid.uuid4(), version=draft.version)
    page, brief = shown(draft), brief_of(place, coming_year(database_now().date()))
    assert reverse("site", args=[place.slug]) in page
    assert f"{brief.light:.1f} %" in page
    assert brief.longest_night in page
    assert f"Reckoned for the coming year, {brief.year}: neither landing nor launch of {draft.mission} has" in page
    told = json.loads(signed_in(builders.person()).get(reverse("api:opportunity", args=[draft.slug])).content)
    assert told["site"] == "connecting-ridge"


def test_without_a_site_nothing_is_said_of_any() -> None:
    call = builders.open_opportunity()
    assert "Where it goes" not in shown(call)


def test_a_site_that_does_not_exist_is_refused() -> None:
    draft = builders.complete_draft()
    client, address = signed_in(builders.office_of(draft.agency)), url("opportunity-edit", draft)
    answer = post(client, address, **form_of(client, address), site=str(uuid.uuid4()), save="1")
    assert "site" in answer.context["editor"].plain.errors


def test_a_published_site_changes_by_amendment_only_and_the_change_is_told() -> None:
    draft = builders.complete_draft()
    office = builders.office_of(draft.agency)
    call = actions.publish(draft, by=office, command=uuid.uuid4(), version=draft.version)
    place = ridge(call)
    with pytest.raises(DatabaseError), transaction.atomic():
        Opportunity.objects.filter(pk=call.pk).update(site=place)
    made = actions.amend(
        call, dataclasses.replace(terms.read(call), site=place), reason="The landing site is chosen.",
        by=office, command=uuid.uuid4(),
    )  # fmt: skip
    assert made.changes == [
        {"subject": ["opportunity"], "field": "site on the Moon", "before": "", "after": "Connecting Ridge"}
    ]
    call.refresh_from_db()
    assert call.site == place
