"""The way from a team's page of its proposal to what it owes to the other teams."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.signposts import Way
from moonbridge.cooperation.review.queries.peers import duty_of_team


def to_duty(user: User, proposal: Proposal) -> Iterator[Way]:
    """Yield the way to the page of the team's peer, where the team sends one."""
    if duty_of_team(user, proposal.pk).exists():
        yield Way(reverse("proposal-peer", args=[proposal.pk]), gettext("Your team reviews others"))
