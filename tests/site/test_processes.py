import os
import signal
import socket
import subprocess

import pytest

from moonbridge.site import processes


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_busy_port_gives_way_to_the_next_free_one(busy_port):
    assert processes.free_port(busy_port, exactly=False) > busy_port


def test_a_busy_port_that_was_asked_for_is_said_in_one_sentence(busy_port):
    with pytest.raises(processes.CannotServe, match=rf"^Port {busy_port} is busy: .* choose another port") as refused:
        processes.free_port(busy_port, exactly=True)
    assert refused.value.numbers == {"port": busy_port}


def test_a_port_that_is_held_is_given_to_nobody_else_but_the_server_started_on_it(busy_port):
    with processes.held_port(busy_port, exactly=False) as held:
        assert processes.free_port(held, exactly=False) > held
        with pytest.raises(processes.CannotServe):
            processes.free_port(held, exactly=True)
        with socket.create_server(("127.0.0.1", held), reuse_port=True):
            assert socket.create_connection(("127.0.0.1", held)).close() is None
    assert processes.free_port(held, exactly=True) == held


def test_what_an_earlier_run_left_is_found_by_its_state_folder_and_ended(tmp_path):
    mine = processes.start(["sleep", "60"], state=tmp_path / "mine", log=tmp_path / "logs" / "mine.log")
    other = processes.start(["sleep", "60"], state=tmp_path / "mine-too", log=tmp_path / "logs" / "other.log")
    try:
        assert processes.end_leftovers(tmp_path / "mine") == [mine.pid]
        assert mine.wait() == -signal.SIGTERM
        assert other.poll() is None
        assert processes.end_leftovers(tmp_path / "mine") == []
    finally:
        processes.stop([other])


def test_a_process_that_does_not_end_when_asked_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.1)
    stubborn = subprocess.Popen(["sh", "-c", "trap '' TERM; echo ready; exec sleep 60"], stdout=subprocess.PIPE)
    assert stubborn.stdout.readline() == b"ready\n"

    processes.stop([stubborn])

    assert stubborn.returncode == -signal.SIGKILL


def test_a_server_that_ends_instead_of_answering_is_said_with_its_reason(tmp_path, busy_port):
    log = tmp_path / "logs" / "server.log"
    command = ["sh", "-c", "echo 'ValueError: no such table'; echo '[ERROR] giving up'; exit 3"]
    server = processes.start(command, state=tmp_path, log=log)
    server.wait()
    unused = processes.free_port(busy_port, exactly=False)

    with pytest.raises(processes.CannotServe, match="ValueError: no such table") as refused:
        processes.wait_until_served(unused, server, log=log)
    assert str(log) in refused.value.sentence


def test_a_port_below_1024_is_said_to_be_for_root():
    if os.geteuid() == 0:
        pytest.skip("root may use every port")
    with pytest.raises(processes.CannotServe, match="choose one above 1023"):
        processes.free_port(80, exactly=True)
