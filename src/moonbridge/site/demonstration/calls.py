"""Turn what a file says of a call into terms, and carry it through the stage's own actions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from moonbridge.cooperation.opportunities.models import (
    Accommodation,
    Criterion,
    EnvelopeLine,
    PortfolioRule,
    StageDate,
)
from moonbridge.cooperation.opportunities.terms import Terms
from moonbridge.cooperation.programmes.models import Element, Mission
from moonbridge.formats.catalogue.values import parse_box, parse_measure

CENTI = 100
LINE_FIELDS = ("total", "per_item", "margin")


def command(*what: str) -> UUID:
    """Return the id of one command of the demonstration, the same in every run."""
    return uuid5(NAMESPACE_URL, "/".join(("moonbridge:demonstration", *what)))


def days(now: datetime, number: int) -> datetime:
    """Return the end of the day in Beijing, 23:59 there, that many days from ``now``."""
    return (now + timedelta(days=number)).replace(hour=15, minute=59, second=0, microsecond=0)


def terms(call: dict[str, Any], mission: Mission, now: datetime) -> Terms:
    """Return the terms that ``call`` states, with its dates counted from ``now``."""
    elements = {element.kind: element for element in mission.elements.all()}
    offered = {row["on"] for row in call["envelope"]}
    return Terms(
        title=call["title"],
        title_zh=call["title_zh"],
        summary=call["summary"],
        summary_zh=call["summary_zh"],
        eligibility=call["eligibility"],
        eligibility_zh=call["eligibility_zh"],
        deadline=days(now, call["deadline"]),
        deadline_zone=call["zone"],
        elements=tuple(element for kind, element in elements.items() if kind in offered),
        envelope=tuple(line(row, elements) for row in call["envelope"]),
        accommodations=tuple(_accommodation(row, elements) for row in call["accommodations"]),
        criteria=tuple(Criterion(**row) for row in call["criteria"]),
        portfolio_rules=tuple(PortfolioRule(**row) for row in call["rules"]),
        stage_dates=tuple(
            StageDate(stage=row["stage"], promised=days(now, row["promised"]), note=row.get("note", ""))
            for row in call["stage_dates"]
        ),
    )


def line(row: dict[str, Any], elements: dict[str, Element]) -> EnvelopeLine:
    """Return the line of an envelope that ``row`` states."""
    made = EnvelopeLine(
        element=elements[row["on"]], resource=row["resource"], name=row.get("name", ""), unit=row.get("unit", "")
    )
    for name in LINE_FIELDS:
        if name in row:
            setattr(made, name, made.kind.parse(row[name], field=name))
    return made


def with_line(told: Terms, changed: EnvelopeLine) -> Terms:
    """Return the same terms with another line in the place of the one for the same element and resource."""
    same = (changed.element, changed.resource, changed.name)
    return replace(
        told,
        envelope=tuple(changed if (old.element, old.resource, old.name) == same else old for old in told.envelope),
    )


def _accommodation(row: dict[str, Any], elements: dict[str, Element]) -> Accommodation:
    return Accommodation(element=elements[row["on"]], note=row["note"], **room(row))


def room(row: dict[str, Any]) -> dict[str, Any]:
    """Return the sides and temperatures that ``row`` states, as the models keep them."""
    found: dict[str, Any] = {}
    if "box" in row:
        found |= dict(zip(("length_um", "width_um", "height_um"), parse_box(row["box"]).sides, strict=True))
    if "temperature" in row:
        found |= dict(_temperatures(row["temperature"]))
    return found


def _temperatures(text: str) -> Iterator[tuple[str, int]]:
    measure = parse_measure(text)
    for name, degrees in (("coldest_centidegree", measure.low), ("hottest_centidegree", measure.high)):
        if degrees is not None:
            yield name, int(degrees * CENTI)
