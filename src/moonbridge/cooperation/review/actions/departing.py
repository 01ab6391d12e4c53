"""What happens in a review when a proposal no longer stands."""

from django.utils.translation import gettext

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models import Review
from moonbridge.cooperation.review.states import DUE, ReviewState


def drop_out(proposal: Proposal) -> None:
    """Take back the reviews that are owed on a proposal which was withdrawn or merged; those submitted stay, and count no more."""
    owed = Review.objects.select_for_update(of=("self",)).filter(item__proposal=proposal, state__in=sorted(DUE))
    because = gettext("the proposal was withdrawn or merged")
    keys = [review.pk for review in owed.order_by("pk")]
    Review.objects.filter(pk__in=keys).update(state=ReviewState.RELEASED, ended_because=because)
