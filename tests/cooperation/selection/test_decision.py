"""From scores to a published decision and what follows, against a case computed by hand."""

import itertools

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import builders
from cooperation.selection import calls
from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity, PortfolioRule
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.proposals.models import Demand, Relation, RelationKind
from moonbridge.cooperation.selection import actions, queries
from moonbridge.cooperation.selection.actions import recommending
from moonbridge.cooperation.selection.afterwards import Offer, offer_now
from moonbridge.cooperation.selection.models import Decision, Outcome, Override, Purpose, Recommendation, Solve
from moonbridge.cooperation.selection.results import BROKE
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.errors import DoesNotFit, InputError, NotAllowed, Refused, Stale, WrongState
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return calls.hand_computed_call()


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def kinds(decision: Decision) -> dict[str, str]:
    return dict(decision.outcomes.values_list("proposal__code", "kind"))


def test_the_recommendation_is_the_portfolio_computed_by_hand(case) -> None:
    call, office, _ = case
    kept = calls.recommended(call, office)
    assert kept.result["choices"] == calls.BEST
    assert kept.result["value"] == "205"
    assert [(u["resource"], u["used"], u["usable"]) for u in kept.result["usage"]] == [
        ("mass", 20_000_000, 20_000_000),
        ("power", 30_000, 50_000),
    ]
    left_out = kept.result["explanations"]["P-B"]
    assert (left_out["reason"], left_out["loss"]) == ("outweighed", {"fraction": "10"})


def test_the_office_forces_in_with_a_written_reason_and_sees_what_it_costs(case) -> None:
    call, office, made = case
    first = calls.recommended(call, office)
    actions.force(made["P-B"], inside=True, reason="A treaty promises it.", by=office, command=calls.command())
    second = calls.recommended(call, office)
    assert second.result["choices"] == {"P-B": "Full", "P-C": "Full", "P-D": "Full"}
    because = second.result["explanations"]["P-B"]
    assert (because["reason"], because["written_reason"]) == ("selected-fixed", "A treaty promises it.")
    assert because["loss"] == {"fraction": "10"}
    comparison = queries.compared([second, first])
    assert (comparison.number, comparison.came_in, comparison.went_out, comparison.gain) == (1, ("P-B",), ("P-A",), -10)
    actions.unforce(made["P-B"], by=office, command=calls.command())
    assert calls.recommended(call, office).problem_digest == first.problem_digest


def test_a_reason_must_be_written(case) -> None:
    _, office, made = case
    with pytest.raises(InputError, match="Write down why"):
        actions.force(made["P-B"], inside=True, reason="  ", by=office, command=calls.command())
    assert not Override.objects.exists()


def test_rules_that_cannot_hold_together_are_named(case) -> None:
    call, office, made = case
    for code in ("P-A", "P-B", "P-C"):
        actions.force(made[code], inside=True, reason=f"Promised {code}", by=office, command=calls.command())
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=60)
    assert (solve.state, solve.refusal["code"]) == (SolveState.FAILED, "infeasible")
    assert len(solve.refusal["numbers"]["rules"]) == 4


def test_only_the_office_chooses(case) -> None:
    call, office, made = case
    lead = made["P-A"].members.get().user
    kept = calls.recommended(call, office)
    verbs = (
        lambda by: actions.recommend(call, by=by, command=calls.command()),
        lambda by: actions.force(made["P-A"], inside=True, reason="x", by=by, command=calls.command()),
        lambda by: actions.draft_decision(call, recommendation=kept, by=by, command=calls.command()),
        lambda by: actions.publish_decision(call, by=by, command=calls.command()),
        lambda by: actions.offer_reserve(call, by=by, command=calls.command()),
    )
    for verb, user in itertools.product(verbs, (lead, builders.office_of(builders.agency()))):
        with pytest.raises(NotAllowed):
            verb(user)


def test_without_scores_nothing_is_recommended() -> None:
    call = builders.open_opportunity(state=CallState.CLOSED)
    office = builders.office_of(call.agency)
    with pytest.raises(Refused, match="no submitted proposal"):
        actions.recommend(call, by=office, command=calls.command())
    code = builders.submitted_proposal(call).code
    with pytest.raises(Refused) as refusal:
        actions.recommend(call, by=office, command=calls.command())
    assert refusal.value.numbers == {"unscored": [code]}


