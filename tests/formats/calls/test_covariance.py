from pathlib import Path

import numpy as np
import pytest

from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.errors import InputError
from moonbridge.formats.calls.covariance import read_covariance

CALL = Problem((Limit("lander", "mass", 1),), tuple(Proposal(name, (Option("full", 1),)) for name in "ABC"))  # type: ignore[arg-type]


def test_a_covariance_is_put_into_the_order_of_the_call(tmp_path: Path) -> None:
    file = tmp_path / "covariance.csv"
    file.write_text("proposal;C;A\nA;2.5;9\nC;4;2.5\n")
    assert np.array_equal(read_covariance(file, CALL), [[9, 0, 2.5], [0, 0, 0], [2.5, 0, 4]])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,A\nA,1\n", "covariance.csv:1: the first column of a covariance is 'proposal'"),
        ("proposal,X\nX,1\n", "covariance.csv:1: there is no proposal 'x'"),
        ("proposal,A,B\nA,1,0\n", "covariance.csv: the row of 'b' is missing"),
        (
            "proposal,A\nA,1\nA,1\n",
            "covariance.csv:3, field proposal: 'A' is not one of the columns, or was given before",
        ),
        ("proposal,A\nA,much\n", "covariance.csv:2, field a: 'much' is not a number; write for example '8.45'"),
        (
            "proposal,A,B\nA,1,0.5\nB,0.4,1\n",
            "covariance.csv: the covariance is not symmetric: each pair must have one value",
        ),
        (
            "proposal,A,B\nA,1,2\nB,2,1\n",
            "covariance.csv: the covariance has a negative variance in some direction; no review gives such doubts",
        ),
    ],
)
def test_what_is_no_covariance_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "covariance.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_covariance(file, CALL)
    assert caught.value.sentence.removeprefix(f"{tmp_path}/") == sentence
