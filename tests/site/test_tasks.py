"""Jobs of killed workers, in the tables of the real queue."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections

from moonbridge.site.tasks import MOST_ATTEMPTS, take_up

pytestmark = pytest.mark.django_db(transaction=True)


def job_of_a_worker(silent_for: str, attempts: int = 1) -> int:
    """Return the number of a job that a worker had begun when it was last heard of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
            [silent_for],
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts, worker_id)"
            " VALUES ('default', 'selection.study', '{}', 'doing', %s, %s) RETURNING id",
            [attempts, worker],
        )
        return int(cursor.fetchone()[0])


def status(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def taken_up() -> None:
    """Do the task's work in a thread of its own: a browser of other tests may keep a loop running in this one."""

    def work() -> None:
        async_to_sync(take_up.func)(0)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def test_the_job_of_a_killed_worker_is_begun_again() -> None:
    dead, alive = job_of_a_worker("5 minutes"), job_of_a_worker("1 second")
    taken_up()
    assert (status(dead), status(alive)) == ("todo", "doing")


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    job = job_of_a_worker("5 minutes", MOST_ATTEMPTS)
    taken_up()
    assert status(job) == "failed"
