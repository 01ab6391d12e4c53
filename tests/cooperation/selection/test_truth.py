"""The stage against trying every portfolio: what reaches the engine through the database is what the call says."""

import itertools
import random
from fractions import Fraction

import pytest

import builders
from cooperation.selection import calls
from moonbridge.cooperation.opportunities.models import PortfolioRule
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Demand, Option
from moonbridge.cooperation.selection import actions
from moonbridge.quantities import MASS, POWER

pytestmark = pytest.mark.django_db

COUNTRIES = ("TH", "EG", "BH")
FULL, SMALL = 1000, 700
"""Worth of the full and of the descoped option, in thousandths."""


def drawn_call(seed: int):
    """Return a closed call and its five proposals as plain numbers: (code, country, score in tenths, kg, W)."""
    draw = random.Random(seed)  # noqa: S311 - a reproducible call, no secret
    draft = builders.opportunity()
    PortfolioRule.objects.create(opportunity=draft, by="country", at_most=1)
    PortfolioRule.objects.create(opportunity=draft, by="element", at_most=3)
    for state in (State.OPEN, State.CLOSED):
        draft.state, draft.published_at = state, draft.deadline
        draft.save(update_fields=["state", "published_at"])
    rows = [
        (f"P-{n}", draw.choice(COUNTRIES), draw.randint(1, 100), draw.randint(2, 12), draw.randint(5, 30))
        for n in range(5)
    ]
    for code, country, _, kg, watts in rows:
        proposal = builders.submitted_proposal(draft, code=code, mass=f"{kg} kg", power=f"{watts} W")
        proposal.participants.update(country=country)
        small = Option.objects.create(
            proposal=proposal,
            name="Small",
            kind="descoped",
            merit_permille=SMALL,
            element=draft.elements.get(),
            position=1,
        )
        for line in draft.envelope.all():
            halved = MASS.parse(f"{kg / 2} kg") if line.resource == "mass" else POWER.parse(f"{watts / 2} W")
            Demand.objects.create(option=small, line=line, amount=halved)
    return draft, rows


def best_by_trying(rows) -> Fraction:
    """Return the best total merit of all portfolios within 20 kg, 10 kg per item, 50 W, one item per country and three in all."""
    best = Fraction(0)
    for choice in itertools.product((None, (FULL, 1), (SMALL, 2)), repeat=len(rows)):
        flying = [
            (row, worth, share) for row, option in zip(rows, choice, strict=True) if option for worth, share in [option]
        ]
        masses = [Fraction(kg, share) for (_, _, _, kg, _), _, share in flying]
        power = sum(Fraction(watts, share) for (_, _, _, _, watts), _, share in flying)
        fits = sum(masses) <= 20 and max(masses, default=0) <= 10 and power <= 50 and len(flying) <= 3
        if fits and len({row[1] for row, _, _ in flying}) == len(flying):
            best = max(best, sum((Fraction(row[2] * worth, 1000) for row, worth, _ in flying), Fraction(0)))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_recommendation_is_as_good_as_the_best_of_all_portfolios(seed) -> None:
    call, rows = drawn_call(seed)
    office = builders.office_of(call.agency)
    calls.bring_scores(call, office, {code: f"{tenths / 10}" for code, _, tenths, _, _ in rows})
    solve = actions.recommend(call, by=office, command=calls.command(), seconds=60)
    assert Fraction(solve.recommendation.result["value"]) == best_by_trying(rows)
