"""Papers and certificates of a decision: what they say, to whom, and that an altered one is refused."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import builders
from cooperation.selection import calls
from formats.paper.reading import Document
from moonbridge.cooperation.opportunities.models import GroupKind, Opportunity, Origin, PortfolioRule
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.proposals.models import Participant, Proposal
from moonbridge.cooperation.selection import actions, certificates, papers, queries, whatifs
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Decision, Recommendation
from moonbridge.engines.ledger.seal import canonical, digest
from moonbridge.engines.selection import optimum, program
from moonbridge.errors import TamperedError
from moonbridge.formats import paper
from moonbridge.formats.calls.certificate import unaltered, verified
from moonbridge.formats.calls.read import call_from_text
from moonbridge.record.models import PUBLIC, Entry
from moonbridge.record.queries import signer

pytestmark = pytest.mark.django_db

HOSTILE = '#read("/etc/passwd") *x*'


@pytest.fixture
def case():
    return calls.hand_computed_call()


def client_of(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def lead_of(proposal):
    return proposal.members.get(role="lead").user


def addresses(call, proposal) -> dict[str, str]:
    """The English addresses, whichever language the last request left behind."""
    with translation.override("en"):
        return {
            "panel": reverse("selection-paper", args=[call.slug, 1]),
            "certificate": reverse("selection-certificate", args=[call.slug, 1]),
            "letter": reverse("outcome-paper", args=[proposal.pk]),
            "decision": reverse("decision-paper", args=[call.slug]),
            "public part": reverse("decision-certificate", args=[call.slug]),
        }


def opened_by(user, call, proposal) -> set[str]:
    client = client_of(user)
    return {name for name, at in addresses(call, proposal).items() if client.get(at).status_code == 200}


def words(answer) -> str:
    """What a PDF says, without the breaks between its runs."""
    assert answer.status_code == 200
    return squeezed(Document(answer.content).text)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_who_may_open_which_paper(case) -> None:
    call, office, made = case
    calls.drafted(call, office)
    mine, other = made["P-B"], made["P-A"]
    strangers = (None, lead_of(other), builders.office_of(builders.agency()))
    assert opened_by(office, call, mine) == {"panel", "certificate", "letter"}
    assert [opened_by(user, call, mine) for user in (*strangers, lead_of(mine))] == [set()] * 4
    actions.publish_decision(call, by=office, command=calls.command())
    assert opened_by(office, call, mine) == {"panel", "certificate", "letter", "decision", "public part"}
    assert opened_by(lead_of(mine), call, mine) == {"letter", "decision", "public part"}
    assert [opened_by(user, call, mine) for user in strangers] == [{"decision", "public part"}] * 3


def test_downloads_are_saved_and_never_shown(case) -> None:
    call, office, made = case
    calls.published(call, office)
    for name in ("panel", "letter", "decision"):
        answer = client_of(office).get(addresses(call, made["P-B"])[name])
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment; filename=")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert b"<pdfuaid:part>1<" in answer.content


def test_the_panels_paper_says_all_that_the_page_says(case) -> None:
    call, office, made = case
    Proposal.objects.filter(pk=made["P-B"].pk).update(title=HOSTILE)
    rule_of_call(call, by=GroupKind.ALL, at_most=2)
    actions.force(made["P-D"], inside=True, reason="A treaty promises it.", by=office, command=calls.command())
    calls.drafted(call, office, reserve=1, conditions={"P-A": "A licence comes."})
    told = words(client_of(office).get(addresses(call, made["P-B"])["panel"]))
    # With two places and D held in, A + D: 90 + 40 = 130. Without the rule A, C, D: 205; without D held in A + B: 170.
    for expected in (
        "2 of 4", "130 (proven)", "12 kg of 20 kg", "P-A 10 kg · P-D 2 kg", "selected with a condition", "A licence comes.",
        "on the reserve list", HOSTILE, "at most 2 75", "P-D is fixed in (A treaty promises it.) 40",
        Recommendation.objects.get().certificate_digest, "Rank Proposal",
    ):  # fmt: skip
        assert squeezed(expected) in told, expected
    assert "root:" not in told


def test_the_panels_paper_solves_nothing(case, monkeypatch) -> None:
    call, office, made = case
    rule_of_call(call, by=GroupKind.ALL, at_most=2)
    kept = calls.recommended(call, office)
    assert kept.result["prices"] == {"r0": "35"}  # A, C and D instead of A and B: 205 - 170
    monkeypatch.setattr(program, "compiled", None)
    monkeypatch.setattr(optimum, "compiled", None)
    told = words(client_of(office).get(addresses(call, made["P-B"])["panel"]))
    assert squeezed("at most 2 35") in told


def test_what_a_call_says_of_each_country_is_one_rule_and_kept_scenarios_are_told(case) -> None:
    """D comes from Korea, the others from Thailand: with one of each country A + D is best, 130; without, A, C, D: 205."""
    call, office, made = case
    Participant.objects.filter(proposal=made["P-D"]).update(country="KR")
    rule_of_call(call, by=GroupKind.COUNTRY, at_most=1)
    kept = calls.recommended(call, office)
    levers, changes = Levers(queries.problem_of(kept)), Changes(off=("r0",))
    freer = whatifs.answered(levers.changed(changes), whatifs.at_once())
    actions.keep_scenario(
        kept, levers, changes, freer, name="All welcome", note="#eval", by=office, command=calls.command()
    )
    told = words(client_of(office).get(addresses(call, made["P-B"])["panel"]))
    for expected in (
        "130 (proven)",
        "number of proposals of each country: at most 1 75",
        f"All welcome #eval {office.name}",
    ):
        assert squeezed(expected) in told
    assert squeezed("without: number of proposals of each country: at most 1 205 +P-C") in told


def rule_of_call(call: Opportunity, **rule: object) -> None:
    """Give a published call another rule, which only an amendment could."""
    with pgtrigger.ignore("opportunities.PortfolioRule:changes_by_amendment"):
        PortfolioRule.objects.create(opportunity=call, **rule)


def test_without_a_decision_the_paper_speaks_of_the_recommendation_alone(case) -> None:
    call, office, made = case
    calls.recommended(call, office)
    told = words(client_of(office).get(addresses(call, made["P-B"])["panel"]))
    for expected in ("not drawn up yet", "left out", "recommended (Full)", "No rule beside the envelope."):
        assert squeezed(expected) in told


def test_papers_speak_the_readers_language(case) -> None:
    call, office, made = case
    calls.published(call, office, reserve=1)
    for name in ("panel", "letter", "decision"):
        answer = client_of(office).get("/zh-hans" + addresses(call, made["P-B"])[name])
        assert "第1页" in words(answer)
        assert b"<rdf:li>zh-CN</rdf:li>" in answer.content
    letter = client_of(office).get("/zh-hans" + addresses(call, made["P-B"])["letter"])
    assert "它将挤出P-A。" in words(letter)


def test_the_same_state_gives_the_same_bytes(case) -> None:
    call, office, made = case
    calls.published(call, office)
    for address in (addresses(call, made["P-B"])[name] for name in ("panel", "letter", "decision")):
        assert client_of(office).get(address).content == client_of(office).get(address).content


def test_the_public_paper_shows_no_more_than_the_page(case) -> None:
    call, office, made = case
    actions.force(made["P-B"], inside=False, reason="No licence.", by=office, command=calls.command())
    calls.published(call, office, conditions={"P-C": "A permit."}, note="Thank you.")
    told = words(client_of().get(addresses(call, made["P-B"])["decision"]))
    for expected in (
        "Thankyou.",
        "TitleP-A",
        "20kgof20kg",
        "P-A10kg",
        "Oneproposal,notnamedhere",
        "Nolicence.",
        "Thailand",
    ):
        assert expected in told
    for hidden in ("P-B", "Apermit.", "R1", "merit8", "20.5"):
        assert hidden not in told
    part = client_of().get(addresses(call, made["P-B"])["public part"]).content.decode()
    for hidden in ("P-B", "No licence.", "20.5", '"values"', '"bounds"', '"rules"'):
        assert hidden not in part
    assert not re.search(r'(?<![\w+/"])205(?![\w+/])', part), (
        "a number; within a digest or a signature it stands by chance"
    )


def test_a_letter_shows_own_scores_and_draft_letters_say_so(case) -> None:
    call, office, made = case
    calls.drafted(call, office, reserve=1, notes={"P-B": "Try again."})
    told = words(client_of(office).get(addresses(call, made["P-B"])["letter"]))
    assert "draft" in told
    actions.publish_decision(call, by=office, command=calls.command())
    told = words(client_of(lead_of(made["P-B"])).get(addresses(call, made["P-B"])["letter"]))
    for expected in (
        "on the reserve list",
        "rank 1",
        "80 of 100",
        "Reviewer A",
        "Try again.",
        "It would displace P-A.",
    ):
        assert squeezed(expected) in told
    for hidden in ("R1", "draft", "P-C", "P-D"):
        assert hidden not in told


def test_a_replay_of_unknown_day_states_none() -> None:
    call = builders.open_opportunity(state=CallState.CLOSED, origin=Origin.REPLAY)
    office = builders.office_of(call.agency)
    proposal = builders.submitted_proposal(call)
    outcomes = [{"proposal": proposal, "kind": "selected", "option": proposal.options.get()}]
    actions.replay_decision(call, outcomes=outcomes, published_at=None, note="", by=office)
    at = addresses(call, proposal)
    answer = client_of().get(at["decision"])
    assert "Thedayofpublicationisnotknown." in words(answer)
    assert b"(D:" not in answer.content
    assert client_of().get(at["public part"]).status_code == 404


def test_papers_ask_the_database_as_often_for_three_proposals_as_for_one() -> None:
    assert queries_for(1) == queries_for(3)


def queries_for(count: int) -> list[int]:
    call = builders.open_opportunity(state=CallState.CLOSED)
    office = builders.office_of(call.agency)
    made = [builders.submitted_proposal(call, code=f"Q-{number}", mass="1 kg") for number in range(count)]
    calls.bring_scores(call, office, {proposal.code: "8" for proposal in made})
    calls.published(call, office)
    at = addresses(call, made[0])
    return [calls.queries_of(client_of(office), at[name]) for name in ("panel", "letter", "decision")]


# certificates


def stored(call, office) -> tuple[dict[str, Any], dict[str, Any], Any]:
    kept = Decision.objects.get(opportunity=call).recommendation
    return kept.certificate, kept.public_certificate, call_from_text(json.dumps(kept.problem), "json")


def resigned(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Altered by somebody who holds the key of this site."""
    body = {key: value for key, value in data.items() if key != "signature"} | changes
    return {**body, "signature": signer().sign(canonical(body))}


