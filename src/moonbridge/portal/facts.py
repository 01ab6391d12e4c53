"""What is known about things, shaped for a page: each field with its label and its claims side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

from moonbridge.cooperation.programmes.models import Claim, Source
from moonbridge.cooperation.programmes.queries import Known
from moonbridge.formats.catalogue import most_trusted
from moonbridge.portal import labels


@dataclass(frozen=True, slots=True)
class Fact:
    """All claims on one field of one thing, in writing order."""

    field: str
    claims: list[Claim]

    @property
    def label(self) -> str:
        """The field's name in the reader's language."""
        return labels.label(self.field)

    @property
    def best(self) -> Claim | None:
        """The claim to reckon with; None where nothing is known."""
        return most_trusted(self.claims)

    @property
    def disputed(self) -> bool:
        """Whether the claims contradict each other."""
        return any(claim.conflict_id for claim in self.claims)


def facts_of(known: Known) -> list[Fact]:
    """Return the facts in the order of a page, envelopes left out."""
    facts = [Fact(name, claims) for name, claims in known.by_field.items()]
    return sorted(facts, key=lambda fact: labels.ORDER[fact.field])


def envelope_of(known: Known) -> list[Fact]:
    """Return the lines of a call's envelope in writing order; their fields are ``envelope/<element>/<resource>``."""
    names = dict.fromkeys(claim.field for claim in known.claims if claim.field.startswith("envelope/"))
    return [Fact(name, known.claims_on(name)) for name in names]


def sources_of(known: Iterable[Known]) -> list[Source]:
    """Return the sources of all claims and milestones, each once, by title."""
    known = list(known)
    claims = {source for each in known for claim in each.claims for source in claim.sources.all()}
    events = {source for each in known for event in each.milestones for source in event.sources.all()}
    return sorted(claims | events, key=lambda source: source.title)