def test_a_draft_holds_conditions_notes_and_the_reserve_list(case) -> None:
    call, office, _ = case
    decision = calls.drafted(call, office, reserve=1, conditions={"P-C": "A licence comes."}, notes={"P-B": "Sorry."})
    assert kinds(decision) == {"P-A": "selected", "P-B": "reserve", "P-C": "conditional", "P-D": "selected"}
    reserve = decision.outcomes.get(kind="reserve")
    # B comes in for A (10 kg) as well as for C (8 kg and the 2 kg... 9 kg do not fit): after one of three losses.
    assert (reserve.reserve_rank, reserve.option.name, reserve.note, reserve.merit) == (1, "Full", "Sorry.", 800_000)
    assert decision.recommendation.result["comes_in"] == {"P-B": 1}
    redrawn = calls.drafted(call, office)
    assert (redrawn.pk, kinds(redrawn)["P-B"]) == (decision.pk, "declined")


def test_a_condition_needs_a_place(case) -> None:
    call, office, _ = case
    with pytest.raises(InputError, match="P-B is not selected"):
        calls.drafted(call, office, conditions={"P-B": "A licence comes."})
    assert not Decision.objects.exists()


def test_a_decision_is_not_drawn_from_a_recommendation_that_is_no_longer_true(case) -> None:
    call, office, _ = case
    kept = calls.recommended(call, office)
    calls.bring_scores(call, office, calls.SCORES | {"P-B": "10"})
    with pytest.raises(Stale):
        actions.draft_decision(call, recommendation=kept, by=office, command=calls.command())
    calls.drafted(call, office)
    calls.bring_scores(call, office, calls.SCORES)
    with pytest.raises(Stale):
        actions.publish_decision(call, by=office, command=calls.command())
    assert Decision.objects.get().state == "draft"


def test_publication_decides_the_opportunity_and_is_recorded_without_scores(case) -> None:
    call, office, _ = case
    decision = calls.published(call, office, reserve=1, conditions={"P-C": "A licence comes."}, note="Thank you all.")
    call.refresh_from_db()
    assert (call.state, decision.state) == (CallState.DECIDED, "published")
    entry = Entry.objects.get(chain=PUBLIC, verb="decide")
    facts = entry.body["facts"]
    assert [(o["proposal"], o["outcome"], o["countries"], o["element"]) for o in facts["outcomes"]] == [
        ("P-A", "selected", ["TH"], "lander"),
        ("P-C", "conditional", ["TH"], "lander"),
        ("P-D", "selected", ["TH"], "lander"),
    ]
    assert facts["counts"] == {"conditional": "1", "reserve": "1", "selected": "2"}
    assert facts["envelope"] == [
        {"element": "lander", "resource": "mass", "used": "20 kg", "complete": True, "offered": "20 kg"},
        {"element": "lander", "resource": "power-average", "used": "30 W", "complete": True, "offered": "50 W"},
    ]
    assert facts["problem"] == decision.recommendation.problem_digest
    told = str([e.body for e in Entry.objects.all()])
    assert "P-B" not in str([e.body for e in Entry.objects.filter(chain=PUBLIC)])
    for secret in ("R1", "licence", "merit", "explanation", "score'"):
        assert secret not in told


def test_published_once_by_one_command_and_refused_to_the_next(case) -> None:
    call, office, _ = case
    calls.drafted(call, office)
    command = calls.command()
    first = actions.publish_decision(call, by=office, command=command)
    assert actions.publish_decision(call, by=office, command=command) == first
    with pytest.raises(WrongState):
        actions.publish_decision(call, by=office, command=calls.command())
    assert Entry.objects.filter(chain=PUBLIC, verb="decide").count() == 1


def test_merged_and_withdrawn_proposals_have_their_outcomes(case) -> None:
    call, office, made = case
    merged = builders.submitted_proposal(call, code="P-M", state="merged", merged_into=made["P-A"])
    early = builders.submitted_proposal(
        call, code="P-E", state="withdrawn", withdrawn_at=call.deadline.replace(year=call.deadline.year - 1)
    )
    late = builders.submitted_proposal(
        call, code="P-L", state="withdrawn", withdrawn_at=call.deadline.replace(year=call.deadline.year + 1)
    )
    decision = calls.drafted(call, office)
    outcomes = {outcome.proposal_id: outcome for outcome in decision.outcomes.all()}
    assert (outcomes[merged.pk].kind, outcomes[merged.pk].merged_into) == ("merged", made["P-A"])
    assert outcomes[late.pk].kind == "withdrawn"
    assert early.pk not in outcomes


