"""Jobs of the house: what a worker left behind is taken up again."""

from typing import Final

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

MOST_ATTEMPTS: Final = 5
"""After so many workers died over it, a job is given up: it may be what kills them."""


@app.periodic(cron="* * * * *")
@app.task(name="site.take_up", queueing_lock="site.take_up", pass_context=False)
async def take_up(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Begin again what a worker had begun when it was killed, each minute; every job stands being begun twice."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.attempts < MOST_ATTEMPTS:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
