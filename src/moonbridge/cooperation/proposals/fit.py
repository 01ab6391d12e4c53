"""Does an option fit the envelope? Resource by resource, with the numbers, and in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final

from django.utils.translation import gettext

from moonbridge.cooperation.opportunities.models import Accommodation, EnvelopeLine, Opportunity, Resource
from moonbridge.cooperation.opportunities.terms import box_text
from moonbridge.cooperation.proposals.content import Mode, Option
from moonbridge.quantities import LENGTH, POWER, decimal_text

_PERMILLE: Final = 1000


@dataclass(frozen=True, slots=True)
class LineFit:
    """One resource: how much is asked (None: not stated) of what is offered, in base units of the line."""

    line: EnvelopeLine
    asked: int | None

    @property
    def limit(self) -> int | None:
        """The most that one item may have: the limit per item, or all that is offered where that is less; None is unlimited."""
        stated = [limit for limit in (self.line.per_item, self.line.available) if limit is not None]
        return min(stated, default=None)

    @property
    def over(self) -> int:
        """By how much the limit is exceeded."""
        return 0 if self.asked is None or self.limit is None else max(self.asked - self.limit, 0)

    @property
    def share(self) -> str:
        """The share of all that is offered, in percent with one decimal; empty where nothing is asked or no total is stated."""
        if self.asked is None or not self.line.available:
            return ""
        return decimal_text(Fraction(round(Fraction(self.asked * _PERMILLE, self.line.available)), 10))

    @property
    def text(self) -> str:
        """The line in words: ``12.5 kg asked; at most 10 kg per item, 20 kg in total (62.5 %)``."""
        words = self.line.kind.text
        asked = (
            gettext("not stated") if self.asked is None else gettext("%(amount)s asked") % {"amount": words(self.asked)}
        )
        per_item = self.line.per_item is not None and gettext("at most %(amount)s per item") % {
            "amount": words(self.line.per_item)
        }
        total = self.line.available is not None and gettext("%(amount)s in total") % {
            "amount": words(self.line.available)
        }
        offered = ", ".join(part for part in (per_item, total) if part) or gettext("no limit stated")
        return f"{asked}; {offered} ({self.share} %)" if self.share else f"{asked}; {offered}"

    @property
    def problem(self) -> str:
        """What is too much, in words; empty where it fits."""
        if not self.over:
            return ""
        found = {
            "name": self.line.label,
            "over": self.line.kind.text(self.over),
            "limit": self.line.kind.text(self.limit or 0),
        }
        if self.limit == self.line.per_item:
            return gettext("%(name)s is %(over)s above the limit of %(limit)s per item") % found
        return gettext("%(name)s is %(over)s above all that is offered, %(limit)s") % found


@dataclass(frozen=True, slots=True)
class Fit:
    """How an option stands to the envelope of its element. ``unknown`` says what is not stated yet, ``notes`` what looks odd."""

    lines: tuple[LineFit, ...]
    problems: tuple[str, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool | None:
        """True or False where that is certain, None while something is not stated."""
        if self.problems:
            return False
        return None if self.unknown else True

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        if self.problems:
            return gettext("It does not fit: %(problems)s.") % {"problems": "; ".join(self.problems)}
        if self.unknown:
            return gettext("Nothing is too much so far; still to state: %(unknown)s.") % {
                "unknown": ", ".join(self.unknown)
            }
        return gettext("It fits: every amount is within what is offered.")


def of(option: Option, opportunity: Opportunity) -> Fit:
    """Return how ``option`` fits what ``opportunity`` offers on the option's element (and for the whole mission)."""
    lines = tuple(LineFit(line, option.demands.get(line.pk)) for line in lines_for(option, opportunity))
    room = _room(option, opportunity.accommodations.all())
    problems = [fit.problem for fit in lines if fit.over]
    unknown = [fit.line.label for fit in lines if fit.asked is None]
    if option.element_id is None and len(opportunity.elements.all()) > 1:
        unknown.insert(0, gettext("the element"))
    if room is not None:
        for problem, missing in (_box(option, room), _temperature(option, room)):
            problems += [problem] if problem else []
            unknown += [missing] if missing else []
    return Fit(lines, tuple(problems), tuple(unknown), tuple(_notes(option, lines)))