class TestAfterwards:
    """What follows a published decision."""

    @pytest.fixture
    def decided(self, case):
        call, office, _ = case
        decision = calls.published(call, office, reserve=1, conditions={"P-C": "A licence comes."})
        return decision, office, {o.proposal.code: o for o in decision.outcomes.select_related("proposal", "decision")}

    def test_a_lost_place_returns_its_resources_and_the_reserve_list_is_offered_anew(self, decided) -> None:
        decision, office, outcomes = decided
        loss = actions.lose(outcomes["P-A"], reason="No export licence.", by=office, command=calls.command())
        assert loss.released == [
            {"element": "lander", "resource": "mass", "amount": "10 kg"},
            {"element": "lander", "resource": "power-average", "amount": "10 W"},
        ]
        assert {use.line.resource: use.free for use in queries.for_public(decision).usage} == {
            "mass": 10_000_000,
            "power-average": 30_000,
        }
        assert offer_now(decision).solve.state == SolveState.RUNNING
        calls.work()
        offered = Recommendation.objects.get(purpose=Purpose.RESERVE)
        assert offered.result["choices"] == {"P-B": "Full", "P-C": "Full", "P-D": "Full"}
        assert (offer_now(decision).recommendation, offer_now(decision).solve.state) == (offered, SolveState.DONE)
        entry = Entry.objects.get(chain=PUBLIC, verb="lose")
        assert (entry.body["facts"]["proposal"], entry.body["facts"]["reason"]) == ("P-A", "No export licence.")

    def test_the_next_on_the_list_is_called_up(self, decided) -> None:
        decision, office, outcomes = decided
        with pytest.raises(DoesNotFit) as refusal:
            actions.call_up(outcomes["P-B"], by=office, command=calls.command())
        assert len(refusal.value.numbers["broken"]) == 1
        actions.lose(outcomes["P-A"], reason="Gone.", by=office, command=calls.command())
        actions.call_up(outcomes["P-B"], by=office, command=calls.command())
        assert kinds(decision) == {"P-A": "lost", "P-B": "selected", "P-C": "conditional", "P-D": "selected"}

    def test_a_condition_is_fulfilled_once(self, decided) -> None:
        decision, office, outcomes = decided
        actions.fulfil(outcomes["P-C"], by=office, command=calls.command())
        assert kinds(decision)["P-C"] == "selected"
        with pytest.raises(WrongState):
            actions.fulfil(outcomes["P-C"], by=office, command=calls.command())

    def test_a_declined_or_lost_place_cannot_be_lost(self, decided) -> None:
        _, office, outcomes = decided
        actions.lose(outcomes["P-A"], reason="Gone.", by=office, command=calls.command())
        for code in ("P-A", "P-B"):
            with pytest.raises(WrongState):
                actions.lose(outcomes[code], reason="Again.", by=office, command=calls.command())

    def test_a_loss_that_breaks_a_wish_of_the_call_still_leads_to_an_offer(self, case) -> None:
        call, office, made = case
        made["P-A"].participants.update(country="KR")
        Opportunity.objects.filter(pk=call.pk).update(state=CallState.CLOSED)
        draft = builders.opportunity()
        rule = PortfolioRule.objects.create(opportunity=draft, by="country", at_least=2, distinct=True)
        with _amending():
            PortfolioRule.objects.filter(pk=rule.pk).update(opportunity=call)
        decision = calls.published(call, office, reserve=1)
        lost = decision.outcomes.get(proposal__code="P-A")
        actions.lose(lost, reason="Gone.", by=office, command=calls.command())
        calls.work()
        offered = Recommendation.objects.get(purpose=Purpose.RESERVE)
        assert "P-B" in offered.result["choices"]
        assert offer_now(decision).recommendation == offered

    def test_no_search_is_made_while_a_loss_is_noted(self, decided, monkeypatch) -> None:
        _, office, outcomes = decided
        monkeypatch.setattr(recommending, "found", _broken)
        monkeypatch.setattr(recommending, "contradicts", _broken)
        actions.lose(outcomes["P-A"], reason="Gone.", by=office, command=calls.command())
        assert Solve.objects.get(purpose=Purpose.RESERVE).state == SolveState.RUNNING

    def test_an_offer_is_no_longer_one_once_places_have_changed(self, decided) -> None:
        decision, office, outcomes = decided
        actions.lose(outcomes["P-A"], reason="Gone.", by=office, command=calls.command())
        calls.work()
        first = offer_now(decision).recommendation
        actions.lose(outcomes["P-C"], reason="Gone too.", by=office, command=calls.command())
        assert offer_now(decision).recommendation is None
        calls.work()
        second = offer_now(decision).recommendation
        assert (first.number, second.number, second.result["choices"]) == (2, 3, {"P-B": "Full", "P-D": "Full"})
        actions.call_up(outcomes["P-B"], by=office, command=calls.command())
        assert offer_now(decision) == Offer()  # nobody waits any more

    def test_a_second_loss_takes_the_place_of_a_search_that_still_runs(self, decided) -> None:
        decision, office, outcomes = decided
        for code in ("P-A", "P-C"):
            actions.lose(outcomes[code], reason="Gone.", by=office, command=calls.command())
        searches = Solve.objects.filter(purpose=Purpose.RESERVE).order_by("begun_at")
        assert [solve.state for solve in searches] == [SolveState.CANCELLED, SolveState.RUNNING]
        calls.work()
        assert Recommendation.objects.get(purpose=Purpose.RESERVE) == offer_now(decision).recommendation

    def test_an_offer_that_breaks_can_be_asked_for_again(self, decided, monkeypatch) -> None:
        decision, office, outcomes = decided
        actions.lose(outcomes["P-A"], reason="Gone.", by=office, command=calls.command())
        with monkeypatch.context() as patched:
            patched.setattr(recommending, "found", _broken)
            with pytest.raises(ZeroDivisionError):
                calls.work()
        assert offer_now(decision).solve.state == SolveState.FAILED
        command = calls.command()
        asked = [actions.offer_reserve(decision.opportunity, by=office, command=command) for _ in range(2)]
        assert asked[0] == asked[1] == actions.offer_reserve(decision.opportunity, by=office, command=calls.command())
        calls.work()
        assert offer_now(decision).recommendation.result["choices"]["P-B"] == "Full"

    def test_nothing_is_offered_where_nobody_waits(self, case) -> None:
        call, office, _ = case
        decision = calls.published(call, office)
        lost = decision.outcomes.get(proposal__code="P-A")
        actions.lose(lost, reason="Gone.", by=office, command=calls.command())
        assert offer_now(decision) == Offer()
        with pytest.raises(Refused, match="Nobody waits"):
            actions.offer_reserve(call, by=office, command=calls.command())

    @pytest.mark.parametrize(
        "change",
        [
            lambda o: Outcome.objects.filter(pk=o.pk).update(kind="declined"),
            lambda o: Outcome.objects.filter(pk=o.pk).update(note="other words"),
            lambda o: Outcome.objects.filter(pk=o.pk).update(merit=1),
            lambda o: Outcome.objects.filter(pk=o.pk).delete(),
            lambda o: Decision.objects.filter(pk=o.decision_id).update(note="other words"),
            lambda o: Decision.objects.filter(pk=o.decision_id).update(state="draft"),
        ],
    )
    def test_the_database_keeps_what_was_published(self, decided, change) -> None:
        _, _, outcomes = decided
        with pytest.raises(DatabaseError), transaction.atomic():
            change(outcomes["P-A"])


