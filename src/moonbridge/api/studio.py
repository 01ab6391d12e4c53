"""The portfolio studio by JSON: try other rules and capacities, and keep what was tried. It decides nothing."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import somebody
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.selection import actions, queries, whatifs
from moonbridge.cooperation.selection.comparisons import Side, sides_of
from moonbridge.cooperation.selection.levers import Dial
from moonbridge.cooperation.selection.models import Scenario
from moonbridge.cooperation.selection.studio import Studio, looked_at
from moonbridge.errors import Refused

router = Router(tags=["selection"])


class Turned(Schema):
    """One number that may be changed, and the rule or limit to which it belongs; amounts are exact text with their unit."""

    name: str
    what: str
    recommended: str
    least: str
    most: str


class WhatIf(Schema):
    """What is changed in a recommendation's problem (the newest, or the decision's, without ``on``).

    ``off`` names rules (and what pairs are worth together) to leave out, ``numbers`` gives dials another amount, ``inside`` and
    ``outside`` hold proposals; with ``along`` and ``reach`` the best portfolio that reaches so much is asked for.
    """

    on: int | None = None
    off: Annotated[list[str], Field(default_factory=list)]
    numbers: Annotated[dict[str, str], Field(default_factory=dict)]
    inside: Annotated[list[str], Field(default_factory=list)]
    outside: Annotated[list[str], Field(default_factory=list)]
    along: str = ""
    reach: int | None = None


class KeptWhatIf(WhatIf):
    """A what-if to be kept under a name."""

    name: str
    note: str = ""


class Portfolio(Schema):
    """A portfolio: which option of which proposal flies, its merit, and what no portfolio can exceed, as exact text."""

    choices: dict[str, str]
    value: str
    bound: str
    proven: bool
    solver: str


class WhatIfAnswer(Schema):
    """What came of a what-if; ``portfolio`` is null where none is possible, or none was found in time.

    ``gain`` is the total merit against the recommendation; ``page`` is where the studio shows it; ``rules`` are the keys that
    ``off`` may name, ``numbers`` the dials, ``measures`` what ``along`` may name.
    """

    recommendation: int
    said: str
    changes: list[str]
    portfolio: Portfolio | None
    gain: str | None
    came_in: list[str]
    went_out: list[str]
    contradictions: list[str]
    page: str
    rules: dict[str, str]
    numbers: list[Turned]
    measures: dict[str, str]


class ScenarioAnswer(Schema):
    """A kept scenario; ``page`` is where the studio shows it again."""

    id: UUID
    name: str
    note: str
    by: str
    at: datetime
    recommendation: int
    changes: list[str]
    portfolio: Portfolio
    page: str


@router.post(
    "/opportunities/{slug}/what-if",
    auth=somebody,
    response=WhatIfAnswer,
    summary="What other rules and capacities would give; for the agency's office, and nothing is stored",
)
def what_if(request: HttpRequest, slug: str, asked: WhatIf) -> dict[str, Any]:
    """Solve a changed problem within a second; a larger call is studied on the studio's page."""
    looked = _looked_at(request, slug, asked)
    found = looked.answer(whatifs.at_once())
    rows = looked.rows(found.result) if found.result else []
    return {
        "recommendation": looked.recommendation.number,
        "said": looked.summary(found),
        "changes": list(looked.told()),
        "portfolio": whatifs.kept(found.result) if found.result else None,
        "gain": str(looked.gain(found.result)) if found.result else None,
        "came_in": [row.code for row in rows if row.moved == "in"],
        "went_out": [row.code for row in rows if row.moved == "out"],
        "contradictions": list(found.causes),
        "page": looked.path,
        "rules": {key: looked.rule_words(key) for key in looked.levers.switches},
        "numbers": [_turned(looked, dial) for dial in looked.levers.dials.values()],
        "measures": {name: looked.measure_label(name) for name in looked.levers.measures},
    }


def _turned(looked: Studio, dial: Dial) -> dict[str, str]:
    amounts = {"recommended": dial.present, "least": dial.low, "most": dial.high}
    return {"name": dial.name, "what": looked.dial_words(dial.name)} | {
        name: dial.text(amount) for name, amount in amounts.items()
    }


def _looked_at(request: HttpRequest, slug: str, asked: WhatIf) -> Studio:
    query = QueryDict(mutable=True)
    query.update(asked.numbers)
    for name, values in (("off", asked.off), ("in", asked.inside), ("out", asked.outside)):
        query.setlist(name, values)
    named = {"on": asked.on, "reach": asked.reach, "along": asked.along or None}
    query.update({name: str(value) for name, value in named.items() if value is not None})
    looked, wrong = looked_at(get_object_or_404(of_office(request.user), slug=slug), query)
    if looked is None or wrong:
        raise wrong or Http404
    return looked


@router.get(
    "/opportunities/{slug}/scenarios",
    auth=somebody,
    response=list[ScenarioAnswer],
    summary="The scenarios that the office has kept; for the agency's office",
)
def scenarios(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Return the kept scenarios of an opportunity of one's own agency, the oldest first; those put aside are left out."""
    opportunity = get_object_or_404(of_office(request.user), slug=slug)
    kept = queries.scenarios_visible_to(request.user).filter(recommendation__opportunity=opportunity, withdrawn_at=None)
    return [_scenario(side, side.scenario) for side in sides_of(kept) if side.scenario]


@router.post(
    "/opportunities/{slug}/scenarios",
    auth=somebody,
    response=ScenarioAnswer,
    summary="Keep a what-if under a name; needs an Idempotency-Key",
)
def keep_scenario(request: HttpRequest, slug: str, asked: KeptWhatIf) -> dict[str, Any]:
    """Keep a scenario; sent twice with the same key it is kept once."""
    looked = _looked_at(request, slug, asked)
    found = looked.answer(whatifs.at_once())
    if found.result is None:
        raise Refused("There is no portfolio to keep yet.")
    user: User = request.auth  # type: ignore[attr-defined]
    kept = actions.keep_scenario(
        looked.recommendation, looked.levers, looked.changes, found.result, name=asked.name, note=asked.note, by=user,
        command=commands.of(request),
    )  # fmt: skip
    [side] = sides_of([kept])
    return _scenario(side, kept)


def _scenario(side: Side, kept: Scenario) -> dict[str, Any]:
    return {
        "id": kept.pk,
        "name": kept.name,
        "note": kept.note,
        "by": kept.by.name,
        "at": kept.at,
        "recommendation": kept.recommendation.number,
        "changes": side.told,
        "portfolio": kept.answer,
        "page": side.studio.path,
    }
