"""Small random calls with every kind of rule, and the best portfolio found by trying all of them."""

import itertools
import random
from fractions import Fraction

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.optimum import draw_number
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal, synergy
from moonbridge.engines.selection.rules import (
    Rule,
    amount_at_least,
    amount_at_most,
    at_least,
    at_most,
    at_most_of,
    include,
    leave_out,
    needs,
    needs_any,
    not_together,
    part_at_least,
    part_at_most,
    partners_at_least,
    partners_at_most,
    shares_at_least,
    shares_at_most,
)

MASS, POWER = ("lander", "mass"), ("rover", "power")
GROUPS = ("country:A", "country:B", "country:C", "theme:dust", "first-time")


def random_call(seed: int, *, most_rules: int = 4) -> Problem:
    draw = random.Random(seed)  # noqa: S311 - a reproducible call, no secret
    ids = [f"P{number}" for number in range(draw.randint(2, 6))]
    proposals = [random_proposal(draw, name) for name in ids]
    if len(ids) > 3 and draw.random() < 0.2:
        joint = Proposal(
            "J", (Option("joint", Fraction(draw.randint(1, 30)), {MASS: draw.randint(1, 8)}),), merges=tuple(ids[:2])
        )
        proposals.append(joint)
    limits = (
        Limit(
            *MASS, capacity=draw.randint(4, 20), per_item=draw.choice((None, None, 6)), reserved=draw.choice((0, 0, 2))
        ),
        Limit(*POWER, capacity=draw.randint(4, 20)),
    )
    pairs = [
        synergy(*draw.sample(ids, 2), Fraction(draw.randint(-12, 12), 2)) for _ in range(draw.choice((0, 0, 1, 2)))
    ]
    rules = tuple(random_rule(draw, ids) for _ in range(draw.randint(0, most_rules)))
    return Problem(limits, tuple(proposals), rules, tuple(pairs), seed=str(seed))


def random_proposal(draw: random.Random, name: str) -> Proposal:
    options = tuple(
        Option(
            label,
            Fraction(draw.randint(-2, 20), draw.choice((1, 2))),
            {MASS: draw.randint(0, 8), POWER: draw.randint(0, 8)},
        )
        for label in ("full", "descoped")[: draw.randint(1, 2)]
    )
    joined = draw.sample(GROUPS, k=draw.randint(0, 3))
    groups = {group: draw.choice((Fraction(1), Fraction(1, 2), Fraction(1, 3))) for group in joined}
    return Proposal(name, options, groups=groups, tier=draw.choice((1, 1, 1, 2)))


def random_rule(draw: random.Random, ids: list[str]) -> Rule:
    group, (first, second) = draw.choice(GROUPS), draw.sample(ids, 2)
    part = Fraction(draw.randint(1, 4), 5)
    return draw.choice(
        (
            at_least(draw.randint(0, 2), group),
            at_most(draw.randint(0, 2), group),
            shares_at_least(Fraction(draw.randint(0, 3), 2), group),
            shares_at_most(Fraction(draw.randint(0, 3), 2), group),
            amount_at_least(draw.randint(0, 4), "mass", group),
            amount_at_most(draw.randint(0, 8), "mass", group),
            part_at_least(part, group),
            part_at_most(part, group),
            part_at_least(part, group, resource="power"),
            part_at_most(part, group, resource="power"),
            partners_at_least(draw.randint(0, 3)),
            partners_at_most(draw.randint(0, 3)),
            not_together(first, second),
            at_most_of(2, *ids),
            needs(first, second),
            needs_any(first, *(other for other in ids if other != first)),
            include(first, reason="flagship"),
            leave_out(first, reason="export control"),
        )
    )


def portfolios(problem: Problem) -> list[dict[str, str]]:
    """Return every portfolio that keeps all limits and rules."""
    versions = [[None, *(option.id for option in proposal.options)] for proposal in problem.proposals]
    every = (
        {p.id: option for p, option in zip(problem.proposals, picks, strict=True) if option is not None}
        for picks in itertools.product(*versions)
    )
    return [choices for choices in every if check_choices(problem, choices).feasible]


def best_of_all(problem: Problem) -> dict[str, str] | None:
    """Return the best portfolio in the published order, by trying all of them; None if there is none."""

    def worth(choices: dict[str, str]) -> tuple[object, ...]:
        drawn = (sum(draw_number(problem.seed, *choice, word=word) for choice in choices.items()) for word in (1, 2, 3))
        return (*check_choices(problem, choices).values, *drawn)

    return max(portfolios(problem), key=worth, default=None)
