"""`moonbridge catalogue check`: one line when all is well, every mistake with its place when not."""

import shutil
import subprocess
import sys
from pathlib import Path

from moonbridge.formats.catalogue import shipped


def moonbridge(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from moonbridge.cli import main; main()", "catalogue", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_shipped_catalogue_is_good() -> None:
    done = moonbridge()
    assert done.returncode == 0
    assert done.stdout.startswith("good: 14 missions, 25 payloads, 8 calls, ")


def test_mistakes_are_listed_with_their_places(tmp_path: Path) -> None:
    folder = shutil.copytree(shipped(), tmp_path / "catalogue")
    file = folder / "svom.yaml"
    lines = file.read_text().splitlines(keepends=True)
    wrong = [index for index, line in enumerate(lines, 1) if "930 kg" in line or "2024-06-22T07:00Z" in line]
    file.write_text("".join(lines).replace("930 kg", "930 km").replace("2024-06-22T07:00Z", "next summer"))
    done = moonbridge(str(folder))
    assert done.returncode == 2
    places = [line.split(", field")[0] for line in done.stderr.splitlines() if line.startswith("svom.yaml")]
    assert places == [f"svom.yaml:{line}" for line in wrong]
    assert done.stderr.startswith("moonbridge: the catalogue has 2 mistakes:")
    assert done.stdout == ""
