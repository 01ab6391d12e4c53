"""The portfolio studio: what may be changed, what comes of it (computed by hand), who sees it, what is kept, and what nonsense gets."""

import json
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from urllib.parse import parse_qs, urlsplit

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.selection import calls
from cooperation.selection.test_pages import client_of, lead_of, send
from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.opportunities.models import PortfolioRule
from moonbridge.cooperation.selection import actions, frontiers, notices, queries, tasks, whatifs
from moonbridge.cooperation.selection.actions import studying
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.models import Recommendation, Scenario, Study
from moonbridge.cooperation.selection.results import BROKE, TIME_RAN_OUT
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.engines.selection.frontier import Members, Partners, frontier
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Option, Problem, Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.errors import InputError, NotProven, TamperedError
from moonbridge.formats.calls.write import call_data

pytestmark = pytest.mark.django_db

READING = ("selection-studio", "selection-studio-answer", "selection-studio-frontier", "selection-compare")
WRITING = ("selection-keep", "selection-study")


@pytest.fixture
def case():
    """A recommended call: 20 kg; A (10 kg, 90), C (8 kg, 75) and D (2 kg, 40) fly, worth 205; B (9 kg, 80) does not."""
    call, office, made = calls.hand_computed_call()
    calls.recommended(call, office)
    return call, office, made


def look(case, query: str = "", part: str = "selection-studio", status: int = 200):
    call, office, _ = case
    answer = client_of(office).get(f"{reverse(part, args=[call.slug])}?{query}")
    assert answer.status_code == status, answer
    return answer


def amend(call, **rule: object) -> None:
    """Add a rule to a published call."""
    with pgtrigger.ignore("opportunities.PortfolioRule:changes_by_amendment"):
        PortfolioRule.objects.create(opportunity=call, **rule)


def portfolio(answer) -> set[str]:
    return set(answer.context["answer"].result.choices)


@pytest.mark.parametrize(
    ("query", "chosen", "merit"),
    [
        ("", {"P-A", "P-C", "P-D"}, 205),
        ("c0=21", {"P-A", "P-B", "P-D"}, 210),  # 21 kg
        ("c0=27+kg", {"P-A", "P-B", "P-C"}, 245),
        ("c0=29", {"P-A", "P-B", "P-C", "P-D"}, 285),
        ("in=P-B", {"P-B", "P-C", "P-D"}, 195),
        ("out=P-A", {"P-B", "P-C", "P-D"}, 195),
        ("along=c0&reach=1000000", {"P-B", "P-C", "P-D"}, 195),  # 1 kg is to stay free
        ("c0=0", set(), 0),
    ],
)
def test_a_change_gives_what_a_hand_computes(case, query, chosen, merit) -> None:
    answer = look(case, query)
    assert (portfolio(answer), answer.context["answer"].result.value) == (chosen, merit)
    assert answer.context["answer"].proven


def test_the_page_says_who_comes_who_goes_and_what_it_costs(case) -> None:
    answer = look(case, "in=P-B")
    assert answer.context["said"] == "Total merit 195 (−10). In: P-B. Out: P-A."
    assert {row.code: row.moved for row in answer.context["rows"]} == {"P-A": "out", "P-B": "in", "P-C": "", "P-D": ""}
    assert answer.context["told"] == ["P-B held in"]
    assert "让" not in answer.content.decode()


def test_a_rule_that_is_left_out_has_its_price(case) -> None:
    call, office, _ = case
    amend(call, by="all", at_most=2)
    calls.recommended(call, office)
    assert portfolio(look(case)) == {"P-A", "P-B"}  # 19 kg, 170
    answer = look(case, "off=r0")
    assert portfolio(answer) == {"P-A", "P-C", "P-D"}
    [lever] = answer.context["rule_groups"]["call"]
    assert (lever.price, lever.words) == (Fraction(35), "selected proposals in all: at most 2")
    turned = look(case, "r0-most=1")
    assert portfolio(turned) == {"P-A"}
    assert turned.context["told"] == ["at most 1 instead of 2 in: selected proposals in all: at most 2"]