def _amending():
    return pgtrigger.ignore(
        "opportunities.PortfolioRule:changes_by_amendment", "opportunities.EnvelopeLine:changes_by_amendment"
    )


def _settled(change) -> None:
    """Make a change and ask the guards that otherwise wait for the end of the transaction."""
    with transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_database_refuses_whatever_would_promise_something_twice(case) -> None:
    call, office, made = case
    decision = calls.published(call, office, reserve=1)
    waiting = decision.outcomes.get(kind="reserve")
    flying = Demand.objects.filter(option__proposal=made["P-A"], line__resource="mass")
    mass = EnvelopeLine.objects.filter(opportunity=call, resource="mass")

    def take_kilograms_back() -> None:
        with _amending():
            mass.update(total=19_999_999)

    for change in (
        lambda: Outcome.objects.filter(pk=waiting.pk).update(kind="selected"),
        lambda: flying.update(amount=10_000_001),
        take_kilograms_back,
    ):
        with pytest.raises(IntegrityError, match="promised twice"):
            _settled(change)
    _settled(lambda: flying.update(amount=9_000_000))


def test_the_database_refuses_a_decision_that_promises_too_much_or_forgets_somebody(case) -> None:
    call, office, made = case
    calls.drafted(call, office)
    decision = Decision.objects.get()
    outcome = decision.outcomes.get(proposal__code="P-B")
    forgotten = decision.outcomes.get(proposal__code="P-D")
    Outcome.objects.filter(pk=outcome.pk).update(kind="selected", option=made["P-B"].options.get())

    def publish() -> None:
        Decision.objects.filter(pk=decision.pk).update(state="published")

    with pytest.raises(IntegrityError, match="promised twice: mass : 29000000 asked of 20000000"):
        _settled(publish)
    Outcome.objects.filter(pk=outcome.pk).update(kind="declined")
    forgotten.delete()
    with pytest.raises(IntegrityError, match="have no outcome: P-D"):
        _settled(publish)


