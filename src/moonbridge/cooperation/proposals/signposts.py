"""Ways from a team's page of its proposal to what later stages hold for that team."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal


class Way(NamedTuple):
    """The address of a page and what the way to it is called."""

    address: str
    name: str


type Signpost = Callable[[User, Proposal], Iterable[Way]]

_signposts: list[Signpost] = []


def put_up(signpost: Signpost) -> None:
    """Have ``signpost`` asked for each member who opens the page; a stage says so once, when the site starts."""
    if signpost not in _signposts:
        _signposts.append(signpost)


def ways(user: User, proposal: Proposal) -> list[Way]:
    """Return what there is now for ``user``, a member of the team."""
    return [way for signpost in _signposts for way in signpost(user, proposal)]
