"""Our own branch and bound, forced to do the work, against trying everything and against CP-SAT."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engines.selection.random_calls import best_of_all, random_call
from moonbridge.engines.selection import branching, solver
from moonbridge.engines.selection.branching import best_columns
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.program import Program, Row
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.solver import Effort, Engine, maximise, value_of
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.errors import Cancelled, Infeasible

OWN = Effort(engine=Engine.BRANCHING)


@pytest.mark.parametrize("hundred", range(20))
def test_the_optimum_is_the_best_of_all_portfolios(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        problem = random_call(seed)
        best = best_of_all(problem)
        if best is None:
            with pytest.raises(Infeasible):
                optimum(problem, effort=OWN)
            continue
        result = optimum(problem, effort=OWN)
        assert (seed, dict(result.choices)) == (seed, best)
        assert result.proven
        assert result.solver == Engine.BRANCHING.value


def knapsack(draw: random.Random, items: int, rows: int) -> tuple[list[Row], dict[int, int]]:
    """Dense rows by Chu and Beasley's recipe, some of them with a lower side or negative entries."""
    entries = [[draw.randint(0, 1000) for _ in range(items)] for _ in range(rows)]
    worth = {j: sum(row[j] for row in entries) // rows + draw.randint(0, 500) for j in range(items)}
    made = [Row(dict(enumerate(row)), high=sum(row) // draw.choice((2, 4))) for row in entries]
    signed = {j: draw.randint(-500, 500) for j in range(items)}
    return [*made, Row(signed, low=draw.randint(-200, 200)), Row(dict.fromkeys(range(items), 1), low=3)], worth


def test_dense_knapsacks_have_the_value_that_cp_sat_proves_and_nothing_beyond_it() -> None:
    draw = random.Random(7)  # noqa: S311 - reproducible, no secret
    for _ in range(25):
        items = draw.randint(10, 35)
        rows, worth = knapsack(draw, items, draw.randint(1, 6))
        program = Program(Problem((), ()), size=items, rows=rows)
        other, own = maximise(program, worth), maximise(program, worth, effort=OWN)
        assert own.engine is Engine.BRANCHING
        assert own.proven
        assert other.proven
        assert (own.values is None) == (other.values is None)
        if own.values is None or other.values is None:
            continue
        best = value_of(worth, own.values)
        assert best == value_of(worth, other.values)
        assert maximise(program, worth, effort=OWN, least=best + 1).infeasible
        again = maximise(program, worth, effort=OWN, least=best)
        assert again.values is not None
        assert value_of(worth, again.values) == best


def test_large_numbers_are_exact() -> None:
    """Worths that differ in their 52nd bit: floats of the simplex cannot tell them apart, whole numbers do."""
    worth = {0: 2**51 + 1, 1: 2**51 - 1, 2: 1}
    found = best_columns(3, [Row({0: 1, 1: 1}, high=1), Row({0: 2**58, 2: 2**58 + 1}, high=2**58 + 1)], worth)
    assert (found.values, found.proven) == ((1, 0, 0), True)


def test_whatever_prices_the_floats_propose_the_answer_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the simplex another objective and other rows than the exact part: it then proposes nonsense."""
    draw = random.Random(3)  # noqa: S311 - reproducible, no secret
    honest = branching.dictionary

    def lying(rows, objective, low, high):  # type: ignore[no-untyped-def]
        noise = np.random.default_rng(5)
        wrong = rows + noise.normal(0, 0.3, rows.shape)
        return honest(wrong, noise.normal(0, 1, objective.shape), low * 0.7, high)

    for _ in range(8):
        rows, worth = knapsack(draw, 12, 3)
        right = best_columns(12, rows, worth)
        with monkeypatch.context() as patch:
            patch.setattr(branching, "dictionary", lying)
            misled = best_columns(12, rows, worth)
        assert misled.proven
        assert (misled.values is None) == (right.values is None)
        if misled.values and right.values:
            assert value_of(worth, misled.values) == value_of(worth, right.values)
            assert misled.nodes > right.nodes


def test_the_same_program_takes_the_same_nodes() -> None:
    rows, worth = knapsack(random.Random(1), 30, 5)  # noqa: S311 - reproducible, no secret
    first, second = best_columns(30, rows, worth), best_columns(30, rows, worth)
    assert (first.values, first.nodes) == (second.values, second.nodes)
    assert first.nodes > 10


def test_it_stops_when_time_is_out_or_it_is_told() -> None:
    rows, worth = knapsack(random.Random(2), 250, 8)  # noqa: S311 - reproducible, no secret
    late = best_columns(250, rows, worth, time_limit=0.0)
    assert not late.proven
    with pytest.raises(Cancelled):
        best_columns(250, rows, worth, cancelled=lambda: True)


def test_it_takes_over_from_cp_sat_where_few_rows_are_left_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, worth = knapsack(random.Random(4), 60, 8)  # noqa: S311 - reproducible, no secret
    program = Program(Problem((), ()), size=60, rows=rows)
    by_cp_sat = maximise(program, worth)
    assert by_cp_sat.engine is Engine.CP_SAT
    monkeypatch.setattr(solver, "_TRY", 1e-6)
    found = maximise(program, worth)
    assert (found.engine, found.proven, found.bound) == (Engine.BRANCHING, True, by_cp_sat.bound)
    many = replace(program, rows=[*rows, *(Row({j: 1, j + 1: 1}, high=1) for j in range(45))])
    assert maximise(many, worth).engine is Engine.CP_SAT


def test_draws_are_the_same_whoever_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    call = synthetic_call(12, 3)
    proposals = (replace(p, options=tuple(replace(o, doubt=Fraction(6)) for o in p.options)) for p in call.proposals)
    doubtful = replace(call, proposals=tuple(proposals))
    found = robustness(doubtful, draws=100)
    monkeypatch.setattr("moonbridge.engines.selection.robustness._MANY", 101)
    assert found == robustness(doubtful, draws=100)
    assert len(found.portfolios) > 2
