"""`moonbridge demo`, run for real in a state folder of its own: it starts, is alone, survives kill -9, and ends cleanly."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from moonbridge.site import embedded, processes

pytestmark = pytest.mark.slow
MOONBRIDGE = Path(sys.executable).with_name("moonbridge")
JUDGES = ["reviewer", "panel chair", "panel secretary", "technical reviewer", "external referee", "observer"]
ROLES = ["programme office", "team", *JUDGES, "curator", "visitor"]


class Demo:
    """One run of the command, and what it has said."""

    def __init__(self, state: Path, port: int) -> None:
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("MOONBRIDGE_", "DJANGO_"))}
        environment = outer | {"MOONBRIDGE_STATE": str(state), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [MOONBRIDGE, "demo"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""

    def wait_until(self, words: str) -> "Demo":
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return self
        pytest.fail(f"it ended without saying {words!r}:\n{self.said}")

    def end(self, request: signal.Signals) -> int:
        self.process.send_signal(request)
        self.said += self.process.stdout.read() if request != signal.SIGKILL else ""
        return self.process.wait()


@pytest.fixture
def state():
    if os.environ.get("DATABASE_URL"):
        pytest.skip("DATABASE_URL names a database that the demonstration would fill")
    folder = Path(tempfile.mkdtemp(prefix="moonbridge-demo-"))
    folder.chmod(0o711)
    yield folder
    processes.end_leftovers(folder)
    embedded.stop(state=folder)
    shutil.rmtree(folder)


def test_the_demonstration_from_its_start_to_its_end(state):
    port = processes.free_port(18_000, exactly=False)
    address = f"http://127.0.0.1:{port}"

    first = Demo(state, port).wait_until("Ctrl-C stops it")
    assert re.findall(rf"^  (.+?) +{address}", first.said, re.MULTILINE) == ROLES
    home = http.client.HTTPConnection("127.0.0.1", port)
    home.request("GET", "/")
    assert home.getresponse().status == 200
    home.close()

    second = Demo(state, port)
    assert second.process.wait() == 1
    assert f"A demonstration of this checkout runs already: {address}" in second.process.stdout.read()

    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    assert embedded.status(state=state).pid is not None  # as are the server and the worker
    again = Demo(state, port).wait_until("Ctrl-C stops it")
    assert "ended what an earlier demonstration had left running" in again.said

    assert again.end(signal.SIGINT) == 0
    assert again.said.endswith("stopping ... stopped\n")
    assert embedded.status(state=state).pid is None
    assert processes.end_leftovers(state) == []


def test_a_reset_asks_first_and_nobody_answering_means_no(state):
    environment = os.environ | {"MOONBRIDGE_STATE": str(state)}
    (state / "files").mkdir()

    done = subprocess.run(
        [MOONBRIDGE, "demo", "--afresh"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "Nobody is here to ask: say so with YES=1" in done.stderr
    assert (state / "files").exists()