def test_what_a_call_says_of_each_country_is_one_lever(case) -> None:
    call, office, made = case
    for number, proposal in enumerate(made.values()):
        proposal.participants.update(country=("FR", "FR", "DE", "DE")[number])
    amend(call, by="country", at_most=1)
    kept = calls.recommended(call, office)
    levers = Levers(queries.problem_of(kept))
    assert [len(rules) for rules in levers.rules.values()] == [2]
    assert list(levers.changed(Changes(off=("r0",))).rules) == []
    assert [rule.at_most for rule in levers.changed(Changes(turned={"r0-most": 2})).rules] == [2, 2]
    [lever] = look(case).context["rule_groups"]["call"]
    assert lever.words == "number of proposals of each country: at most 1"


def test_a_query_read_again_says_the_same() -> None:
    levers = Levers(synthetic_call(40, 1))
    changes = Changes(
        off=("r1", "r3"), turned={"c0": levers.dials["c0"].present + 100_000}, inside=("P0001",), outside=("P0002",),
        along="country", reach=9,
    )  # fmt: skip
    assert levers.read(QueryDict(levers.query(changes, on=1))) == changes
    whole = "&".join(f"{dial.name}={dial.number(dial.present)}" for dial in levers.dials.values())
    assert levers.read(QueryDict(whole)) == Changes()


@pytest.mark.parametrize("name", ["country", "first-time", "c0"])
def test_a_point_of_the_frontier_leads_to_a_portfolio_worth_the_same(name) -> None:
    levers = Levers(synthetic_call(14, 3))
    measure = levers.measures[name]
    points = frontiers.drawn_at_once(levers.problem, measure, whatifs.within(60))
    assert len(points) > 1
    for point in points:
        found = optimum(levers.changed(Changes(along=name, reach=point.measure)))
        assert (found.value, frontiers.reached(levers.problem, measure, found.choices)) == (point.merit, point.measure)


def test_a_form_that_sends_everything_is_led_to_what_differs(case) -> None:
    answer = look(case, "form=1&on=1&c0=21&c1=50&off=", status=302)
    assert parse_qs(urlsplit(answer["Location"]).query) == {"on": ["1"], "c0": ["21 kg"]}
    part = look(case, "form=1&on=1&c0=21&c1=50", part="selection-studio-answer")
    assert parse_qs(urlsplit(part["Studio-Address"]).query) == {"on": ["1"], "c0": ["21 kg"]}


NONSENSE = (
    ("c0=much", "“much” is not an amount; write a number and a unit, for example “12.5 kg”"),
    ("c0=-1", "“-1 kg” is negative; an amount asked for or offered is zero or more"),
    ("c0=1e9", "out of bounds; give 0 kg to 40 kg."),
    ("c0=41", "out of bounds; give 0 kg to 40 kg."),
    ("c0=1,234", "can be read in two ways"),
    ("c0=0.0000001", "is finer than one mg"),
    ("c9=1", "This call has no number “c9” to change."),
    ("r0-most=1", "This call has no number “r0-most” to change."),
    ("off=r7", "This call has no rule “r7”."),
    ("in=P-Z", "There is no proposal “P-Z” in this call."),
    ("in=P-A&out=P-A", "P-A cannot be held in and out at once."),
    ("along=beauty", "Merit cannot be weighed against “beauty”."),
    ("along=country&reach=many", "“many” is no point of a frontier."),
    ("along=country&reach=-1", "“-1” is no point of a frontier."),
    ("along=country&reach=²", "“²” is no point of a frontier."),
    ("reach=3", "“3” is no point of a frontier."),
    ("along=c0&reach=20000001", "More cannot stay unused than there is."),
    ("on=7", "There is no recommendation “7” here."),
    ("on=１", "There is no recommendation “１” here."),
    ("on=-1", "There is no recommendation “-1” here."),
    ("c0=%00", "is not an amount"),
    ("off=%00", "This call has no rule"),
)


def test_nonsense_gets_a_sentence(case) -> None:
    for query, sentence in NONSENSE:
        for part in ("selection-studio", "selection-studio-answer"):
            answer = look(case, query, part=part, status=400)
            assert sentence in (answer.context["wrong"] or pytest.fail(query))
            assert portfolio(answer) == set(calls.BEST)
        assert look(case, query, part="selection-studio-frontier", status=400)


