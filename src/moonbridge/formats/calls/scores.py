"""Scores in a CSV file: the columns ``proposal`` and ``merit`` (or ``score``), and ``option`` where options score differently."""

from fractions import Fraction
from pathlib import Path

from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import Row, rows_of


def read_scores(file: str | Path, problem: Problem) -> Problem:
    """Return ``problem`` with the merits of a CSV file; nothing is taken over if any row is wrong.

    Raises InputError with file, line and column for an unknown proposal or option, a score given twice, or no number.
    """
    columns, rows = rows_of(text_of(Path(file)), str(file))
    scored = next((name for name in ("merit", "score") if name in columns), None)
    if scored is None or "proposal" not in columns:
        raise InputError("scores need the columns 'proposal' and 'merit'", file=str(file), line=1)
    merits: dict[str, dict[str, Fraction]] = {}
    for row in rows:
        _take(row, scored, problem, merits)
    return problem.with_merits(merits)


def _take(row: Row, scored: str, problem: Problem, merits: dict[str, dict[str, Fraction]]) -> None:
    name, label = row.text("proposal"), row.text("option")
    if name not in problem.by_id:
        row.refuse("proposal", f"there is no proposal {name!r}")
    known = [option.id for option in problem.by_id[name].options]
    if label and label not in known:
        row.refuse("option", f"{name} has no option {label!r}; it has {', '.join(known)}")
    merit = row.read(scored, exact)
    taken = merits.setdefault(name, {})
    for option in [label] if label else known:
        if option in taken:
            row.refuse("proposal", f"the score of {name} ({option}) was given before")
        taken[option] = merit
