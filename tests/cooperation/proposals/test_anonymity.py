"""Dual-anonymous calls: which part is which, what is checked, cleaned and explained before a proposal is submitted."""

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

import builders
from cooperation.proposals import making
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, ReviewMode
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.proposals import actions, anonymity, parts, queries, receipts
from moonbridge.cooperation.proposals.models import Proposal, TeamRole
from moonbridge.errors import NotAllowed, Refused

pytestmark = pytest.mark.django_db


def dual_call(**fields: Any) -> Opportunity:
    return builders.open_opportunity(review_mode=ReviewMode.DUAL, **fields)


def draft(call: Opportunity | None = None, **texts: Any) -> Proposal:
    """A complete draft for a dual-anonymous call, led by Zhang Xiaoming of the University of Bern."""
    lead = builders.person("Zhang Xiaoming", institution="University of Bern")
    return making.complete(call or dual_call(), lead=lead, expertise="We flew it twice.", **texts)


def certain(proposal: Proposal) -> dict[str, str]:
    return {one.digest: one.found for one in anonymity.findings(proposal) if one.certain}


def picture(word: str) -> bytes:
    notes, made = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_text("Author", word)
    Image.new("L", (3, 3)).save(made, "PNG", pnginfo=notes)
    return made.getvalue()


def attach(proposal: Proposal, content: bytes, name: str, **given: Any) -> Any:
    upload = SimpleUploadedFile(name, content)
    return actions.attach(proposal, upload, **making.by_lead(proposal), **given)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_each_thing_that_is_received_belongs_to_one_part() -> None:
    proposal = draft()
    attach(proposal, b"open words", "annex.txt")
    attach(proposal, b"sealed words", "people.txt", sealed=True)
    content = receipts.content_of(proposal)
    assert sorted([*parts.COMMON, *parts.OPEN, *parts.SEALED, "attachments"]) == sorted(content)
    seen, hidden = parts.anonymous(content), parts.sealed(content)
    assert set(seen) & set(hidden) == {*parts.COMMON, "attachments"}
    assert [one["name"] for one in seen["attachments"]] == ["annex.txt"]
    assert [one["name"] for one in hidden["attachments"]] == ["people.txt"]
    assert [one.name for one in queries.files(proposal, sealed=True)] == ["people.txt"]
    assert "Zhang" not in str(seen)
    assert hidden["expertise"] == "We flew it twice."


def test_an_older_receipt_without_parts_is_open_but_for_its_people() -> None:
    old = {"title": "T", "team": [], "attachments": [{"name": "a.pdf"}]}
    assert parts.anonymous(old) == {"title": "T", "attachments": [{"name": "a.pdf"}]}
    assert parts.sealed(old) == {"team": [], "attachments": []}


def test_files_of_the_open_part_are_cleaned_and_the_others_kept_as_they_are() -> None:
    proposal = draft()
    seen = attach(proposal, picture("Zhang"), "figure.png")
    hidden = attach(proposal, picture("Zhang"), "lab.png", sealed=True)
    assert b"Zhang" not in seen.file.read()
    assert hidden.file.read() == picture("Zhang")
    assert (seen.sealed, hidden.sealed, seen.size) == (False, True, seen.file.size)
    other = making.complete()
    kept = attach(other, picture("Zhang"), "figure.png", sealed=True)
    assert (kept.sealed, kept.file.read()) == (False, picture("Zhang"))