def test_the_stored_certificate_verifies_and_altered_results_are_refused(case) -> None:
    call, office, _ = case
    calls.published(call, office)
    whole, part, problem = stored(call, office)
    assert whole["choices"] == calls.BEST
    assert verified(whole, problem, public_key=signer().public_key).values == (205,)
    assert verified(part, problem, public_key=signer().public_key).feasible
    assert part["certificate"] == digest(whole)
    too_much = dict.fromkeys(("P-A", "P-B", "P-C"), "Full")
    for forged in (
        resigned(whole, choices=too_much),
        resigned(part, choices=too_much),
        resigned(whole, values=["206"]),
    ):
        with pytest.raises(TamperedError):
            verified(forged, problem)
    for altered in ({**whole, "choices": too_much}, {**part, "proven": False}):
        with pytest.raises(TamperedError, match="altered"):
            unaltered(altered)


def test_the_record_carries_the_digest_of_the_certificate(case) -> None:
    call, office, _ = case
    calls.published(call, office)
    whole, _, _ = stored(call, office)
    decided = Entry.objects.get(chain=PUBLIC, verb="decide")
    recommended = Entry.objects.exclude(chain=PUBLIC).get(verb="recommend")
    assert decided.body["facts"]["certificate"] == recommended.body["facts"]["certificate"] == digest(whole)


