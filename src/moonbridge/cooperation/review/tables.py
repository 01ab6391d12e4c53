"""Tables to download of what a panel's pages show."""

from collections.abc import Iterable, Sequence
from typing import Final

from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.review.boards import Line, Load
from moonbridge.cooperation.review.models import Item, Panel
from moonbridge.formats.tables.writing import Value

type Table = tuple[Sequence[str], list[tuple[Value, ...]]]

ITEMS: Final = (
    "place", "code", "title", "reviews", "wanted", "mean", "spread", "technical", "discussion", "not discussed because", "origin",
)  # fmt: skip
PEOPLE: Final = (
    "reviewer", "name", "duty", "assigned", "not begun", "begun", "submitted", "late", "origin",
)  # fmt: skip
MINUTES: Final = (
    "place", "code", "title", "discussion", "not discussed because", "opened", "closed", "consensus", "comment to the team",
    "confidential comment", "recorded by", "left the room", "origin",
)  # fmt: skip
_INSTANT: Final = "%Y-%m-%d %H:%M UTC"


def item_rows(lines: Iterable[Line], panel: Panel) -> Table:
    """Return the items as the desk shows them; empty is what is hidden or not there."""
    return ITEMS, [
        (
            line.place, line.code, line.title, line.given, line.wanted, points(line.mean), points(line.spread),
            "; ".join(line.verdicts), line.state, line.left_out_because, _origin(panel, synthetic=line.synthetic),
        )
        for line in lines
    ]  # fmt: skip


def people_rows(loads: Iterable[Load], panel: Panel) -> Table:
    """Return what each reviewer was given."""
    origin = _origin(panel)
    return PEOPLE, [
        (
            load.seat.label, str(load.seat.user), load.seat.duty, load.assigned, load.untouched, load.begun, load.submitted, load.late,
            origin,
        )
        for load in loads
    ]  # fmt: skip


def minute_rows(items: Iterable[Item], absent: dict[object, list[str]], panel: Panel) -> Table:
    """Return the minutes of a panel's meeting."""
    return MINUTES, [
        (
            place, item.proposal.code, item.proposal.title, item.state, item.left_out_because,
            f"{item.opened_at:{_INSTANT}}" if item.opened_at else None, f"{item.closed_at:{_INSTANT}}" if item.closed_at else None,
            item.consensus, item.to_team, item.confidential, str(item.recorded_by) if item.recorded_by else None,
            "; ".join(absent.get(item.proposal_id, [])), _origin(panel, synthetic=item.proposal.synthetic),
        )
        for place, item in enumerate(items, start=1)
    ]  # fmt: skip


def points(value: float | None) -> str | None:
    """Return points as people read them, to two decimals."""
    return None if value is None else f"{value:.2f}"


def _origin(panel: Panel, *, synthetic: bool = False) -> str:
    """Return a word for what is no real fact."""
    origin = panel.round.opportunity.origin
    return Origin.SYNTHETIC.value if synthetic else "" if origin == Origin.REAL else origin
