"""Everything that reads reviews; each query starts with what the reader may see."""

from moonbridge.cooperation.review.handovers import weighed
from moonbridge.cooperation.review.queries.ranking import Ranking
from moonbridge.cooperation.review.queries.scores import (
    as_rows,
    current_table,
    history,
    newest_tables,
    scores_visible_to,
    standings,
    standings_seen,
    visible_to,
)

__all__ = [
    "Ranking",
    "as_rows",
    "current_table",
    "history",
    "newest_tables",
    "scores_visible_to",
    "standings",
    "standings_seen",
    "visible_to",
    "weighed",
]
