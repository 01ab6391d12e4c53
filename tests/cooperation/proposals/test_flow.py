"""From an open call to a receipt through the pages, without scripts; and what a team finds on its desk."""

import json
import uuid

import pytest
from django.urls import reverse

import builders
from cooperation.proposals import making
from moonbridge.cooperation.proposals import actions, content, queries
from moonbridge.cooperation.proposals.forms import shown
from moonbridge.cooperation.proposals.models import Proposal, TeamRole
from moonbridge.cooperation.proposals.states import State
from moonbridge.formats import receipts
from moonbridge.record.queries import signer

pytestmark = pytest.mark.django_db


def command() -> dict[str, str]:
    return {"command": str(uuid.uuid4())}


def test_a_team_goes_from_the_call_to_a_receipt_and_back(client) -> None:
    call = builders.open_opportunity()
    client.force_login(builders.person(institution="Institute", country="TH"))
    begun = client.post(reverse("proposal-new", args=[call.slug]), {"title": "A camera", **command()})
    proposal = Proposal.objects.get()
    assert begun["Location"] == reverse("proposal-edit", args=[proposal.pk])
    data = shown(content.read(proposal), call) | {"version": "1", "look": "1"} | command()
    mass, power = call.envelope.all()
    data |= {"abstract": "It looks.", "objectives": "To see.", "export_control": "None."}
    data |= {f"options-0-demand-{mass.pk}": "1.5 kg", f"options-0-demand-{power.pk}": "500 mW"}
    assert client.post(begun["Location"], data)["Location"] == reverse("proposal", args=[proposal.pk])
    page = client.get(reverse("proposal-submit", args=[proposal.pk]))
    assert page.context["missing"] == []
    sent = client.post(
        reverse("proposal-submit", args=[proposal.pk]), {"version": page.context["proposal"].version} | command()
    )
    assert sent["Location"] == reverse("proposal-receipt", args=[proposal.pk, 1])
    received = client.get(sent["Location"])
    assert received.context["submission"].digest == page.context["digest"]
    file = client.get(reverse("proposal-receipt-file", args=[proposal.pk, 1]))
    assert file["Content-Disposition"] == f'attachment; filename="receipt-{proposal.code}-1.json"'
    assert receipts.verify(json.loads(file.content), public_key=signer().public_key).digest == page.context["digest"]
    assert client.get(reverse("proposal-edit", args=[proposal.pk])).status_code == 302
    assert client.post(reverse("proposal-unsubmit", args=[proposal.pk]), command()).status_code == 302
    assert (
        client.post(reverse("proposal-withdraw", args=[proposal.pk]), {"reason": "no money"} | command()).status_code
        == 302
    )
    assert client.post(reverse("proposal-restore", args=[proposal.pk]), command()).status_code == 302
    assert making.again(proposal).state == State.DRAFT


def test_what_was_written_can_be_exported_after_the_deadline(client) -> None:
    proposal = making.complete(making.past_call(), title="Too late")
    client.force_login(making.lead_of(proposal))
    answer = client.post(reverse("proposal-submit", args=[proposal.pk]), {"version": "1"} | command())
    assert (answer.status_code, "The deadline was" in answer.content.decode()) == (409, True)
    exported = client.get(reverse("proposal-export", args=[proposal.pk])).json()
    assert (exported["title"], exported["state"]) == ("Too late", "draft")
    assert client.get(reverse("proposal-edit", args=[proposal.pk])).context["over"] is True


def test_a_call_that_is_over_takes_no_beginning(client) -> None:
    client.force_login(builders.person())
    url = reverse("proposal-new", args=[making.past_call().slug])
    assert "takes no new proposals any more" in client.get(url).content.decode()
    assert client.post(url, {"title": "x"} | command()).status_code == 409
    assert client.get(reverse("proposal-new", args=[builders.opportunity().slug])).status_code == 404


def test_synthetic_content_says_so_on_its_pages_and_in_its_receipt(client) -> None:
    call = builders.open_opportunity(origin="synthetic")
    proposal = making.complete(call, synthetic=True)
    submission = actions.receive_synthetic(proposal, at=call.published_at, by=making.lead_of(proposal))
    assert submission.receipt["received"]["note"] == "synthetic demonstration"
    assert submission.content["synthetic"] is True
    client.force_login(making.lead_of(proposal))
    for name, more in (("proposal", ()), ("proposal-receipt", (1,)), ("proposal-team", ())):
        assert "badge synthetic" in client.get(reverse(name, args=[proposal.pk, *more])).content.decode()


def test_mine_lists_each_of_my_proposals_once_with_my_role(django_assert_num_queries) -> None:
    me = builders.person()
    led, read = making.complete(lead=me), making.complete()
    for role in (TeamRole.EDITOR, TeamRole.READER):
        making.member(led, role)
    read.members.create(user=me, role=TeamRole.READER)
    making.complete()
    with django_assert_num_queries(1):
        found = {proposal: (proposal.my_role, proposal.opportunity.agency.name) for proposal in queries.mine(me)}
    assert found == {
        led: (TeamRole.LEAD, led.opportunity.agency.name),
        read: (TeamRole.READER, read.opportunity.agency.name),
    }


def test_the_database_holds_a_withdrawn_proposals_instant() -> None:
    proposal = making.complete()
    withdrawn = actions.withdraw(proposal, **making.by_lead(proposal))
    assert withdrawn.withdrawn_at is not None
    assert actions.restore(proposal, **making.by_lead(proposal)).withdrawn_at is None