def test_what_cannot_be_kept_together_is_named(case) -> None:
    answer = look(case, "in=P-A&in=P-B&in=P-C")
    assert answer.context["answer"].impossible
    assert answer.context["said"] == "No portfolio can keep all of this together."
    assert answer.context["answer"].causes == (
        "Lander mass offers 20 kg in all, and at most 10 kg to one item",
        "P-A is fixed in (a trial in the studio)",
        "P-B is fixed in (a trial in the studio)",
        "P-C is fixed in (a trial in the studio)",
    )


def test_the_reason_for_one_proposal_is_that_of_the_trial(case) -> None:
    assert "It would displace P-A." in look(case, "why=P-B").context["why"]
    assert "It would displace P-B." in look(case, "c0=21&why=P-C").context["why"]
    assert "why" not in look(case, "why=nobody").context


def test_the_recommended_portfolio_carries_its_reasons(case) -> None:
    rows = {row.code: row.reason for row in look(case).context["rows"]}
    assert "It would displace P-A." in rows["P-B"]


# --- who sees it ---


def outsiders(case) -> list:
    call, _, made = case
    reviewer = builders.role(RoleKind.REVIEWER, Scope.OPPORTUNITY, call)
    return [lead_of(made["P-A"]), builders.office_of(builders.agency()), reviewer, builders.person()]


def test_nobody_but_the_office_sees_the_studio_or_changes_anything(case) -> None:
    call, office, _ = case
    scenario = kept(case)
    begun = studied(case)
    keys = [("selection-study-progress", begun.pk)]
    posts = [
        ("selection-study-cancel", begun.pk),
        ("selection-withdraw", scenario.pk),
        ("selection-restore", scenario.pk),
    ]
    pages = [reverse(name, args=[call.slug]) for name in READING]
    pages += [reverse(name, args=[call.slug, key]) for name, key in keys]
    forms = [reverse(name, args=[call.slug]) for name in WRITING]
    forms += [reverse(name, args=[call.slug, key]) for name, key in posts]
    data = {"name": "x", "query": "c0=21"}
    for outsider in outsiders(case):
        client = client_of(outsider)
        assert [client.get(page).status_code for page in pages] == [404] * len(pages)
        assert [client.post(p, data | {"command": uuid.uuid4()}).status_code for p in forms] == [404] * len(forms)
    assert {client_of().get(page).status_code for page in pages} == {302}
    assert [client_of(office).get(page).status_code for page in pages] == [200] * len(pages)
    scenario.refresh_from_db()
    assert (Scenario.objects.count(), Study.objects.count(), scenario.withdrawn_at) == (1, 1, None)


def test_a_scenario_of_another_call_is_not_found_here(case) -> None:
    other, office, _ = calls.hand_computed_call()
    calls.recommended(other, office)
    scenario = kept(case)
    client = client_of(office)
    assert client.get(reverse("selection-compare", args=[other.slug]) + f"?a={scenario.pk}").status_code == 404
    assert client.post(reverse("selection-withdraw", args=[other.slug, scenario.pk])).status_code == 404


def test_before_any_recommendation_the_studio_says_how_to_begin() -> None:
    call, office, _ = calls.hand_computed_call()
    page = client_of(office).get(reverse("selection-studio", args=[call.slug]))
    assert reverse("selection", args=[call.slug]) in page.content.decode()
    assert client_of(office).get(reverse("selection-compare", args=[call.slug])).status_code == 404


def test_after_the_decision_one_may_look_but_not_keep(case) -> None:
    call, office, _ = case
    decided = calls.published(call, office)
    scenarios = Scenario.objects.count()
    answer = look(case, "c0=21")
    assert answer.context["studio"].recommendation == decided.recommendation
    assert reverse("selection-keep", args=[call.slug]) not in answer.content.decode()
    assert keep(office, call, name="Late", query="c0=21") == 409
    assert Scenario.objects.count() == scenarios


# --- what is kept ---


