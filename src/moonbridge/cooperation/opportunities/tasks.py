"""Jobs: mails to followers, and the closing of what is due."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.cooperation.opportunities import actions, mails, notices
from moonbridge.cooperation.opportunities.models import Follow

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name=notices.TELL_TASK, retry=_AGAIN)
def tell_follower(follow: str, event: str, about: str) -> None:
    """Mail one follower; one who left meanwhile is not told."""
    if held := _follow(follow):
        mails.news(held, event, about).send()


@app.task(name=notices.CONFIRM_TASK, retry=_AGAIN)
def ask_to_confirm(follow: str) -> None:
    """Mail the question whether the address wants to follow."""
    if held := _follow(follow):
        mails.confirmation(held).send()


@app.periodic(cron="* * * * *")
@app.task(name="opportunities.close_due", queueing_lock="opportunities.close_due", pass_context=False)
def close_due(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Close every opportunity whose deadline is over; each minute, by the database's clock."""
    actions.close_due()


def _follow(key: str) -> Follow | None:
    return Follow.objects.select_related("opportunity").filter(pk=key).first()
