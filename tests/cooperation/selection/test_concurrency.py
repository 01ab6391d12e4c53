"""Two at once: one decision, one letter per team, and never more promised than there is."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.selection import calls
from moonbridge.cooperation.selection import actions, notices, queries, whatifs
from moonbridge.cooperation.selection.afterwards import offer_now
from moonbridge.cooperation.selection.levers import Levers
from moonbridge.cooperation.selection.models import Decision, Loss, Outcome, Purpose, Recommendation, Scenario, Study
from moonbridge.errors import MoonbridgeError, WrongState
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Carry out each act in a thread of its own, all beginning together; return what each answered or raised."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            return act()
        except (MoonbridgeError, IntegrityError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_officers_publishing_at_once_publish_once() -> None:
    call, office, _ = calls.hand_computed_call()
    other = builders.office_of(call.agency)
    calls.drafted(call, office)
    answers = at_once(
        *(lambda by=by: actions.publish_decision(call, by=by, command=calls.command()) for by in (office, other))
    )
    assert sorted(type(answer) for answer in answers if not isinstance(answer, Decision)) == [WrongState]
    assert Entry.objects.filter(chain=PUBLIC, verb="decide").count() == 1
    assert ProcrastinateJob.objects.filter(task_name=notices.TEAM_TASK).count() == 4


def test_the_database_lets_only_one_of_two_take_the_last_kilograms() -> None:
    call, office, made = calls.hand_computed_call()
    builders.submitted_proposal(call, code="P-E", mass="9 kg")
    calls.bring_scores(call, office, calls.SCORES | {"P-E": "7"})
    decision = calls.published(call, office, reserve=2)
    actions.lose(decision.outcomes.get(proposal=made["P-A"]), reason="Gone.", by=office, command=calls.command())

    def take(code: str):
        with transaction.atomic():
            return Outcome.objects.filter(decision=decision, proposal__code=code).update(kind="selected")

    answers = at_once(lambda: take("P-B"), lambda: take("P-E"))
    assert sorted(str(type(answer).__name__) for answer in answers) == ["IntegrityError", "int"]
    assert decision.outcomes.filter(proposal__code__in=["P-B", "P-E"], kind="selected").count() == 1


def test_two_losses_at_once_lead_to_one_offer_for_both() -> None:
    call, office, made = calls.hand_computed_call()
    decision = calls.published(call, office, reserve=1)
    places = [decision.outcomes.get(proposal=made[code]) for code in ("P-A", "P-C")]
    losses = at_once(*(lambda o=o: actions.lose(o, reason="Gone.", by=office, command=calls.command()) for o in places))
    assert {type(loss) for loss in losses} == {Loss}
    assert at_once(calls.work, calls.work) == [None, None]
    offered = Recommendation.objects.get(purpose=Purpose.RESERVE)
    assert offered.result["choices"] == {"P-B": "Full", "P-D": "Full"}
    assert offer_now(decision).recommendation == offered


def test_a_scenario_kept_twice_at_once_is_kept_once() -> None:
    call, office, _ = calls.hand_computed_call()
    recommendation = calls.recommended(call, office)
    levers, same = Levers(queries.problem_of(recommendation)), calls.command()
    changes = levers.read(QueryDict("c0=21"))
    result = whatifs.answered(levers.changed(changes), whatifs.within(60))

    def keep() -> Scenario:
        return actions.keep_scenario(
            recommendation, levers, changes, result, name="Twice", note="", by=office, command=same
        )

    first, second = at_once(keep, keep)
    assert first == second == Scenario.objects.get()


def test_two_who_ask_for_a_study_at_once_get_one_or_are_told() -> None:
    call, office, _ = calls.hand_computed_call()
    recommendation = calls.recommended(call, office)
    levers = Levers(queries.problem_of(recommendation))
    changes = levers.read(QueryDict("c0=21"))

    def ask():
        return actions.study(recommendation, levers, changes, about="portfolio", by=office, command=calls.command())

    answers = at_once(ask, ask)
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "Study"]
    jobs = ProcrastinateJob.objects.filter(task_name=notices.STUDY_TASK, args__study=str(Study.objects.get().pk))
    assert jobs.count() == 1
