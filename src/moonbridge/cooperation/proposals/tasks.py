"""Jobs: mails to teams."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.cooperation.proposals import mails, notices
from moonbridge.cooperation.proposals.models import Invitation, Submission

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name=notices.RECEIPT_TASK, retry=_AGAIN)
def mail_receipt(submission: str) -> None:
    """Mail a receipt to every member of the team, each in their language."""
    found = Submission.objects.select_related("proposal__opportunity").get(pk=submission)
    for mail in mails.receipts(found):
        mail.send()


@app.task(name=notices.INVITATION_TASK, retry=_AGAIN)
def mail_invitation(invitation: str) -> None:
    """Mail an invitation, unless it was used or revoked meanwhile."""
    found = Invitation.objects.select_related("proposal__opportunity", "invited_by").get(pk=invitation)
    if found.used_by_id is None and found.revoked_at is None:
        mails.invitation(found).send()
