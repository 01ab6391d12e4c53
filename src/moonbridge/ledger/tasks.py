"""Jobs: movements go into the log."""

from procrastinate.contrib.django import app

from moonbridge.ledger import log
from moonbridge.ledger.models import Book


@app.periodic(cron="* * * * *")
@app.task(name="ledger.append", queueing_lock="ledger.append", pass_context=False)
def append_movements(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Append what moved to the logs and sign checkpoints, each minute."""
    for book in Book.objects.order_by("pk"):
        log.append_new(book)
