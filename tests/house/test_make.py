"""The targets of the Makefile, and the script that makes the environment."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HOUSE = Path(__file__).parents[2]


def test_help_lists_every_target():
    targets = re.search(r"^\.PHONY: (.*)$", (HOUSE / "Makefile").read_text(), re.MULTILINE)[1].split()

    said = subprocess.run(["make", "-C", HOUSE, "help"], capture_output=True, text=True, check=True).stdout

    assert [line.split()[1] for line in said.splitlines() if line.startswith("  make ")] == targets


def test_requirements_are_pinned_hashed_and_name_no_host():
    for name in ("base.txt", "dev.txt", "uv.txt"):
        text = (HOUSE / "requirements" / name).read_text()
        packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

        assert packages, name
        assert [each for each in packages if "==" not in each or "--hash=sha256:" not in each] == []
        assert "://" not in text, name


@pytest.fixture
def setup() -> ModuleType:
    specification = importlib.util.spec_from_file_location("house_setup", HOUSE / "tools" / "setup.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def environment(tmp_path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "base.txt").write_text("django==6.1\n")
    return tmp_path


def test_an_environment_is_complete_from_its_mark_until_what_it_needs_changes(setup, environment):
    decides = [environment / "base.txt"]
    assert not setup._is_complete(environment, decides)  # as after an interruption

    setup._mark_complete(environment, decides)
    assert setup._is_complete(environment, decides)

    decides[0].write_text("django==6.2\n")
    assert not setup._is_complete(environment, decides)


def test_an_environment_whose_python_was_removed_is_not_complete(setup, environment):
    decides = [environment / "base.txt"]
    setup._mark_complete(environment, decides)

    (environment / "bin" / "python").unlink()

    assert not setup._is_complete(environment, decides)
