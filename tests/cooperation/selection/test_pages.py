"""The pages, downloads, letters and JSON of a decision: what each visitor may see, and nothing beside it."""

import json
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.selection import calls
from moonbridge.cooperation.review.actions import upload_scores
from moonbridge.cooperation.selection import actions, letters, mails, notices, queries, tasks
from moonbridge.cooperation.selection.models import Decision, Override, Recommendation, Solve
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.engines.selection.optimum import optimum
from moonbridge.formats.calls.read import call_from_text
from moonbridge.formats.tables import csv_bytes
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db

OFFICE_PAGES = ("selection", "selection-draft", "selection-publish")


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


def send(client: Client, name: str, slug: str, **data: str):
    return client.post(reverse(name, args=[slug]), data | {"command": str(calls.command())})


def test_the_whole_way_through_the_pages(case) -> None:
    call, office, _ = case
    client = client_of(office)
    assert send(client, "selection-recommend", call.slug).status_code == 302
    calls.work()  # on a busy machine it took longer than a page
    shown = client.get(reverse("selection", args=[call.slug]))
    assert [line.code for line in shown.context["board"].selected] == ["P-A", "P-C", "P-D"]
    assert "It would displace P-A." in shown.content.decode()
    assert send(client, "selection-force", call.slug, code="P-B", side="in", reason="A treaty.").status_code == 302
    assert send(client, "selection-unforce", call.slug, code="P-B").status_code == 302
    answer = send(
        client,
        "selection-draft",
        call.slug,
        recommendation="1",
        reserve="1",
        note="Thank you.",
        **{"condition-P-C": "A licence."},
    )
    assert (answer.status_code, answer["Location"]) == (302, reverse("selection-publish", args=[call.slug]))
    assert client.get(answer["Location"]).status_code == 200
    again = client.get(reverse("selection-draft", args=[call.slug])).context
    assert [(r["line"].code, r["condition"] and r["condition"].value(), r["note"].value()) for r in again["rows"]] == [
        ("P-A", "", ""), ("P-C", "A licence.", ""), ("P-D", "", ""), ("P-B", None, ""),
    ]  # fmt: skip
    assert (again["form"]["reserve"].value(), again["form"]["note"].value()) == (1, "Thank you.")
    assert send(client, "selection-publish", call.slug).status_code == 400
    assert send(client, "selection-publish", call.slug, sure="on").status_code == 302
    public = client_of().get(reverse("decision", args=[call.slug]))
    page = public.content.decode()
    assert [place.outcome.proposal.code for place in public.context["told"].flying] == ["P-A", "P-C", "P-D"]
    assert "Thailand" in page
    for hidden in ("P-B", "Title P-B", "A licence.", "R1", "merit 8"):
        assert hidden not in page
    assert send(client, "selection-fulfil", call.slug, code="P-C").status_code == 302
    assert send(client, "selection-lose", call.slug, code="P-A", reason="No licence.").status_code == 302
    assert send(client, "selection-call-up", call.slug, code="P-B", option="Full").status_code == 302
    assert dict(Decision.objects.get().outcomes.values_list("proposal__code", "kind")) == {
        "P-A": "lost", "P-B": "selected", "P-C": "selected", "P-D": "selected",
    }  # fmt: skip
    assert "No licence." in client_of().get(reverse("decision", args=[call.slug])).content.decode()


def test_the_same_pages_in_chinese(case) -> None:
    call, office, _ = case
    client = client_of(office)
    calls.recommended(call, office)
    page = client.get(f"/zh-hans{reverse('selection', args=[call.slug])}").content.decode()
    assert "它将挤出 P-A。" in page


def addresses(call, proposal) -> dict[str, str]:
    named = {name: reverse(name, args=[call.slug]) for name in OFFICE_PAGES}
    return named | {
        "outcome": reverse("outcome", args=[proposal.pk]),
        "problem": reverse("selection-problem", args=[call.slug, 1, "toml"]),
        "api recommendation": f"/api/v1/opportunities/{call.slug}/recommendation",
        "api scores": f"/api/v1/opportunities/{call.slug}/scores",
        "api outcome": f"/api/v1/proposals/{proposal.pk}/outcome",
    }


def statuses(user, call, proposal) -> dict[str, int]:
    client = client_of(user)
    return {name: client.get(address).status_code for name, address in addresses(call, proposal).items()}


