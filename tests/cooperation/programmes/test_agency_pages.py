"""An agency's people and its own chain of the record: for its office, and nobody else."""

import pytest
from django.urls import reverse

import builders
from moonbridge.accounts.models import Role, RoleKind, Scope
from moonbridge.accounts.queries import holds
from moonbridge.formats import record as files
from moonbridge.record import actions, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return builders.agency()


@pytest.mark.parametrize("page", ["agency-people", "agency-record", "agency-record-export"])
def test_strangers_sign_in_and_everybody_else_finds_nothing(client, agency, page) -> None:
    address = reverse(page, args=[agency.slug])
    assert client.get(address).status_code == 302
    for outsider in (builders.person(), builders.office_of(builders.agency())):
        client.force_login(outsider)
        assert client.get(address).status_code == 404
    client.force_login(builders.office_of(agency))
    assert client.get(address).status_code == 200


def test_the_office_gives_and_takes_roles(client, agency) -> None:
    client.force_login(builders.office_of(agency))
    newcomer = builders.person()
    people = reverse("agency-people", args=[agency.slug])
    client.post(people, {"email": newcomer.email.upper(), "kind": "auditor"})
    assert holds(newcomer, RoleKind.AUDITOR, Scope.AGENCY, agency.pk)
    held = Role.objects.get(user=newcomer)
    client.post(reverse("agency-role-take", args=[agency.slug, held.pk]))
    assert not holds(newcomer, RoleKind.AUDITOR, Scope.AGENCY, agency.pk)
    unknown = client.post(people, {"email": "nobody@example.org", "kind": "auditor"})
    assert "Nobody has signed up with this address" in unknown.content.decode()


def test_an_office_cannot_take_a_role_of_another_agency(client, agency) -> None:
    client.force_login(builders.office_of(agency))
    other = builders.agency()
    held = builders.office_of(other).roles.get()
    assert client.post(reverse("agency-role-take", args=[agency.slug, held.pk])).status_code == 404
    assert Role.objects.filter(pk=held.pk).exists()


def test_an_auditor_takes_the_chain_out_and_it_verifies(client, agency) -> None:
    actions.append("submit", "opportunity/a/proposal/P-1", {}, agency=agency.slug, by=None)
    client.force_login(builders.role(RoleKind.AUDITOR, Scope.AGENCY, agency))
    answer = client.get(reverse("agency-record-export", args=[agency.slug]))
    lines = b"".join(answer.streaming_content).decode().splitlines(keepends=True)
    assert files.verify(iter(lines), name="export", public_key=queries.signer().public_key).entries == 1


def test_a_long_chain_is_read_page_by_page(client, agency) -> None:
    for number in range(51):
        actions.append("submit", f"opportunity/a/proposal/P-{number}", {}, agency=agency.slug, by=None)
    client.force_login(builders.office_of(agency))
    address = reverse("agency-record", args=[agency.slug])
    assert 'href="?page=2"' in client.get(address).content.decode()
    assert [entry.number for entry in client.get(address, {"page": "2"}).context["page"]] == [1]