def test_what_tells_who_proposes_is_corrected_or_explained() -> None:
    proposal = draft(abstract="As X. Zhang showed, ions matter.", accommodation="Tested in our laboratory.")
    attach(proposal, b"Made at the University of Bern.", "annex.txt", title="Notes by Zhang Xiaoming")
    assert sorted(certain(proposal).values()) == ["University of Bern", "X. Zhang", "Zhang Xiaoming"]
    with pytest.raises(Refused) as refused:
        making.submit(proposal)
    assert len(refused.value.numbers["found"]) == 3
    digests = certain(proposal)
    reasons = {key: "It is the name of an effect." for key, found in digests.items() if found == "X. Zhang"}
    actions.explain(proposal, reasons | {"unknown": "x"}, **making.by_lead(proposal))
    for file in proposal.attachments.all():
        actions.detach(file, **making.by_lead(proposal))
    made = making.submit(proposal)
    (said,) = parts.sealed(made.content)["anonymity"]
    assert said == {
        "where": "Abstract",
        "excerpt": "As X. Zhang showed, ions matter.",
        "reason": "It is the name of an effect.",
    }
    assert "effect" not in str(parts.anonymous(made.content))


def test_a_reason_is_for_the_words_that_stood_there() -> None:
    proposal = draft(abstract="As X. Zhang showed.")
    actions.explain(proposal, dict.fromkeys(certain(proposal), "An effect."), **making.by_lead(proposal))
    making.save(proposal, abstract="As X. Zhang showed, and X. Zhang again.")
    with pytest.raises(Refused):
        making.submit(making.again(proposal))
    making.save(proposal, abstract="As somebody showed.")
    assert parts.sealed(making.submit(making.again(proposal)).content)["anonymity"] == []


def test_only_the_lead_explains() -> None:
    proposal = draft(abstract="X. Zhang")
    with pytest.raises(NotAllowed):
        actions.explain(proposal, {}, by=making.member(proposal, TeamRole.EDITOR), command=uuid.uuid4())


def test_the_sealed_part_must_say_who_they_are_and_other_calls_check_nothing() -> None:
    proposal = draft()
    making.save(proposal, expertise=" ")
    with pytest.raises(Refused, match="sealed part"):
        making.submit(making.again(proposal))
    lead = builders.person("Zhang Xiaoming")
    assert making.submit(making.complete(lead=lead, abstract="By Zhang Xiaoming")).number == 1


def test_agencies_of_the_teams_countries_but_not_the_host_are_looked_for() -> None:
    call = dual_call()
    builders.agency(name="Swiss Space Office", short="SSO", country="TH")
    call.agency.country = "TH"
    call.agency.save()
    proposal = draft(call, abstract=f"With SSO and {call.agency.name}.")
    assert [(one.found, one.certain) for one in anonymity.findings(proposal)] == [("SSO", False)]


def test_the_lead_explains_on_the_page_and_the_office_reads_the_reason_after_the_deadline() -> None:
    call = dual_call()
    proposal = draft(call, abstract="As X. Zhang showed, ions matter.")
    lead, office = client_of(making.lead_of(proposal)), client_of(builders.office_of(call.agency))
    address = reverse("proposal-submit", args=[proposal.pk])
    page = lead.get(address).content.decode()
    ((digest, _),) = certain(proposal).items()
    assert f'name="reason-{digest}"' in page
    assert 'name="version"' not in page
    explain = reverse("proposal-explain", args=[proposal.pk])
    given = {"command": str(uuid.uuid4()), f"reason-{digest}": "hidden-reason"}
    editor = client_of(making.member(proposal, TeamRole.EDITOR))
    assert editor.post(explain, given).status_code == 404
    assert lead.post(explain, given).status_code == 302
    assert 'name="version"' in lead.get(address).content.decode()
    making.submit(proposal)
    seen = reverse("proposal", args=[proposal.pk])
    assert office.get(seen).status_code == 404
    call.state = CallState.CLOSED
    call.save(update_fields=["state"])
    assert "hidden-reason" in office.get(seen).content.decode()
    assert client_of(builders.person()).get(seen).status_code == 404


def test_the_editor_says_which_part_is_which_in_dual_anonymous_calls_alone() -> None:
    for proposal, dual in ((draft(), True), (making.complete(), False)):
        page = client_of(making.lead_of(proposal)).get(reverse("proposal-edit", args=[proposal.pk])).content.decode()
        assert ("This call is dual-anonymous" in page, 'name="sealed"' in page, 'name="expertise"' in page) == (
            dual,
            dual,
            True,
        )
