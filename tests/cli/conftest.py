"""Typing a command as a person does, within this process."""

import sys
from collections.abc import Callable

import pytest

from moonbridge.cli import main


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command line prints; with ``code`` it must end so, and what it says then is returned."""

    def run(*arguments: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["moonbridge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == code
        printed = capsys.readouterr()
        return printed.err if code else printed.out

    return run
