"""What the documentation and the examples show runs as it is shown."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def output(*command: object) -> str:
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def test_the_example_explains_who_is_left_between_two_proposals() -> None:
    shown = output(ROOT / "examples" / "review.py")
    assert shown.count("proven: True") == 2
    assert "Proposals 2 and 3 need 2 reviews in all, but have one non-conflicted reviewer between them (5)" in shown


def test_the_code_in_the_documentation_runs() -> None:
    text = (ROOT / "docs" / "reviewing.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "2800000 True" in output("-c", code)
