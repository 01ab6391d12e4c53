"""Reviews in, and what their calibration says out: merits and the covariance that ``moonbridge select`` takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from moonbridge.engines.reviewing.calibration import Calibration, Review
from moonbridge.engines.reviewing.outlying import agreement, outliers
from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import rows_of
from moonbridge.formats.tables import csv_bytes
from moonbridge.formats.tables.writing import Value

_DIGITS = 6
_COVARIANCE_DIGITS = 12


def read_reviews(file: str | Path) -> tuple[Review, ...]:
    """Return the reviews of a CSV file with the columns proposal, reviewer, score.

    Raises InputError with file, line and column for what is empty, no number, or given twice.
    """
    columns, rows = rows_of(text_of(Path(file)), str(file))
    for needed in (name for name in Review._fields if name not in columns):
        raise InputError(f"the column {needed!r} is missing", file=str(file), line=1)
    found: dict[tuple[str, str], Review] = {}
    for row in rows:
        pair = (row.text("proposal"), row.text("reviewer"))
        for column in ("proposal", "reviewer"):
            if not row.text(column):
                row.refuse(column, f"a review names its {column}")
        if pair in found:
            row.refuse("reviewer", f"{pair[1]} reviewed {pair[0]} before")
        found[pair] = Review(*pair, float(row.read("score", exact)))
    return tuple(found.values())


def merits_csv(calibration: Calibration) -> bytes:
    """Return merits as CSV: proposal, merit, doubt, raw mean, number of reviews, and the bounds of 95 %.

    ``moonbridge select --scores`` takes its columns proposal and merit.
    """
    header = ("proposal", "merit", "doubt", "raw mean", "reviews", "low", "high")
    return csv_bytes(header, (list(record.values()) for record in merit_records(calibration)))


def covariance_csv(calibration: Calibration) -> bytes:
    """Return the covariance of merits as CSV, as ``moonbridge select --covariance`` takes it."""
    # A negative number begins like a formula, so the cells are written as numbers, not as texts.
    rows: list[list[Value]] = [
        [proposal, *(round(value, _COVARIANCE_DIGITS) for value in values)]
        for proposal, values in zip(calibration.proposals, calibration.covariance.tolist(), strict=True)
    ]
    return csv_bytes(("proposal", *calibration.proposals), rows)


def merit_records(calibration: Calibration) -> Iterator[dict[str, Any]]:
    """Yield what is known of each proposal's merit, as plain data."""
    low, high = calibration.interval()
    numbers = np.round((calibration.merit, calibration.doubt, calibration.raw_mean, low, high), _DIGITS).T.tolist()
    for proposal, count, (merit, doubt, raw, least, most) in zip(
        calibration.proposals, calibration.counts.tolist(), numbers, strict=True
    ):
        yield {
            "proposal": proposal,
            "merit": merit,
            "doubt": doubt,
            "raw_mean": raw,
            "reviews": count,
            "low": least,
            "high": most,
        }


def calibration_data(calibration: Calibration) -> dict[str, Any]:
    """Return everything that a calibration says, as plain data for programs."""
    agreed = agreement(calibration)
    merit, severity, noise = (round(share, _DIGITS) for share in calibration.shares)
    return {
        "level": round(calibration.level, _DIGITS),
        "shares": {"merit": merit, "severity": severity, "noise": noise},
        "agreement": {
            "single": round(agreed.single, _DIGITS),
            "panel": round(agreed.panel, _DIGITS),
            "consistency": round(agreed.consistency, _DIGITS),
            "krippendorff_alpha": None if agreed.alpha is None else round(agreed.alpha, _DIGITS),
        },
        "proposals": list(merit_records(calibration)),
        "reviewers": [
            dict(zip(("reviewer", "severity", "doubt", "noise"), (name, *values), strict=True))
            for name, values in zip(
                calibration.reviewers,
                np.round((calibration.severity, calibration.severity_doubt, calibration.noise), _DIGITS).T.tolist(),
                strict=True,
            )
        ],
        "outlying": [
            one.review._asdict()
            | {"expected": round(one.expected, _DIGITS), "studentised": round(one.studentised, 2), "chance": one.chance}
            for one in outliers(calibration)
        ],
    }
