"""Who said it: the sources, the facts that lean on each, and the claims that contradict each other."""

from dataclasses import dataclass
from itertools import groupby

from moonbridge.cooperation.programmes import queries
from moonbridge.cooperation.programmes.models import Claim, Conflict, Milestone, Source
from moonbridge.portal import labels, links


@dataclass(frozen=True, slots=True)
class Leaning:
    """What leans on a source, about one thing."""

    link: links.Link
    claims: list[Claim]
    milestones: list[Milestone]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict, the thing it is about, and its sides."""

    conflict: Conflict
    link: links.Link
    sides: list[Claim]

    @property
    def label(self) -> str:
        """The field about which the claims differ."""
        return labels.label(self.conflict.field)


def leaning_on(source: Source) -> list[Leaning]:
    """Return what leans on ``source``, by thing."""
    claims = list(source.claims.order_by("subject", "position"))
    milestones = list(source.milestones.order_by("subject", "earliest"))
    subjects = dict.fromkeys([claim.subject for claim in claims] + [milestone.subject for milestone in milestones])
    found = links.links_of(subjects)
    stated = {subject: list(group) for subject, group in groupby(claims, key=lambda claim: claim.subject)}
    events = {subject: list(group) for subject, group in groupby(milestones, key=lambda event: event.subject)}
    return [
        Leaning(found[subject], stated.get(subject, []), events.get(subject, []))
        for subject in subjects
        if subject in found
    ]


def disputes() -> list[Dispute]:
    """Return every conflict with its sides."""
    return [Dispute(conflict, links.link(thing), list(conflict.sides.all())) for conflict, thing in queries.conflicts()]
