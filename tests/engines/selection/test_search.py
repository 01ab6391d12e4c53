"""The fast search, its proof, its ties and its end before time, each forced to happen."""

import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction

import pytest

from engines.selection.random_calls import MASS, best_of_all, random_call
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.explain import explain_all
from moonbridge.engines.selection.frontier import Partners, frontier
from moonbridge.engines.selection.optimum import draw_number, optimum, ranking
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.program import compiled, value_of_choices
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.rules import include
from moonbridge.engines.selection.search import search
from moonbridge.engines.selection.solver import Effort, Engine, maximise, value_of
from moonbridge.engines.selection.stopping import Cancel, Progress
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.errors import Cancelled


@pytest.mark.parametrize("core", [1, 3])
@pytest.mark.parametrize("engine", list(Engine))
def test_however_narrow_the_first_guess_and_whoever_makes_it_the_proven_best_is_the_best(
    core: int, engine: Engine
) -> None:
    for seed in range(60):
        problem = random_call(seed)
        program = compiled(problem)
        order, best = ranking(program), best_of_all(problem)
        if order is None:
            continue
        found = search(program, order, effort=Effort(engine=engine), core=core)
        assert found.infeasible == (best is None)
        if best is not None and found.values is not None:
            assert program.choices(found.values) == best
            assert found.bound == value_of_choices(program, order, best)


def test_the_fast_search_equals_one_search_over_everything_on_a_realistic_call() -> None:
    program = compiled(synthetic_call(60, 5))
    merit = program.objectives[0]
    found, whole = search(program, merit, effort=Effort()), maximise(program, merit)
    assert found.values is not None
    assert whole.values is not None
    assert found.bound == value_of(merit, found.values) == value_of(merit, whole.values)


def test_it_is_known_whether_another_portfolio_is_as_good() -> None:
    for count, alone in ((1, True), (2, False)):
        twins = tuple(Proposal(f"P{n}", (Option("full", Fraction(5), {MASS: 1}),)) for n in range(count))
        program = compiled(Problem((Limit(*MASS, capacity=1),), twins))
        assert search(program, program.objectives[0], effort=Effort()).alone is alone


def colliding(word: int) -> tuple[str, str]:
    """Two names whose draw numbers are equal in all words before ``word``, found by trying names (word 2 or 3)."""
    seen: dict[tuple[int, ...], str] = {}
    for number in itertools.count():
        name = f"P{number}"
        drawn = tuple(draw_number("seed", name, "full", word=before) for before in range(1, word))
        if drawn in seen:
            return seen[drawn], name
        seen[drawn] = name
    raise AssertionError


@pytest.mark.parametrize("word", [2, 3])
def test_where_draw_numbers_collide_the_next_bits_of_the_digest_decide(word: int) -> None:
    names = colliding(word)
    first, second = (draw_number("seed", name, "full", word=word) for name in names)
    winner = names[0] if first > second else names[1]
    for order in (names, names[::-1]):
        twins = tuple(Proposal(name, (Option("full", Fraction(5), {MASS: 1}),)) for name in order)
        for effort in (Effort(), Effort(seed=3), Effort(engine=Engine.SCIP)):
            result = optimum(Problem((Limit(*MASS, capacity=1),), twins, seed="seed"), effort=effort)
            assert result.proven
            assert list(result.choices) == [winner]


def works() -> dict[str, Callable[[Progress | None, Cancel | None], object]]:
    small = synthetic_call(12, 1)
    doubtful = small.with_proposal(
        Proposal("P0001", (Option("full", Fraction(60), {MASS: 100_000}, doubt=Fraction(9)),))
    )
    result = optimum(small)
    return {
        "stages": lambda progress, cancelled: optimum(small, progress=progress, cancelled=cancelled),
        "proposals": lambda progress, cancelled: explain_all(result, progress=progress, cancelled=cancelled),
        "points": lambda progress, cancelled: frontier(small, Partners(), progress=progress, cancelled=cancelled),
        "draws": lambda progress, cancelled: robustness(doubtful, draws=5, progress=progress, cancelled=cancelled),
    }


@pytest.mark.parametrize("what", ["stages", "proposals", "points", "draws"])
def test_each_long_work_tells_how_far_it_is_and_stops_when_it_is_told(what: str) -> None:
    work, told = works()[what], list[tuple[int, int, str]]()
    work(lambda *step: told.append(step), None)
    assert [step[2] for step in told] == [what] * len(told)
    assert told[-1][0] == told[-1][1]
    assert [step[0] for step in told] == sorted(step[0] for step in told)
    with pytest.raises(Cancelled):
        work(None, lambda: True)


def test_a_search_under_way_stops_within_a_second() -> None:
    call, stop = synthetic_call(2000, 1), threading.Event()
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.monotonic())
        if len(asked) == 4:
            stop.set()
        return stop.is_set()

    with pytest.raises(Cancelled):
        optimum(call, cancelled=cancelled)
    assert asked[-1] - asked[3] < 2  # a second, and a busy machine's allowance


def test_draws_that_other_processes_compute_are_the_same_and_can_be_stopped() -> None:
    call = synthetic_call(8, 2)
    call = call.with_proposal(Proposal("P0001", (Option("full", Fraction(60), {MASS: 100_000}, doubt=Fraction(30)),)))
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        told: list[tuple[int, int, str]] = []
        found = robustness(call, draws=60, executor=executor, progress=lambda *step: told.append(step))
        assert found == robustness(call, draws=60)
        assert told == [(50, 60, "draws"), (60, 60, "draws")]
        asked: list[bool] = []

        def cancelled() -> bool:
            asked.append(True)
            return len(asked) > 2

        with pytest.raises(Cancelled):
            robustness(call, draws=5000, executor=executor, cancelled=cancelled)


def test_naming_what_cannot_be_kept_together_stops_when_it_is_told() -> None:
    mass = Limit("lander", "mass", 10)
    heavy = Proposal("P1", (Option("full", Fraction(1), {MASS: 11}),))
    impossible = Problem((mass,), (heavy,), rules=(include("P1", reason="a test"),))
    assert conflicting(impossible).causes == (mass, *impossible.rules)
    with pytest.raises(Cancelled):
        conflicting(impossible, effort=Effort(cancelled=lambda: True))
