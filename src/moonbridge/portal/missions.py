"""A mission's page: the payloads' masses against the envelope, and the timeline."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

from moonbridge.cooperation.programmes.models import Standing
from moonbridge.cooperation.programmes.queries import Item, Known, MissionPage, offered_masses
from moonbridge.portal import labels, links
from moonbridge.portal.calls import WHOLE_MISSION
from moonbridge.portal.facts import facts_of
from moonbridge.quantities import MASS


@dataclass(frozen=True, slots=True)
class MassBar:
    """The known masses of payloads against what calls offer on one element, in milligrams."""

    label: str
    pieces: list[tuple[str, int]]
    offered: int
    unknown: int

    @property
    def text(self) -> str:
        """The bar in words; payloads of unknown mass are counted, not guessed."""
        used = sum(amount for _name, amount in self.pieces)
        known = gettext("%(used)s of %(offered)s") % {"used": MASS.text(used), "offered": MASS.text(self.offered)}
        if not self.unknown:
            return known
        more = ngettext("and %(n)s payload of unknown mass", "and %(n)s payloads of unknown mass", self.unknown)
        return f"{known} {more % {'n': self.unknown}}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something on a timeline; ``tone`` tells what has happened from what lies ahead."""

    earliest: date
    when: str
    what: str
    note: str
    tone: str


def mass_bars(page: MissionPage) -> list[MassBar]:
    """Return a bar for each element on which a call offers a known mass in total.

    One bar for the whole mission is returned instead where a call offers it as a whole, and where the host of a payload is not
    known: it cannot be said then which element is how full.
    """
    offered: dict[str, int] = {}
    for call in page.calls:
        offered |= offered_masses(call.known)
    riding = [payload for payload in page.payloads if payload.entry.standing != Standing.LOST]
    if WHOLE_MISSION in offered:
        return [_bar(gettext("the whole mission"), riding, offered[WHOLE_MISSION])]
    if offered and any(payload.entry.element_id is None for payload in riding):
        return [_bar(gettext("all elements together"), riding, sum(offered.values()))]
    return [
        _bar(
            links.name_of(element),
            [each for each in riding if each.entry.element_id == element.pk],
            offered[element.slug],
        )
        for element, _known in page.elements
        if element.slug in offered
    ]


def _bar(label: str, payloads: Iterable[Item], offered: int) -> MassBar:
    masses = [(links.name_of(payload.entry), payload.known.amount("mass")) for payload in payloads]
    pieces = [(name, amount) for name, amount in masses if amount is not None]
    return MassBar(label, pieces, offered, len(masses) - len(pieces))


def timeline(page: MissionPage, today: date) -> list[Event]:
    """Return the dates of the mission and the milestones of everything on it, in order."""
    events = [*_dates(page.known, today), *_milestones("", page.known, today)]
    for element, known in page.elements:
        events += _milestones(links.name_of(element), known, today)
    for item in [*page.payloads, *page.calls]:
        events += _milestones(links.name_of(item.entry), item.known, today)
    return sorted(events, key=lambda event: event.earliest)


def _dates(known: Known, today: date) -> Iterator[Event]:
    for fact in facts_of(known):
        claim = fact.best
        if claim and claim.earliest and claim.latest:
            tone = _tone(claim.latest, today)
            yield Event(claim.earliest, labels.date_words(claim.text), fact.label, claim.note, tone)


def _milestones(title: str, known: Known, today: date) -> Iterator[Event]:
    for milestone in known.milestones:
        what = f"{title}: {milestone.what}" if title else milestone.what
        when, tone = labels.date_words(milestone.date_text), _tone(milestone.latest, today)
        yield Event(milestone.earliest, when, what, milestone.note, tone)


def _tone(latest: date, today: date) -> str:
    return "done" if latest < today else "ahead"
