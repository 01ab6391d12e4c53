"""Put mails to followers into the queue, in the transaction of what they tell: no news without its mail, no mail without its news."""

from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from moonbridge.cooperation.opportunities.models import Follow, Opportunity

AMENDED, ANSWERED, CANCELLED, CLOSED, DECIDED = "amended", "answered", "cancelled", "closed", "decided"
TELL_TASK = "opportunities.tell_follower"
CONFIRM_TASK = "opportunities.ask_to_confirm"


def tell(opportunity: Opportunity, event: str, about: str = "") -> None:
    """Queue one mail for each confirmed follower; ``about`` is the id of the amendment or question."""
    followers = Follow.objects.filter(opportunity=opportunity, confirmed_at__isnull=False).values_list("pk", flat=True)
    jobs: list[JSONDict] = [{"follow": str(key), "event": event, "about": about} for key in followers]
    if jobs:
        app.configure_task(TELL_TASK).batch_defer(*jobs)


def ask_to_confirm(follow: Follow) -> None:
    """Queue the mail that asks a stranger to confirm."""
    app.configure_task(CONFIRM_TASK).defer(follow=str(follow.pk))
