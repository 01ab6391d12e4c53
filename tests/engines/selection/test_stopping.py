"""Ctrl-C: it stops a running solver, and belongs to the process again afterwards."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from moonbridge.engines.selection.stopping import stoppable

SOLVED_THEN_INTERRUPTED = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background may have it ignored
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.solver import Effort, Engine
from moonbridge.engines.selection.synthetic import synthetic_call
optimum(synthetic_call(20, seed=1), effort=Effort(engine=Engine.{engine}))
try:
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()
except KeyboardInterrupt:
    print("in good order")
"""


@pytest.mark.parametrize("engine", ["CP_SAT", "SCIP", "HIGHS"])
def test_after_a_solver_has_run_an_interrupt_still_reaches_the_program(engine):
    command = [sys.executable, "-c", SOLVED_THEN_INTERRUPTED.format(engine=engine)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "in good order\n"


@pytest.fixture
def heard() -> Iterator[None]:
    """Have interrupts heard, also where whoever runs the tests in the background has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupt_stops_the_work_and_is_passed_on():
    ended, begun = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        signal.raise_signal(signal.SIGINT)
        return ended.wait(30)

    with pytest.raises(KeyboardInterrupt):
        stoppable(work, ended.set, None)
    assert begun.is_set()
    assert ended.is_set()
