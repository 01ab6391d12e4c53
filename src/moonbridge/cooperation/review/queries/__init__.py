"""Everything that reads reviews; each query starts with what the reader may see."""

from moonbridge.cooperation.review.queries.scores import (
    as_rows,
    calibrated_merits,
    current_table,
    history,
    newest_tables,
    scores_visible_to,
    standings,
    standings_seen,
    tied_to,
    visible_to,
    weighed,
)

__all__ = [
    "as_rows",
    "calibrated_merits",
    "current_table",
    "history",
    "newest_tables",
    "scores_visible_to",
    "standings",
    "standings_seen",
    "tied_to",
    "visible_to",
    "weighed",
]
