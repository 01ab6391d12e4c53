"""Put mails to teams into the queue, in the transaction of what they tell: no receipt without its mail, no mail without its receipt."""

from procrastinate.contrib.django import app

from moonbridge.cooperation.proposals.models import Invitation, Submission

RECEIPT_TASK = "proposals.mail_receipt"
INVITATION_TASK = "proposals.mail_invitation"


def send_receipt(submission: Submission) -> None:
    """Queue the receipt's mail to every member of the team."""
    app.configure_task(RECEIPT_TASK).defer(submission=str(submission.pk))


def send_invitation(invitation: Invitation) -> None:
    """Queue the invitation's mail; the link's secret is made anew from its id when the mail is written, and kept nowhere."""
    app.configure_task(INVITATION_TASK).defer(invitation=str(invitation.pk))
