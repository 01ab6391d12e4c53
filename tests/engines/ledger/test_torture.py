"""The simulator: nothing breaks, the same seed is the same history, and planted faults are caught."""

import inspect

import pytest

from moonbridge.engines.ledger.torture import protocol
from moonbridge.engines.ledger.torture.mutants import MUTANTS, Mutant, caught
from moonbridge.engines.ledger.torture.simulator import Simulator

STEPS = 60_000


def test_nothing_is_broken_whatever_happens_and_everything_does_happen() -> None:
    told = Simulator(seed=2026).run(STEPS)
    assert told.steps == STEPS
    assert {"done", "done before", "answer lost", "crash", "outage", "clock jump", "interrupted"} < set(told.counts)
    assert {"refused not-enough", "refused illegal-movement", "refused command-reused"} < set(told.counts)
    assert told.counts["done"] > 1_000


def test_the_same_seed_is_the_same_history() -> None:
    assert Simulator(seed=7).run(5_000).digest == Simulator(seed=7).run(5_000).digest
    assert Simulator(seed=7).run(5_000).digest != Simulator(seed=8).run(5_000).digest


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_faults_are_caught(seed) -> None:
    missed = [mutant.name for mutant in MUTANTS if caught(mutant, seed=seed, steps=20_000) is None]
    assert len(MUTANTS) >= 30
    assert missed == []


def test_every_mutant_changes_the_text_and_a_stale_one_is_noticed() -> None:
    source = inspect.getsource(protocol)
    assert len({mutant.planted(source) for mutant in MUTANTS}) == len(MUTANTS)
    with pytest.raises(ValueError, match="is there 0 times"):
        Mutant("stale", "no such text", "").planted(source)