def test_before_publication_only_the_office_sees_anything(case) -> None:
    call, office, made = case
    proposal = made["P-A"]
    calls.drafted(call, office)
    names = addresses(call, proposal)
    assert statuses(None, call, proposal) == {name: 401 if name.startswith("api") else 302 for name in names}
    for user in (lead_of(proposal), lead_of(made["P-B"]), builders.office_of(builders.agency())):
        assert statuses(user, call, proposal) == dict.fromkeys(names, 404)
        assert client_of(user).get(reverse("decision", args=[call.slug])).status_code == 404
    assert statuses(office, call, proposal) == dict.fromkeys(names, 200)
    assert client_of().get(f"/api/v1/opportunities/{call.slug}/decision").status_code == 404


def test_after_publication_a_team_reads_its_own_letter_and_no_other(case) -> None:
    call, office, made = case
    calls.published(call, office, reserve=1)
    mine, other = made["P-B"], made["P-A"]
    open_to = {name for name, status in statuses(lead_of(mine), call, mine).items() if status == 200}
    assert open_to == {"outcome", "api outcome"}
    for stranger in (lead_of(other), builders.office_of(builders.agency())):
        assert {s for n, s in statuses(stranger, call, mine).items() if "outcome" in n} == {404}
    letter = client_of(lead_of(mine)).get(reverse("outcome", args=[mine.pk])).content.decode()
    assert "R1" not in letter
    told = client_of(lead_of(mine)).get(f"/api/v1/proposals/{mine.pk}/outcome").json()
    assert (told["outcome"], told["reserve_rank"], told["merit"]) == ("reserve", 1, "80")
    assert told["scores"] == [{"criterion": "Scientific merit", "reviewer": "A", "score": "8", "comment": ""}]


def test_the_letter_lists_its_reasons_and_shows_the_scores_by_criterion(case) -> None:
    call, office, made = case
    rows = [(code, reviewer, score, "Bold." if code == "P-B" else "") for code in calls.CODES
            for reviewer, score in (("Zoe", "8"), ("Ada", "7"))]  # fmt: skip
    data = csv_bytes(("proposal", "reviewer", "Scientific merit", "comment"), rows)
    upload_scores(call, data, "scores.csv", command=calls.command(), by=office)
    calls.published(call, office)
    own = made["P-B"]
    page = client_of(lead_of(own)).get(reverse("outcome", args=[own.pk]))
    assert " ".join(said.text for said in page.context["reasons"]) == letters.reason(own.outcome)
    assert all(f"<li><strong>{said.text}</strong></li>" in page.content.decode()
               for said in page.context["reasons"] if said.is_way_in)  # fmt: skip
    shown = page.context["scores"]
    assert [(criterion.name, mean, given) for criterion, mean, given in shown.rows] == [
        ("Scientific merit", "7.5", ["7", "8"])
    ]
    assert shown.reviewers == ["A", "B"]


def test_the_office_sees_what_is_offered_to_the_reserve_list_and_that_it_is_worked_out(case) -> None:
    call, office, _ = case
    calls.published(call, office, reserve=1)
    client, page = client_of(office), reverse("selection", args=[call.slug])
    assert reverse("selection-offer", args=[call.slug]) in client.get(page).content.decode()
    assert send(client, "selection-lose", call.slug, code="P-A", reason="No licence.").status_code == 302
    solve = Solve.objects.get(purpose="reserve")
    progress = reverse("selection-progress", args=[call.slug, solve.pk])
    shown = client.get(page).content.decode()
    assert ("is being worked out" in shown, progress in shown, "htmx" in shown) == (True, True, True)
    assert client.post(reverse("selection-cancel", args=[call.slug, solve.pk])).status_code == 302
    assert "The last search was cancelled." in client.get(page).content.decode()
    assert [send(client, "selection-offer", call.slug).status_code for _ in range(2)] == [302, 302]
    calls.work()
    answer = client.get(page)
    assert [(outcome.proposal.code, option) for outcome, option in answer.context["waiting"]] == [("P-B", "Full")]
    assert "recommended now: Full" in answer.content.decode()
    assert client.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_after_the_decision_the_office_still_sees_how_it_was_chosen(case) -> None:
    call, office, made = case
    decision = calls.published(call, office)
    page = client_of(office).get(reverse("selection", args=[call.slug]))
    assert page.context["chosen"].recommendation == decision.recommendation
    assert {line.code for line in page.context["chosen"].lines} == set(made)
    assert "It would displace P-A." in page.content.decode()
    assert reverse("selection-force", args=[call.slug]) not in page.content.decode()


