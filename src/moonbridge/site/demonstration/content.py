"""Read the files of the demonstration.

They are YAML and CSV that people write: amounts as text with units, days counted from the day of loading, shares in percent.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

CONTENT = files(__package__) / "content"
PROPOSAL_FILES = (
    "robots", "volatiles-and-geology", "interior", "space-environment", "sky", "technology",
)  # fmt: skip
"""The files of the decided call's proposals, by theme."""


def read(name: str) -> Any:
    """Return what the YAML file ``name`` says, e.g. ``read("decided/story")``."""
    return YAML(typ="safe", pure=True).load((CONTENT / f"{name}.yaml").read_text(encoding="utf-8"))


def decided_proposals() -> Iterator[dict[str, Any]]:
    """Yield the synthetic proposals of the decided call."""
    for name in PROPOSAL_FILES:
        yield from read(f"decided/{name}")


def scores(name: str) -> list[list[str]]:
    """Return the panel's table of the call in the folder ``name``, header first.

    It has a row for each proposal (by its key) and reviewer, and a column for each criterion. The scores are invented: drawn around a
    quality given to each proposal, by reviewers of different severity.
    """
    text = (CONTENT / name / "scores.csv").read_text(encoding="utf-8")
    return list(csv.reader(StringIO(text)))


def marks() -> dict[tuple[str, str], dict[str, str]]:
    """Return what everybody would give every proposal under review, by the keys of proposal and person: marks, expertise and bid.

    Invented like the scores; whoever does not get a proposal never says it.
    """
    text = (CONTENT / "review" / "marks.csv").read_text(encoding="utf-8")
    return {(row.pop("proposal"), row.pop("reviewer")): row for row in csv.DictReader(StringIO(text))}
