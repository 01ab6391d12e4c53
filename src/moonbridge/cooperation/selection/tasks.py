"""Jobs: long searches for a portfolio, studies of what if, and the letters to the teams."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.cooperation.selection import actions, mails, notices
from moonbridge.cooperation.selection.models import Outcome, Solve, Study

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name=notices.SOLVE_TASK)
def carry_out(solve: str) -> None:
    """Finish a solve that took too long for a page; one that is finished or cancelled is left alone."""
    held = Solve.objects.filter(pk=solve).first()
    if held is not None:
        actions.carry_out(held)


@app.task(name=notices.STUDY_TASK)
def study(study: str) -> None:
    """Work out what takes longer than a page of the studio; one that is finished or cancelled is left alone."""
    held = Study.objects.filter(pk=study).first()
    if held is not None:
        actions.carry_out_study(held)


@app.task(name=notices.TEAM_TASK, retry=_AGAIN)
def tell_team(outcome: str, event: str) -> None:
    """Mail each member of a team what came of its proposal, in the member's language."""
    held = Outcome.objects.select_related("decision__opportunity__mission", "proposal", "option").get(pk=outcome)
    for letter in mails.letters(held, event):
        letter.send()
