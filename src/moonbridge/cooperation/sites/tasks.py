"""Jobs: studies of places."""

from procrastinate.contrib.django import app

from moonbridge.cooperation.sites import actions, notices
from moonbridge.cooperation.sites.models import Study


@app.task(name=notices.TASK)
def study(study: str) -> None:
    """Work a study out; one that is over or deleted is left alone."""
    held = Study.objects.filter(pk=study).first()
    if held is not None:
        actions.carry_out(held)
