"""Faults planted into the database's movement function are noticed; the healthy one passes the same trial."""

import pytest

from moonbridge.ledger import mutants

pytestmark = pytest.mark.django_db

MOVEMENTS = 400


def test_the_healthy_function_passes_the_trial_and_the_faults_do_not() -> None:
    healthy = mutants.source()
    assert mutants.caught(None, seed=1, movements=MOVEMENTS) is None
    missed = [fault.name for fault in mutants.MUTANTS if mutants.caught(fault, seed=1, movements=MOVEMENTS) is None]
    assert len(mutants.MUTANTS) >= 30
    assert missed == []
    assert mutants.source() == healthy
