"""Faults planted into the database's movement functions are noticed; the healthy ones pass the same trial."""

import pytest

from moonbridge.ledger import mutants

pytestmark = pytest.mark.django_db

MOVEMENTS = 400


@pytest.mark.parametrize(
    ("function", "faults"), [(mutants.ONE, mutants.MUTANTS), (mutants.MANY, mutants.MUTANTS_OF_MANY)]
)
def test_the_healthy_function_passes_the_trial_and_the_faults_do_not(function, faults) -> None:
    healthy = mutants.source(function)
    assert mutants.caught(None, seed=1, movements=MOVEMENTS, function=function) is None
    missed = [
        fault.name for fault in faults if mutants.caught(fault, seed=1, movements=MOVEMENTS, function=function) is None
    ]
    assert len(faults) >= 30
    assert missed == []
    assert mutants.source(function) == healthy
