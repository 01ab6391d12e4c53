"""Put a study into the queue, in the transaction that keeps it."""

from procrastinate.contrib.django import app

from moonbridge.cooperation.sites.models import Study

TASK = "sites.study"


def begin(study: Study) -> None:
    """Queue a study."""
    app.configure_task(TASK).defer(study=str(study.pk))