def lines_for(option: Option, opportunity: Opportunity) -> list[EnvelopeLine]:
    """Return the lines of the envelope that bear on ``option``: its element's, and those of the whole mission."""
    return [line for line in opportunity.envelope.all() if line.element_id in {None, option.element_id}]


def _room(option: Option, rooms: Iterable[Accommodation]) -> Accommodation | None:
    """Return what the element demands of each item, else what the whole mission does."""
    by_element = {room.element_id: room for room in rooms}
    return by_element.get(option.element_id) or by_element.get(None)


def _box(option: Option, room: Accommodation) -> tuple[str, str]:
    """Return (problem, what is not stated) of the box; a box may be turned, so the sides are compared in order of their lengths."""
    offered = sorted(side for side in (room.length_um, room.width_um, room.height_um) if side is not None)
    asked = sorted(side for side in (option.length_um, option.width_um, option.height_um) if side is not None)
    if not offered:
        return "", ""
    if len(asked) < 3:  # noqa: PLR2004 - the three sides of a box
        return "", gettext("the box")
    # Where a side of the room is not stated, it limits nothing: the longest sides of the item may lie along it.
    too_long = [(mine, theirs) for mine, theirs in zip(asked, offered, strict=False) if mine > theirs]
    if not too_long:
        return "", ""
    sides = " × ".join(LENGTH.number(side) for side in reversed(asked))
    most = max(mine - theirs for mine, theirs in too_long)
    found = {"sides": sides, "room": box_text(room), "over": LENGTH.text(most)}
    return gettext(
        "the box, %(sides)s mm, does not go into %(room)s however it is turned (%(over)s too long)"
    ) % found, ""


def _temperature(option: Option, room: Accommodation) -> tuple[str, str]:
    """Return (problem, what is not stated) of the temperatures that the option endures."""
    ends = (
        (room.coldest_centidegree, option.coldest_centidegree, -1, gettext("the lowest temperature")),
        (room.hottest_centidegree, option.hottest_centidegree, 1, gettext("the highest temperature")),
    )
    problems, unknown = [], []
    for wanted, endured, sign, name in ends:
        if wanted is None:
            continue
        if endured is None:
            unknown.append(name)
        elif endured * sign < wanted * sign:
            found = {"wanted": degrees(wanted), "endured": degrees(endured)}
            problems.append(gettext("it must endure %(wanted)s and endures %(endured)s") % found)
    return "; ".join(problems), ", ".join(unknown)


def degrees(centidegrees: int) -> str:
    """Return a temperature in degrees Celsius."""
    return f"{decimal_text(Fraction(centidegrees, 100))} °C"


def _notes(option: Option, lines: Iterable[LineFit]) -> Iterable[str]:
    """Yield where the modes need more power than is asked for."""
    needs = {Resource.POWER_AVERAGE: average_power(option.modes), Resource.POWER_PEAK: peak_power(option.modes)}
    for fit, (resource, need) in product(lines, needs.items()):
        if fit.line.resource == resource and fit.asked is not None and need > fit.asked:
            found = {"name": fit.line.label, "need": POWER.text(need), "asked": POWER.text(fit.asked)}
            yield gettext("%(name)s: the modes need %(need)s, %(asked)s is asked") % found


def average_power(modes: Iterable[Mode]) -> int:
    """Return the mean power in milliwatts over all modes, each weighted with its share of time; rounded up."""
    return -(-sum(mode.power_mw * mode.duty_permille for mode in modes) // _PERMILLE)


def peak_power(modes: Iterable[Mode]) -> int:
    """Return the power in milliwatts of the most demanding mode."""
    return max((mode.power_mw for mode in modes), default=0)
