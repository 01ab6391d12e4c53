"""What the documentation shows is read, solved and printed as it stands there."""

import io
import re
from contextlib import redirect_stdout
from fractions import Fraction
from pathlib import Path

from moonbridge.engines.selection.optimum import optimum
from moonbridge.formats.calls.read import call_from_text

DOCS = Path(__file__).parents[3] / "docs"


def blocks(page: str, language: str) -> list[str]:
    every = re.findall(r"^```(.*?)\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    return [text for name, text in every if name == language]


def test_the_documented_call_and_its_weights_are_read_and_solved() -> None:
    call, weighting, priorities = blocks("calls.md", "toml")
    problem = call_from_text(f"{call}\n{weighting}\n{priorities}", "toml")
    assert problem.priorities == {1: 2, 2: 1}
    assert problem.weighting is not None
    assert problem.weighting.exponent == Fraction(3, 4)
    assert optimum(problem).selected == ("J1",)


def test_the_documented_table_is_read() -> None:
    (table,) = (block for block in blocks("calls.md", "") if block.startswith("proposal,"))
    assert call_from_text(table, "csv").by_id["A"].groups == {"country:TH": Fraction(1, 2), "first-time": 1}


def test_the_documented_program_runs() -> None:
    (program,) = blocks("library.md", "python")
    with redirect_stdout(io.StringIO()) as printed:
        exec(program, {})  # noqa: S102 - our own documentation
    assert "1 of 2 proposals selected" in printed.getvalue()
    assert "What each country group asked and got" in printed.getvalue()
