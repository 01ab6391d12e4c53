"""Quotas as people say them: at least one engineer, at most one of each country."""

from collections.abc import Sequence
from typing import Final

from moonbridge.engines.reviewing.panel import Quota
from moonbridge.engines.reviewing.people import Reviewer

KIND: Final = "kind"
BY_EACH: Final = ("country", "institution", "agency")
"""What a quota may count beside kinds; without a value it holds for each that there is."""


def quotas(
    reviewers: Sequence[Reviewer], by: str, value: str = "", *, low: int = 0, high: int | None = None
) -> tuple[Quota, ...]:
    """Return the quotas of each proposal that "``low`` to ``high`` whose ``by`` is ``value``" means among ``reviewers``.

    ``by`` is "kind" or one of :data:`BY_EACH`. Without a ``value`` there is one quota for each value. A value that nobody has makes a
    quota without members, which cannot be kept if ``low`` is above zero.
    """
    groups: dict[str, list[int]] = {value: []} if value else {}
    for position, reviewer in enumerate(reviewers):
        for own in _values(reviewer, by):
            if value in {"", own}:
                groups.setdefault(own, []).append(position)
    return tuple(Quota(name, tuple(members), low, high) for name, members in groups.items())


def _values(reviewer: Reviewer, by: str) -> tuple[str, ...]:
    person = reviewer.person
    if by == KIND:
        return reviewer.kinds
    if by == "institution":
        return tuple(dict.fromkeys((*person.rors, *person.institutions)))[:1]
    return tuple(filter(None, [person.country if by == "country" else person.agency]))