def test_moonbridge_check_takes_the_downloads(case, tmp_path: Path) -> None:
    call, office, made = case
    calls.published(call, office)
    at = addresses(call, made["P-A"])
    whole, part, problem = tmp_path / "whole.json", tmp_path / "part.json", tmp_path / "call.json"
    whole.write_bytes(client_of(office).get(at["certificate"]).content)
    part.write_bytes(client_of().get(at["public part"]).content)
    problem.write_bytes(client_of(office).get(reverse("selection-problem", args=[call.slug, 1, "json"])).content)
    key = ("--key", signer().public_key)
    assert check(whole, problem, *key, "--again")[0] == 0
    assert check(part, problem, *key)[0] == 0
    code, told = check(part, *key)
    assert (code, "3 proposals" in told) == (0, True)
    whole.write_text(whole.read_text().replace('"205"', '"206"'))
    assert check(whole, problem) == (1, "moonbridge: the certificate was altered, or signed by somebody else")


def check(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-c", "from moonbridge.cli import main; main()", "check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, (done.stdout or done.stderr).strip()


def test_nothing_is_signed_that_does_not_keep_the_rules(case) -> None:
    call, office, _ = case
    kept = calls.recommended(call, office)
    with pytest.raises(TamperedError, match="does not keep the rules"):
        certificates.certified(kept.problem, kept.result | {"choices": dict.fromkeys(calls.ASKED, "Full")})


def test_participants_without_a_country_are_said_to_be_unknown(case) -> None:
    call, office, made = case
    Participant.objects.filter(proposal=made["P-A"]).update(country="", partner=None, institution="An institute")
    decision = calls.published(call, office)
    with translation.override("en"):
        told = squeezed(Document(paper.pdf(papers.public_paper(decision))).text)
    assert "unknownAninstitute" in told