def keep(office, call, **data: str) -> int:
    whole = {"command": str(uuid.uuid4())} | data
    return client_of(office).post(reverse("selection-keep", args=[call.slug]), whole).status_code


def kept(case, query: str = "c0=21", name: str = "More mass") -> Scenario:
    call, office, _ = case
    before = set(Scenario.objects.values_list("pk", flat=True))
    assert keep(office, call, name=name, note="As the panel asked.", query=query) == 302
    return Scenario.objects.exclude(pk__in=before).get()


def test_a_scenario_is_kept_with_its_author_and_shown_again(case) -> None:
    call, office, _ = case
    scenario = kept(case)
    assert (scenario.by, scenario.note, scenario.changes) == (office, "As the panel asked.", "on=1&c0=21+kg")
    assert (scenario.answer["value"], scenario.answer["proven"]) == ("210", True)
    [side] = look(case).context["scenarios"]
    assert (side.value, side.gain, side.told) == ("210", "+5", ["Lander · mass: 21 kg instead of 20 kg"])
    assert portfolio(look(case, scenario.changes)) == {"P-A", "P-B", "P-D"}
    assert Recommendation.objects.count() == 1
    assert reverse("selection-withdraw", args=[call.slug, scenario.pk]) in look(case).content.decode()


def test_the_same_command_keeps_once_and_other_content_is_refused(case) -> None:
    call, office, _ = case
    client, address = client_of(office), reverse("selection-keep", args=[call.slug])
    data = {"name": "Once", "query": "c0=21", "command": str(uuid.uuid4())}
    assert [client.post(address, data).status_code for _ in range(2)] == [302, 302]
    assert client.post(address, data | {"name": "Twice"}).status_code == 409
    assert list(Scenario.objects.values_list("name", flat=True)) == ["Once"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"name": " "}, 400), ({"name": "n" * 81}, 400), ({"name": "x", "note": "n" * 4001}, 400), ({"name": "a\x00b"}, 400),
        ({"name": "x", "query": "c0=much"}, 400), ({"name": "x", "query": "in=P-A&in=P-B&in=P-C"}, 409),
        ({"name": "x", "command": "none"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(case, data, status) -> None:
    call, office, _ = case
    assert keep(office, call, **{"query": "c0=21"} | data) == status
    assert not Scenario.objects.exists()


def test_a_scenario_put_aside_can_be_brought_back(case) -> None:
    call, office, _ = case
    scenario, client = kept(case), client_of(office)
    for _ in range(2):
        assert client.post(reverse("selection-withdraw", args=[call.slug, scenario.pk])).status_code == 302
    page = look(case)
    assert (page.context["scenarios"], page.context["withdrawn"]) == ([], [scenario])
    assert client.post(reverse("selection-restore", args=[call.slug, scenario.pk])).status_code == 302
    assert [side.scenario for side in look(case).context["scenarios"]] == [scenario]


@pytest.mark.parametrize("change", [{"name": "Other"}, {"answer": {}}, {"changes": "c0=40"}])
def test_the_database_lets_nobody_rewrite_a_scenario(case, change) -> None:
    scenario = kept(case)
    with pytest.raises(DatabaseError), transaction.atomic():
        Scenario.objects.filter(pk=scenario.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Scenario.objects.filter(pk=scenario.pk).delete()


def test_a_kept_portfolio_that_was_altered_is_not_believed(case) -> None:
    problem = queries.problem_of(Recommendation.objects.get())
    told = whatifs.kept(optimum(problem))
    assert whatifs.revived(problem, told).value == 205
    for altered in ({"value": "206"}, {"choices": dict.fromkeys(calls.CODES, "Full")}):
        with pytest.raises(TamperedError):
            whatifs.revived(problem, told | altered)


def test_two_scenarios_side_by_side(case) -> None:
    call, office, _ = case
    first, second = kept(case, "c0=21", "More"), kept(case, "in=P-B", "With B")
    page = client_of(office).get(
        f"{reverse('selection-compare', args=[call.slug])}?a={first.pk}&b={second.pk}"
    )  # fmt: skip
    found = page.context["found"]
    names = [[m.code for m in part] for part in (found.only_first, found.in_both, found.only_second)]
    assert (names, found.gain) == ([["P-A"], ["P-B", "P-D"], ["P-C"]], "−15")
    assert found.figures[0] == ("total merit", "210", "195")
    against = client_of(office).get(f"{reverse('selection-compare', args=[call.slug])}?b={first.pk}").context["found"]
    assert against.gain == "+5"
    bad = client_of(office).get(f"{reverse('selection-compare', args=[call.slug])}?a=nonsense")
    assert (bad.status_code, "Choose two scenarios to compare." in bad.content.decode()) == (400, True)


# --- what takes longer than a page ---


def studied(case, query: str = "c0=21", about: str = "portfolio") -> Study:
    call, office, _ = case
    assert send(client_of(office), "selection-study", call.slug, query=query, about=about).status_code == 302
    return Study.objects.latest("begun_at")


def work() -> None:
    tasks.study(**ProcrastinateJob.objects.filter(task_name=notices.STUDY_TASK).latest("id").args)


@pytest.fixture
def large(monkeypatch):
    """Every call is too large to be solved while a page waits."""
    monkeypatch.setattr(whatifs, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(frontiers, "MOST_AT_ONCE", 0)


@pytest.mark.usefixtures("large")
def test_a_large_call_is_studied_in_a_job_whose_answer_stays(case) -> None:
    page = look(case, "c0=21")
    assert (page.context["answer"].result, page.context["said"]) == (None, "This is not worked out yet.")
    begun = studied(case)
    assert look(case, "c0=21").context["answer"].running
    work()
    begun.refresh_from_db()
    assert (begun.state, begun.answer["value"]) == (SolveState.DONE, "210")
    assert portfolio(look(case, "c0=21")) == {"P-A", "P-B", "P-D"}
    assert studied(case) == begun
    kept(case)


@pytest.mark.usefixtures("large")
def test_a_frontier_is_studied_in_a_job(case) -> None:
    assert "chart" not in look(case, "along=c0").context
    begun = studied(case, "along=c0", about="c0")
    work()
    chart = look(case, "along=c0").context["chart"]
    assert [(mark.merit, mark.measure) for mark in chart.marks][:2] == [("205", "0 kg"), ("195", "1 kg")]
    begun.refresh_from_db()
    assert (begun.state, begun.total, 0 < begun.done <= 100) == (SolveState.DONE, 100, True)
    assert send(client_of(case[1]), "selection-study", case[0].slug, query="", about="beauty").status_code == 400


@pytest.mark.usefixtures("large")
def test_a_study_says_what_contradicts(case) -> None:
    query = "in=P-A&in=P-B&in=P-C"
    studied(case, query)
    work()
    answer = look(case, query).context["answer"]
    assert (answer.impossible, len(answer.causes), answer.open) == (True, 4, False)


def test_a_portfolio_that_is_not_proven_says_everywhere_how_far_it_may_be_from_the_best(case, monkeypatch) -> None:
    """As an answer on the page, to who hears it, while a study works on it, and once it is kept: in the list and side by side."""

    def unproven(problem: Problem, *, effort: Effort) -> Result:
        found = optimum(problem, effort=effort)
        return replace(found, proven=False, bounds=(found.value + Fraction(5, 2),))

    said = "Not proven: another portfolio could be worth up to 2.5 more."
    monkeypatch.setattr(whatifs, "optimum", unproven)
    page = look(case, "c0=21")
    assert page.context["said"].endswith(said)
    assert page.content.decode().count(said) == 3  # heard, told to the script, and beside the badge
    keep(case[1], case[0], name="In haste", query="c0=21")
    assert look(case, "").content.decode().count(said) == 1
    kept = Scenario.objects.latest("at")
    assert look(case, f"a=recommended&b={kept.pk}", "selection-compare").content.decode().count(said) == 1
    studied(case)
    page = look(case, "c0=21")
    assert page.context["answer"].running
    assert page.content.decode().count(said) == 4


def test_the_frontier_of_a_call_with_tiers_is_kept_as_it_was_found() -> None:
    a, b = (Proposal(name, (Option("full", Fraction(7, tier)),), tier=tier) for tier, name in ((1, "A"), (2, "B")))
    points = frontier(Problem((), (a, b)), Members("first-time"))
    assert [point.values for point in points] == [(7, Fraction(7, 2))]
    assert frontiers.revived(json.loads(json.dumps(frontiers.kept(points)))) == points


@pytest.mark.usefixtures("large")
def test_one_study_at_a_time_and_a_cancelled_one_stops(case) -> None:
    call, office, _ = case
    begun = studied(case)
    assert send(client_of(office), "selection-study", call.slug, query="c0=22").status_code == 409
    progress = reverse("selection-study-progress", args=[call.slug, begun.pk])
    assert "data-poll" in client_of(office).get(progress, headers={"HX-Request": "true"}).content.decode()
    cancel = reverse("selection-study-cancel", args=[call.slug, begun.pk])
    assert [client_of(office).post(cancel).status_code for _ in range(2)] == [302, 302]
    work()
    begun.refresh_from_db()
    assert (begun.state, begun.answer) == (SolveState.CANCELLED, None)
    assert client_of(office).get(progress).status_code == 302
    assert studied(case, "c0=22").state == SolveState.RUNNING


def test_a_study_that_is_cancelled_while_it_works_stops_and_leaves_no_answer(case, monkeypatch) -> None:
    _, office, _ = case
    begun = studied(case)
    begun.problem = call_data(synthetic_call(300, 4))
    told: list[float] = []

    def cancelled(self: Study) -> bool:
        if not told:
            actions.cancel_study(begun, by=office)
            told.append(time.monotonic())
        return not Study.objects.filter(pk=self.pk, state=SolveState.RUNNING).exists()

    monkeypatch.setattr(studying, "_is_over", cancelled)
    begun.about = "c0"  # a thousand points and more: minutes of work
    actions.carry_out_study(begun)
    assert time.monotonic() - told[0] < 20
    begun.refresh_from_db()
    assert (begun.state, begun.answer) == (SolveState.CANCELLED, None)


def test_a_study_that_breaks_fails_with_words_and_can_be_asked_for_again(case, monkeypatch) -> None:
    begun = studied(case, "along=c0", about="c0")
    with monkeypatch.context() as patched:
        patched.setattr(frontiers, "kept", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work()
    begun.refresh_from_db()
    assert (begun.state, begun.refusal["sentence"]) == (SolveState.FAILED, BROKE)
    assert studied(case, "along=c0", about="c0") != begun
    work()
    assert Study.objects.latest("begun_at").state == SolveState.DONE


def test_a_study_that_runs_out_of_time_says_so_and_stops_in_the_midst_of_a_solve(case, monkeypatch) -> None:
    begun = studied(case, "along=c0", about="c0")
    begun.problem = call_data(synthetic_call(300, 4))  # a thousand points and more: minutes of work
    monkeypatch.setattr(studying, "AT_MOST", 0.5)
    start = time.monotonic()
    actions.carry_out_study(begun)
    assert time.monotonic() - start < 20
    begun.refresh_from_db()
    assert (begun.state, begun.refusal["sentence"]) == (SolveState.FAILED, TIME_RAN_OUT)


def test_what_a_page_asks_for_ends_with_its_time() -> None:
    """However hard the call and however many solves its answer takes: a frontier of 100 proposals, the reason for one of them."""
    problem = synthetic_call(frontiers.MOST_AT_ONCE, 7)
    begun = time.monotonic()
    effort = whatifs.at_once()
    with suppress(NotProven):
        frontiers.drawn_at_once(problem, Partners(), effort)
    assert time.monotonic() - begun < 10 * whatifs.AT_ONCE  # far more than it takes alone: the machine may be busy

    def ask_on_and_on() -> None:
        while True:
            whatifs.answered(problem, effort)

    with pytest.raises(NotProven):
        ask_on_and_on()


def test_a_page_tries_no_call_that_is_too_large() -> None:
    with pytest.raises(NotProven):
        whatifs.answered(synthetic_call(whatifs.MOST_AT_ONCE + 1, 1), whatifs.at_once())
    with pytest.raises(NotProven):
        frontiers.drawn_at_once(synthetic_call(frontiers.MOST_AT_ONCE + 1, 1), Partners(), whatifs.at_once())


# --- how often the database is asked ---


def test_pages_ask_the_database_equally_often_for_few_and_many_rows() -> None:
    counts = []
    for size in (1, 3):
        call = builders.open_opportunity(state="closed")
        office = builders.office_of(call.agency)
        made = [builders.submitted_proposal(call, mass="1 kg", power="1 W") for _ in range(size)]
        calls.bring_scores(call, office, {proposal.code: "8" for proposal in made})
        case = call, office, {}
        calls.recommended(call, office)
        for number in range(size):
            kept(case, "c0=19", f"Scenario {number}")
        client, slug = client_of(office), [call.slug]
        counts.append([calls.queries_of(client, reverse(name, args=slug) + "?c0=19") for name in READING])
        with CaptureQueriesContext(connection) as counted:
            listed = client.get(f"/api/v1/opportunities/{call.slug}/scenarios")
        assert len(listed.json()) == size
        counts[-1].append(len(counted))
    assert counts[0] == counts[1]


# --- by JSON ---


def key_of(user) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token('test', by=user)}"}


def post(user, path: str, body: dict, **headers: str):
    return client_of().post(path, body, content_type="application/json", headers=key_of(user) | headers)


def test_a_what_if_by_json_stores_nothing(case) -> None:
    call, office, _ = case
    path = f"/api/v1/opportunities/{call.slug}/what-if"
    told = post(office, path, {"numbers": {"c0": "21 kg"}}).json()
    assert (told["portfolio"]["value"], told["gain"], told["came_in"], told["went_out"]) == (
        "210",
        "5",
        ["P-B"],
        ["P-C"],
    )
    assert told["changes"] == ["Lander · mass: 21 kg instead of 20 kg"]
    assert told["numbers"][0] == {
        "name": "c0", "what": "Lander · mass", "recommended": "20 kg", "least": "0 kg", "most": "40 kg",
    }  # fmt: skip
    assert portfolio(look(case, urlsplit(told["page"]).query)) == {"P-A", "P-B", "P-D"}
    none = post(office, path, {"inside": ["P-A", "P-B", "P-C"]}).json()
    assert (none["portfolio"], len(none["contradictions"])) == (None, 4)
    assert post(office, path, {"off": ["r99"]}).status_code == 400
    assert not Scenario.objects.exists()


def test_a_scenario_by_json_is_kept_once(case) -> None:
    call, office, _ = case
    path, again = f"/api/v1/opportunities/{call.slug}/scenarios", {"Idempotency-Key": str(uuid.uuid4())}
    body = {"name": "More mass", "numbers": {"c0": "21"}}
    answers = [post(office, path, body, **again) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert post(office, path, body).status_code == 400
    [listed] = client_of().get(path, headers=key_of(office)).json()
    assert listed == answers[0].json()
    assert (listed["name"], listed["by"], listed["portfolio"]["value"]) == ("More mass", office.name, "210")


def test_nobody_else_tries_or_reads_scenarios_by_json(case) -> None:
    call, _, _ = case
    base = f"/api/v1/opportunities/{call.slug}"
    for outsider in outsiders(case):
        assert client_of().get(f"{base}/scenarios", headers=key_of(outsider)).status_code == 404
        assert post(outsider, f"{base}/what-if", {}).status_code == 404
        assert post(outsider, f"{base}/scenarios", {"name": "x"}).status_code == 404
    assert client_of().get(f"{base}/scenarios").status_code == 401


def test_a_dial_reads_its_own_numbers() -> None:
    levers = Levers(synthetic_call(20, 2))
    for dial in levers.dials.values():
        for amount in (dial.low, dial.present, dial.high):
            assert dial.read(dial.number(amount)) == dial.read(dial.text(amount)) == amount
        step = dial.kind.parse(f"{dial.step} {dial.unit}".strip())
        assert step >= 1
    with pytest.raises(InputError):
        levers.dials["c0"].read(levers.dials["c0"].number(levers.dials["c0"].high + 1_000_000))