def test_an_outcome_belongs_to_its_call_and_its_option_to_its_proposal(case) -> None:
    call, office, made = case
    decision = calls.drafted(call, office)
    stranger = builders.submitted_proposal()
    with pytest.raises(DatabaseError, match="belongs to the decision"), transaction.atomic():
        Outcome.objects.create(decision=decision, proposal=stranger, kind="declined")
    with pytest.raises(DatabaseError, match="belongs to its proposal"), transaction.atomic():
        decision.outcomes.filter(proposal=made["P-A"]).update(option=made["P-B"].options.get())


def test_a_replay_is_written_down_without_scores_and_without_letters() -> None:
    call = builders.open_opportunity(state=CallState.CLOSED, origin="replay")
    office = builders.office_of(call.agency)
    flew, lost = builders.submitted_proposal(call), builders.submitted_proposal(call)
    told = [
        {"proposal": flew, "kind": "selected", "option": flew.options.get(), "condition": "", "merged_into": None},
        {"proposal": lost, "kind": "lost", "option": lost.options.get(), "condition": "", "merged_into": None},
    ]
    decision = actions.replay_decision(call, outcomes=told, published_at=None, note="As announced.", by=office)
    call.refresh_from_db()
    assert (call.state, decision.published_at) == (CallState.DECIDED, None)
    assert queries.for_public(decision).counts == {"selected": 1, "lost": 1}


def test_relations_and_rules_reach_the_problem(case) -> None:
    call, office, made = case
    Relation.objects.create(proposal=made["P-A"], kind=RelationKind.INTERFERES, named="the radar", other=made["P-C"])
    Relation.objects.create(proposal=made["P-D"], kind=RelationKind.NEEDS, named="the arm", other=made["P-B"])
    kept = calls.recommended(call, office)
    # Without A beside C and without D unless B flies: A, B (17) is beaten by B, C, D (19.5).
    assert kept.result["choices"] == {"P-B": "Full", "P-C": "Full", "P-D": "Full"}
    assert "radar" not in str(kept.problem)


def test_a_cancelled_search_brings_nothing(case) -> None:
    call, office, _ = case
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=0)
    assert (solve.state, solve.recommendation) == (SolveState.RUNNING, None)
    with pytest.raises(Refused, match="worked out already"):
        actions.recommend(call, by=office, command=calls.command())
    actions.cancel(solve, by=office)
    actions.carry_out(solve)
    assert (Solve.objects.get().state, Recommendation.objects.count()) == (SolveState.CANCELLED, 0)


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_search_that_breaks_fails_with_words_and_can_be_asked_for_again(case, monkeypatch, seconds) -> None:
    call, office, _ = case

    def search() -> None:
        actions.recommend(call, by=office, command=calls.command(), seconds=seconds)
        calls.work()

    with monkeypatch.context() as patched:
        patched.setattr(recommending, "found", _broken)
        with pytest.raises(ZeroDivisionError):
            search()
    failed = Solve.objects.get()
    assert (failed.state, failed.refusal["sentence"]) == (SolveState.FAILED, BROKE)
    calls.work()  # the job that was queued for it leaves it alone
    assert Recommendation.objects.count() == 0
    assert calls.recommended(call, office).result["choices"] == calls.BEST


def test_a_finished_or_cancelled_search_is_not_begun_anew(case, monkeypatch) -> None:
    call, office, _ = case
    calls.recommended(call, office)
    monkeypatch.setattr(recommending, "found", _broken)
    actions.cancel(actions.recommend(call, by=office, command=calls.command(), seconds=0), by=office)
    calls.work()
    assert sorted(Solve.objects.values_list("state", flat=True)) == [SolveState.CANCELLED, SolveState.DONE]


def test_a_long_search_goes_on_as_a_job(case) -> None:
    call, office, _ = case
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=0)
    actions.carry_out(solve)
    solve.refresh_from_db()
    assert (solve.state, solve.done, solve.recommendation.result["choices"]) == (
        SolveState.DONE,
        solve.total,
        calls.BEST,
    )