def test_a_decided_proposal_leads_to_its_letter(case) -> None:
    call, office, made = case
    own = made["P-B"]
    address, letter = reverse("proposal", args=[own.pk]), reverse("outcome", args=[own.pk])
    assert letter not in client_of(lead_of(own)).get(address).content.decode()
    calls.published(call, office)
    for reader in (lead_of(own), office):
        assert f'href="{letter}"' in client_of(reader).get(address).content.decode()


@pytest.mark.parametrize(
    ("address", "label", "current"),
    [("scores", "Scores", "page"), ("selection", "Selection", "page"), ("selection-publish", "Selection", "true"),
     ("opportunity-proposals", "Proposals", "page")],
)  # fmt: skip
def test_the_offices_tabs_say_where_one_is(case, address, label, current) -> None:
    call, office, _ = case
    calls.drafted(call, office)
    page = client_of(office).get(reverse(address, args=[call.slug])).content.decode()
    assert re.findall(r'aria-current="(\w+)">([^<]*)</a>\s', page) == [(current, label)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("selection-recommend", {}),
        ("selection-force", {"code": "P-A", "side": "in", "reason": "x"}),
        ("selection-unforce", {"code": "P-A"}),
        ("selection-draft", {"recommendation": "1", "reserve": "0"}),
        ("selection-publish", {"sure": "on"}),
        ("selection-offer", {}),
        ("selection-lose", {"code": "P-A", "reason": "x"}),
        ("selection-call-up", {"code": "P-B"}),
        ("selection-fulfil", {"code": "P-C"}),
    ],
)
def test_nobody_but_the_office_may_do_anything(case, name, data) -> None:
    call, office, made = case
    calls.drafted(call, office, reserve=1)
    before = Entry.objects.count()
    assert send(client_of(), name, call.slug, **data).status_code == 302
    for user in (lead_of(made["P-A"]), builders.office_of(builders.agency())):
        assert send(client_of(user), name, call.slug, **data).status_code == 404
    assert (Entry.objects.count(), Override.objects.count()) == (before, 0)


def test_a_letter_names_no_proposal_that_is_not_public(case) -> None:
    call, office, made = case
    extra = builders.submitted_proposal(call, code="P-X", mass="9 kg")
    calls.bring_scores(call, office, calls.SCORES | {"P-X": "7.9"})
    calls.published(call, office)
    explanation = made["P-B"].outcome.explanation
    explanation["brings"] = ["P-X"]
    outcome = made["P-B"].outcome
    outcome.explanation = explanation
    assert "another proposal" in letters.reason(outcome)
    assert "P-X" not in letters.reason(outcome)
    assert extra.outcome.kind == "declined"


def test_each_member_gets_the_letter_in_their_language(case) -> None:
    call, office, made = case
    reader = builders.person(language="zh-hans")
    made["P-A"].members.create(user=reader, role="reader")
    calls.published(call, office)
    for letter in mails.letters(made["P-A"].outcome, notices.DECIDED):
        letter.send()
    by_address = {message.to[0]: message for message in mail.outbox}
    assert set(by_address) == {lead_of(made["P-A"]).email, reader.email}
    assert "P-A is selected (option Full, merit 90)." in by_address[lead_of(made["P-A"]).email].body
    assert "P-A 入选（方案 Full，得分 90）。" in by_address[reader.email].body
    assert f"/zh-hans/proposals/{made['P-A'].pk}/outcome/" in by_address[reader.email].body
    assert "R1" not in by_address[reader.email].body


def test_publication_queues_one_letter_for_each_team(case) -> None:
    call, office, _ = case
    decision = calls.published(call, office)
    jobs = ProcrastinateJob.objects.filter(task_name=notices.TEAM_TASK)
    assert sorted(job.args["outcome"] for job in jobs) == sorted(
        str(key) for key in decision.outcomes.values_list("pk", flat=True)
    )


def test_the_jobs_do_what_was_queued(case) -> None:
    call, office, made = case
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=0)
    queued = ProcrastinateJob.objects.get(task_name=notices.SOLVE_TASK)
    tasks.carry_out(**queued.args)
    solve.refresh_from_db()
    actions.draft_decision(call, recommendation=solve.recommendation, by=office, command=calls.command())
    actions.publish_decision(call, by=office, command=calls.command())
    for job in ProcrastinateJob.objects.filter(task_name=notices.TEAM_TASK):
        tasks.tell_team(**job.args)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        lead_of(proposal).email for proposal in made.values()
    )


