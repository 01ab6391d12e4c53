"""tools/find-python: which interpreter is taken, on machines that are laid out in awkward ways."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIND = Path(__file__).parents[2] / "tools" / "find-python"
WORKS = '#!/bin/sh\necho "$0"\n'
SWITCHED_OFF = "#!/bin/sh\necho 'pyenv: version not installed' >&2\nexit 127\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"


def place(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


def find(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    bare = {"PATH": str(home / "bin"), "HOME": str(home)}
    return subprocess.run(
        [FIND, *arguments], env=outer | bare | environment, capture_output=True, text=True, check=False
    )


def test_a_shim_of_a_version_that_is_switched_off_is_passed_over(tmp_path):
    place(tmp_path / "bin" / "python3.13", SWITCHED_OFF)
    works = place(tmp_path / "bin" / "python3.12", WORKS)

    assert find(tmp_path).stdout == f"{works}\n"


@pytest.mark.parametrize("folder", [".pyenv", "elsewhere"])
def test_interpreters_under_a_pyenv_folder_are_found_though_not_on_the_path(tmp_path, folder):
    place(tmp_path / "bin" / "python3", TOO_OLD)
    works = place(tmp_path / folder / "versions" / "3.12.7" / "bin" / "python3", WORKS)

    assert find(tmp_path, PYENV_ROOT=str(tmp_path / "elsewhere")).stdout == f"{works}\n"


def test_the_one_that_is_named_goes_first(tmp_path):
    place(tmp_path / "bin" / "python3.13", WORKS)
    named = place(tmp_path / "mine", WORKS)

    assert find(tmp_path, PYTHON=str(named)).stdout == f"{named}\n"


def test_where_there_is_none_it_prints_nothing_and_fails(tmp_path):
    done = find(tmp_path, "99.1")

    assert (done.returncode, done.stdout) == (1, "")


def test_a_real_interpreter_is_asked_for_its_version(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"

    found = find(tmp_path, own, PYTHON=sys.executable).stdout.strip()

    assert Path(found).samefile(sys.executable)
