"""Put work into the queue, in the transaction of what it follows from: no decision without its letters, no letter without its decision."""

from procrastinate.contrib.django import app
from procrastinate.types import JSONValue, TimeDeltaParams

from moonbridge.cooperation.selection.models import Outcome, Solve, Study

SOLVE_TASK = "selection.carry_out"
STUDY_TASK = "selection.study"
TEAM_TASK = "selection.tell_team"
DECIDED, LOST, CALLED_UP, FULFILLED = "decided", "lost", "called-up", "fulfilled"


def carry_on(solve: Solve, *, after: float = 0) -> None:
    """Queue a solve, for the case that it is not finished ``after`` so many seconds; with 0 it begins at once."""
    later: TimeDeltaParams | None = {"seconds": int(after) + 1} if after else None
    app.configure_task(SOLVE_TASK, schedule_in=later).defer(solve=str(solve.pk))


def begin(study: Study) -> None:
    """Queue a study of the studio."""
    app.configure_task(STUDY_TASK).defer(study=str(study.pk))


def tell_team(outcome: Outcome, event: str) -> None:
    """Queue the letter to one team."""
    app.configure_task(TEAM_TASK).defer(outcome=str(outcome.pk), event=event)


def tell_teams(outcomes: list[Outcome], event: str) -> None:
    """Queue the letters to many teams."""
    jobs: list[dict[str, JSONValue]] = [{"outcome": str(outcome.pk), "event": event} for outcome in outcomes]
    app.configure_task(TEAM_TASK).batch_defer(*jobs)