@pytest.mark.parametrize("form", ["toml", "json"])
def test_the_downloaded_problem_gives_the_same_portfolio(case, form) -> None:
    call, office, made = case
    actions.force(made["P-D"], inside=False, reason="Not ready, “yet”.", by=office, command=calls.command())
    kept = calls.recommended(call, office)
    answer = client_of(office).get(reverse("selection-problem", args=[call.slug, kept.number, form]))
    again = optimum(call_from_text(answer.content.decode(), form))
    assert dict(again.choices) == kept.result["choices"]
    assert client_of(office).get(reverse("selection-problem", args=[call.slug, kept.number, "exe"])).status_code == 404


def test_the_public_decision_by_json(case) -> None:
    call, office, made = case
    actions.force(made["P-B"], inside=False, reason="It is late.", by=office, command=calls.command())
    calls.published(call, office, conditions={"P-C": "A licence."})
    told = client_of().get(f"/api/v1/opportunities/{call.slug}/decision").json()
    assert told["counts"] == {"selected": 2, "conditional": 1, "declined": 1}
    assert [(s["proposal"], s["promised"]["mass"]) for s in told["selected"]] == [
        ("P-A", "10 kg"),
        ("P-C", "8 kg"),
        ("P-D", "2 kg"),
    ]
    assert told["forced"] == [{"proposal": None, "inside": False, "reason": "It is late."}]
    assert told["envelope"][0] == {
        "element": "lander",
        "resource": "mass",
        "used": "20 kg",
        "complete": True,
        "offered": "20 kg",
    }
    text = json.dumps(told)
    for hidden in ("P-B", "licence", "R1", 'merit"'):
        assert hidden not in text


def test_a_running_search_shows_its_progress_and_can_be_cancelled(case) -> None:
    call, office, made = case
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=0)
    page = client_of(office).get(reverse("selection", args=[call.slug])).content.decode()
    progress = reverse("selection-progress", args=[call.slug, solve.pk])
    assert progress in page
    assert client_of(office).get(progress).status_code == 200
    assert client_of(lead_of(made["P-A"])).get(progress).status_code == 404
    cancel = reverse("selection-cancel", args=[call.slug, solve.pk])
    assert client_of(lead_of(made["P-A"])).post(cancel).status_code == 404
    assert client_of(office).post(cancel).status_code == 302
    solve.refresh_from_db()
    assert solve.state == SolveState.CANCELLED
    assert client_of(office).get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_record_of_the_decision_is_public_and_of_the_scores_is_not(case) -> None:
    call, office, _ = case
    calls.published(call, office)
    chains = {(entry.verb, entry.chain == PUBLIC) for entry in Entry.objects.filter(subject=call.address)}
    assert ("decide", True) in chains
    assert ("upload scores", True) not in chains
    assert ("recommend", True) not in chains


@pytest.mark.parametrize("address", ["selection", "decision", "selection-publish", "api"])
def test_pages_ask_the_database_equally_often_for_few_and_many_rows(address) -> None:
    counts = []
    for size in (1, 3):
        call = builders.open_opportunity(state="closed")
        office = builders.office_of(call.agency)
        made = [builders.submitted_proposal(call, mass="1 kg", power="1 W") for _ in range(size)]
        calls.bring_scores(call, office, {proposal.code: "8" for proposal in made})
        calls.drafted(call, office) if address == "selection-publish" else calls.published(call, office)
        client = client_of(office)
        path = f"/api/v1/opportunities/{call.slug}/decision" if address == "api" else reverse(address, args=[call.slug])
        counts.append(calls.queries_of(client, path))
    assert counts[0] == counts[1]


def test_the_recommendation_page_asks_equally_often_for_few_and_many_rows() -> None:
    counts = []
    for size in (1, 3):
        call = builders.open_opportunity(state="closed")
        office = builders.office_of(call.agency)
        made = [builders.submitted_proposal(call, mass="1 kg", power="1 W") for _ in range(size)]
        calls.bring_scores(call, office, {proposal.code: "8" for proposal in made})
        for proposal in made:
            actions.force(proposal, inside=True, reason="Promised.", by=office, command=calls.command())
        calls.recommended(call, office)
        client = client_of(office)
        counts.append(calls.queries_of(client, reverse("selection", args=[call.slug])))
    assert counts[0] == counts[1]
    assert Recommendation.objects.count() == 2
    assert queries.latest(call)[0].number == 1
