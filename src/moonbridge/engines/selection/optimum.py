"""The best portfolio, proven, and the same one whoever computes it.

**The published order.** One portfolio is better than another if it has more merit in the first tier; if equal there,
in the second, and so on; if equal in all, the larger sum of draw numbers wins. The draw number of an option is one
more than the first 16 bits of the SHA-256 digest of ``seed/proposal/option`` in UTF-8, so anybody can recompute the
draw from the call's public seed, and neither the order of the file nor the solver decides. Should even these sums be
equal, the next 16 bits of the same digests are added up and compared in the same way, and so on through all 256 bits.
If the call allows a lottery near the line (``lottery_within``), the draw is held among all portfolios whose merit in
the last tier lies at most that much below the best.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.program import Program, Row, Terms, added, compiled
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.search import Found, search
from moonbridge.engines.selection.sentences import source_sentence
from moonbridge.engines.selection.solver import Effort, Engine, LinearPrices, value_of
from moonbridge.engines.selection.stopping import Cancel, Progress, check
from moonbridge.errors import Infeasible, MoonbridgeError, NotProven

EXACT_SPAN: Final = 2**52
"""Solvers take 53-bit numbers: objectives are packed into one only while all differences stay below this."""


DRAW_WORDS: Final = 16
"""How many numbers of 16 bits a digest holds."""


def draw_number(seed: str, proposal: str, option: str, *, word: int = 1) -> int:
    """Return the option's number in the public draw, 1 to 65,536; ``word`` 2 to 16 decides between equal sums."""
    digest = hashlib.sha256(f"{seed}/{proposal}/{option}".encode()).digest()
    return int.from_bytes(digest[2 * word - 2 : 2 * word], "big") + 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One solve: objectives in falling order of importance, packed into one; ``slack`` is what later stages may give up."""

    objectives: tuple[Terms, ...]
    slack: int = 0

    @property
    def weights(self) -> tuple[int, ...]:
        """What one unit of each objective weighs: more than all that follow can amount to."""
        weights = [1]
        for later in reversed(self.objectives[1:]):
            weights.append(weights[-1] * (_span(later) + 1))
        return tuple(reversed(weights))

    @property
    def packed(self) -> Terms:
        """All objectives as one."""
        pairs = zip(self.objectives, self.weights, strict=True)
        return added(*({v: c * weight for v, c in terms.items()} for terms, weight in pairs))

    def bounds(self, found: Found) -> list[int]:
        """Return a number that each objective cannot exceed, given the values of those before."""
        if found.proven and found.values is not None:
            return [value_of(terms, found.values) for terms in self.objectives]
        most = [sum(c for c in terms.values() if c > 0) for terms in self.objectives]
        most[0] = min(most[0], (found.bound + self.weights[0] - 1) // self.weights[0])
        return most


def optimum(
    problem: Problem,
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Result:
    """Return the best portfolio of ``problem`` in the published order.

    With a time limit the result may be unproven: then ``bounds`` says how much better another could be. ``progress``
    is told after each stage (the tiers and the draw, as many together as fit into one search), ``cancelled`` is asked
    whether to stop. Raises :class:`~moonbridge.errors.Infeasible` with a set of rules that no portfolio can keep together
    (``smallest`` says whether that is proven to be a smallest one; none is named where the effort leaves no time for it),
    :class:`~moonbridge.errors.NotProven` if time ran out before any portfolio was found, and
    :class:`~moonbridge.errors.Cancelled`.
    """
    state = _Search(compiled(problem), watched_by(effort, cancelled))
    stages = stages_of(state.program, problem.merit_scale)
    for number, stage in enumerate(stages):
        state.run(stage)
        if progress is not None:
            progress(number + 1, len(stages), "stages")
    state.draw_again()
    return _result(state)


def searched(
    program: Program, stages: Sequence[Stage], *, effort: Effort, hint: Sequence[int], linear: LinearPrices
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the values of the best portfolio in the order of ``stages``, and the most that each tier can have after those before.

    The search begins at ``hint`` if there is one. ``linear`` is the relaxation of the program's rows. Raises Infeasible.
    """
    state = _Search(program, effort, values=tuple(hint), linear=linear)
    for stage in stages:
        state.run(stage)
    state.draw_again()
    return state.values, tuple(state.bounds[: len(program.objectives)])


def watched_by(effort: Effort, cancelled: Cancel | None) -> Effort:
    """Return the effort with ``cancelled`` to ask; raises Cancelled if it says so already."""
    check(cancelled)
    return effort if cancelled is None else replace(effort, cancelled=cancelled)


@dataclass
class _Search:
    """The stages that are done: what they fixed, and the best portfolio so far."""

    program: Program
    effort: Effort
    rows: list[Row] = field(default_factory=list)
    settled: dict[int, int] = field(default_factory=dict)
    bounds: list[int] = field(default_factory=list)
    values: tuple[int, ...] = ()
    proven: bool = True
    alone: bool = False
    linear: LinearPrices | None = None
    engines: set[Engine] = field(default_factory=set)

    def run(self, stage: Stage) -> None:
        """Find the best portfolio of a stage and fix its value for those that follow."""
        packed = stage.packed
        found = search(
            self.program,
            packed,
            self.rows,
            effort=self.effort,
            settled=self.settled,
            hint=self.values,
            linear=self.linear,
        )
        if not (found.values or self.values):
            self.values = _nobody(self.program, found)
        self.engines.add(found.engine)
        self.bounds += stage.bounds(found)
        self.proven, self.alone = self.proven and found.proven, found.alone
        self.values = found.values or self.values
        least = value_of(packed, self.values) - stage.slack
        self.rows.append(Row(packed, low=least))
        # Proven or not, no later stage looks at portfolios below ``least``.
        self.settled |= found.relaxation.settled(least)

    def draw_again(self) -> None:
        """Let further words of the digests decide while portfolios are left that all sums so far call equal."""
        word = 2
        while self.proven and not self.alone and word <= DRAW_WORDS:
            self.run(Stage((_draw(self.program, word),)))
            word += 1


def ranking(program: Program) -> Terms | None:
    """Return the one whole-number objective whose order is the published order; None if no such number is small enough.

    With a lottery near the line there is none either.
    """
    stages = stages_of(program, program.problem.merit_scale)
    return stages[0].packed if len(stages) == 1 else None


def stages_of(program: Program, scale: int) -> list[Stage]:
    """Return the published order as the searches that it takes; objectives are in ``scale``-ths of merit."""
    problem = program.problem
    draw = _draw(program)
    if problem.lottery_within:
        slack = int(problem.lottery_within * scale)
        return [*in_stages(program.objectives[:-1]), Stage((program.objectives[-1],), slack), Stage((draw,))]
    return in_stages([*program.objectives, draw])


def _draw(program: Program, word: int = 1) -> Terms:
    seed = program.problem.seed
    return {variable: draw_number(seed, *key, word=word) for key, variable in program.option_variables.items()}


def in_stages(objectives: Sequence[Terms]) -> list[Stage]:
    """Return objectives in falling order of importance as stages, as many in each as the solvers can hold exactly."""
    stages: list[Stage] = []
    for terms in objectives:
        together = Stage((*stages[-1].objectives, terms)) if stages else None
        if together and _span(together.packed) < EXACT_SPAN:
            stages[-1] = together
        else:
            stages.append(Stage((terms,)))
    return stages


def _span(terms: Terms) -> int:
    return sum(abs(coefficient) for coefficient in terms.values())


def _nobody(program: Program, found: Found) -> tuple[int, ...]:
    """Return the empty portfolio when time ran out and it keeps all rules; else raise what is wrong."""
    problem = program.problem
    if found.infeasible:
        raise _impossible(problem, found.left)
    if not check_choices(problem, {}).feasible:
        raise NotProven("time ran out before any portfolio was found; allow more time", value=None, bound=None)
    return (0,) * program.size


def _impossible(problem: Problem, effort: Effort) -> Infeasible:
    """Return the error that names what stands in the way, as far as that is known within the effort."""
    clash = conflicting(problem, effort=effort)
    sentences = [source_sentence(problem, source) for source in clash.causes]
    if sentences:
        sentence = f"no portfolio can keep all of these together: {'; '.join(sentences)}"
    else:
        sentence = "no portfolio can keep all limits and rules together"
    return Infeasible(sentence, rules=sentences, smallest=clash.smallest)


def _result(search: _Search) -> Result:
    """Build the result; the independent checker has the last word on what the solver returned."""
    problem, engine = search.program.problem, search.effort.engine
    choices = search.program.choices(search.values)
    verdict = check_choices(problem, choices)
    if not verdict.feasible:
        broken = "; ".join(source_sentence(problem, source) for source in verdict.broken)
        raise MoonbridgeError(f"{engine} returned a portfolio that does not keep: {broken}")
    bounds = tuple(Fraction(bound, problem.merit_scale) for bound in search.bounds[: len(problem.tiers)])
    return Result(problem, choices, verdict.values, bounds, search.proven, _solver(engine, search.engines))


def _solver(engine: Engine, engines: set[Engine]) -> str:
    """Return who searched, and who else had the last word in some stage."""
    provers = " and ".join(prover.release for prover in sorted(engines - {engine}))
    name = engine.release if engine.proves else engine.value
    return f"{name}, proven by {provers}" if provers else name
