"""How long the proven assignment takes, and against whom; what a floor costs; what calibration gains over raw means.

    python benchmarks/reviewing.py                     assignment at 1,000 x 500 and 5,000 x 2,500, floors, calibration
    python benchmarks/reviewing.py --dense             also all pairs at once at the larger size (2 GB of memory)
    python benchmarks/reviewing.py --panels 200        more simulated panels for calibration
    python benchmarks/reviewing.py --only assignment   or floor, quotas, lottery, calibration
    python benchmarks/reviewing.py --instance FOLDER   total and floor of an instance as github.com/iesl/fair-matching keeps
                                                       them (scores.npy, covs.npy, loads.npy), beside published figures

Panels are drawn from a topic model with institutional conflicts; nothing in them is real. Demand is 3, loads at most 8.
Times are CPU seconds of this process. Rivals in the same run: openreview-matcher's MinMax and FairFlow where that package
is found installed; the plain flow over all pairs (ortools, no pruning, no proof); and taking the best pairs greedily.
"""

import argparse
import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from ortools.graph.python import min_cost_flow

from moonbridge.engines.reviewing.assignment import Effort, assign
from moonbridge.engines.reviewing.calibration import calibrate
from moonbridge.engines.reviewing.floor import assign_fairly
from moonbridge.engines.reviewing.panel import UNIT, Panel, Quota, panel
from moonbridge.engines.reviewing.result import Assignment
from moonbridge.engines.reviewing.sampling import lottery
from moonbridge.engines.reviewing.synthetic import synthetic_panel, synthetic_reviews

BUDGETS = {(1000, 500): 0.5, (5000, 2500): 3.0}
DENSE_BUDGET = 12.0
SEEDS = range(5)
FLOOR_COSTS_AT_MOST = 0.001
"""What the best floor may cost of the greatest total, on panels of topics."""
PUBLISHED_SHAPE = (118, 177)
PUBLISHED = {"the greatest total": 201.885, "the total with the best floor": 201.769, "the best floor": 0.9448}
"""What is known of the published instance of this shape."""


def cpu_seconds[T](work: Callable[[], T]) -> tuple[float, T]:
    """Return how much CPU ``work`` took, and what it returned."""
    begun = time.process_time()
    value = work()
    return time.process_time() - begun, value


def plain_flow(asked: Panel) -> int:
    """Return the greatest total by one flow over all pairs: what a solver's own example does."""
    proposals, reviewers = asked.shape
    rows, columns = np.nonzero(~asked.barred)
    sink = proposals + reviewers
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        rows.astype(np.int32),
        (proposals + columns).astype(np.int32),
        np.ones(len(rows), dtype=np.int64),
        -asked.scores[rows, columns],
    )
    ends = np.arange(reviewers, dtype=np.int32)
    solver.add_arcs_with_capacity_and_unit_cost(
        proposals + ends, np.full(reviewers, sink, dtype=np.int32), asked.most, np.zeros(reviewers, dtype=np.int64)
    )
    supply = np.concatenate((asked.demand, np.zeros(reviewers, dtype=np.int64), [-asked.demand.sum()]))
    solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
    assert solver.solve() == solver.OPTIMAL
    return -int(solver.optimal_cost())


def greedy(asked: Panel) -> tuple[int, int, int]:
    """Return total, worst-served proposal and reviews missing when the best pair that still fits is always taken."""
    need, room = asked.demand.copy(), asked.most.copy()
    served = np.zeros(len(need), dtype=np.int64)
    order = np.argsort(np.where(asked.barred, -1, asked.scores), axis=None)[::-1]
    for cell in order[: np.count_nonzero(~asked.barred)].tolist():
        p, r = divmod(cell, asked.shape[1])
        if need[p] and room[r]:
            need[p] -= 1
            room[r] -= 1
            served[p] += asked.scores[p, r]
        if not room.any() or not need.any():
            break
    return int(served.sum()), int(served.min()), int(need.sum())


def openreview(asked: Panel, solver: str) -> tuple[float, float]:
    """Return total and worst-served proposal of openreview-matcher's ``solver``, from the installed package."""
    solvers = importlib.import_module("matcher.solvers")
    fit = asked.scores / UNIT
    encoder = SimpleNamespace(cost_matrix=-fit, aggregate_score_matrix=fit, constraint_matrix=-1 * asked.barred)
    loads = (asked.least.tolist(), asked.most.tolist(), asked.demand.tolist())
    flow = np.asarray(getattr(solvers, solver)(*loads, encoder).solve())
    served = ((flow if flow.shape == asked.shape else flow.T) * fit).sum(axis=1)
    return float(served.sum()), float(served.min())


def assignments(*, dense: bool) -> None:
    """Measure the greatest total, sparse and dense, against the plain flow and the greedy choice."""
    for (proposals, reviewers), budget in BUDGETS.items():
        spent: dict[str, list[float]] = {"sparse": [], "plain flow": []}
        large = proposals > 1000
        for seed in SEEDS:
            asked = synthetic_panel(proposals, reviewers, seed)
            seconds, found = cpu_seconds(lambda asked=asked: assign(asked))
            assert found.proven
            spent["sparse"].append(seconds)
            if not large:
                seconds, total = cpu_seconds(lambda asked=asked: plain_flow(asked))
                assert total == found.total
                spent["plain flow"].append(seconds)
                seconds, all_pairs = cpu_seconds(lambda asked=asked: assign(asked, effort=Effort(dense=True)))
                assert all_pairs.total == found.total
                spent.setdefault("dense", []).append(seconds)
        if large and dense:
            seconds, all_pairs = cpu_seconds(lambda asked=asked: assign(asked, effort=Effort(dense=True)))
            assert all_pairs.total == found.total
            spent["dense"] = [seconds]
            spent["plain flow"], total = [], plain_flow(asked)
            assert total == found.total
        print(f"\n{proposals} x {reviewers}: the greatest total, proven over all pairs ({found.looked_at} seen)")
        ours = statistics.median(spent["sparse"])
        for name, values in spent.items():
            if values:
                middle = statistics.median(values)
                print(
                    f"  {name:<12} median {middle:7.3f} s   largest {max(values):7.3f} s   {middle / ours:6.2f} x sparse"
                )
        print(f"  budget       sparse {budget} s" + (f", dense {DENSE_BUDGET} s" if large else ""))
        total, worst, missing = greedy(asked)
        print(f"  ours         total {found.total / UNIT:.6f}, worst-served {found.floor / UNIT:.6f}")
        print(f"  greedy       total {total / UNIT:.6f}, worst-served {worst / UNIT:.6f}, {missing} reviews missing")
        peer("MinMax", asked, found)


def peer(name: str, asked: Panel, ours: Assignment) -> None:
    """Print what openreview-matcher reaches, where it is installed."""
    if importlib.util.find_spec("matcher") is None:
        print(f"  {name:<12} openreview-matcher is not installed: ours alone")
        return
    total, worst = openreview(asked, {"MinMax": "MinMaxSolver"}.get(name, name))
    print(f"  {name:<12} total {total:.6f}, worst-served {worst:.6f}")
    assert (ours.total if name == "MinMax" else ours.floor) / UNIT >= (total if name == "MinMax" else worst) - 1e-6


def scarce(proposals: int, reviewers: int, seed: int) -> Panel:
    """Return a panel in which proposals compete for good reviewers: no reviewer is good by chance for all."""
    draw = np.random.default_rng(seed)
    quality = draw.random(reviewers) ** 2
    return panel(draw.random((proposals, reviewers)) ** 3 * quality, demand=3, most=3 * proposals // reviewers + 1)


def floors() -> None:
    """Measure the best floor and what it costs of the greatest total."""
    print("\nThe best floor for the worst-served proposal, and the total at it")
    for seed in (0, 1):
        for shape in ((118, 177), (1000, 500)):
            asked = synthetic_panel(*shape, seed)
            fair, lost = floor_of(f"{shape[0]} x {shape[1]} topics, seed {seed}", asked)
            assert lost <= FLOOR_COSTS_AT_MOST
            peer("FairFlow", asked, fair)
    floor_of("100 x 60 scarce", scarce(100, 60, 0))


def floor_of(name: str, asked: Panel) -> tuple[Assignment, float]:
    """Print the best floor of a panel; return its assignment, and which part of the greatest total it costs."""
    best = assign(asked)
    seconds, fair = cpu_seconds(lambda: assign_fairly(asked, effort=Effort(work=40.0)))
    lost = 1 - fair.total / best.total
    print(
        f"  {name:<26} {seconds:7.2f} s   floor {best.floor / UNIT:.6f} -> {fair.floor / UNIT:.6f} "
        f"(bound {fair.floor_bound / UNIT:.6f})   total {fair.total / UNIT:.6f}, {lost:.4%} below the greatest   "
        f"{'proven' if fair.proven else 'not proven'}"
    )
    return fair, lost


def instance(folder: Path) -> None:
    """Measure an instance that lies in ``folder``, beside what is published of it where its shape says that it is that one."""
    asked = read_instance(folder)
    print(f"\n{asked.shape[0]} proposals x {asked.shape[1]} reviewers of {folder.name}")
    best = assign(asked)
    fair, _ = floor_of("best floor", asked)
    ours = dict(zip(PUBLISHED, (best.total / UNIT, fair.total / UNIT, fair.floor / UNIT), strict=True))
    for name, value in ours.items():
        if asked.shape == PUBLISHED_SHAPE:
            print(f"  {name:<32} ours {value:.6f}   published {PUBLISHED[name]}")
        else:
            print(f"  {name:<32} ours {value:.6f}")
    peer("MinMax", asked, best)
    peer("FairFlow", asked, fair)
    if asked.shape == PUBLISHED_SHAPE:
        assert round(ours["the greatest total"], 3) >= PUBLISHED["the greatest total"]
        assert round(ours["the best floor"], 4) >= PUBLISHED["the best floor"]


def read_instance(folder: Path) -> Panel:
    """Return the panel of an instance: scores of reviewers (rows) and papers, reviews for each paper, most for each reviewer."""
    scores, demand, most = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("scores", "covs", "loads"))
    if scores.shape != (len(most), len(demand)):
        raise SystemExit(f"{folder}: scores are {scores.shape}, not {len(most)} reviewers x {len(demand)} papers.")
    return panel(scores.T.astype(float), demand=demand.astype(np.int64), most=most.astype(np.int64))


def quotas() -> None:
    """Measure quotas that a flow describes, and quotas that cross."""
    print("\n1000 x 500 with quotas: at least one engineer, at most one per country (20 countries)")
    asked = synthetic_panel(1000, 500, 0)
    draw = np.random.default_rng(0)
    countries = draw.integers(20, size=500)
    engineers = Quota("engineers", tuple(np.flatnonzero(draw.random(500) < 0.45).tolist()), low=1)
    each = tuple(Quota(f"country {c}", tuple(np.flatnonzero(countries == c).tolist()), high=1) for c in range(20))
    for name, asked_for in (("engineers", (engineers,)), ("countries", each), ("both", (engineers, *each))):
        seconds, found = cpu_seconds(lambda asked_for=asked_for: assign(replace(asked, quotas=asked_for)))
        print(
            f"  {name:<10} {seconds:7.3f} s   total {found.total / UNIT:.6f}   {'proven' if found.proven else 'open'}"
        )


def lotteries() -> None:
    """Measure lotteries: what a cap on every pair's probability costs."""
    print("\n1000 x 500 drawn at random, no pair likelier than a cap")
    asked = synthetic_panel(1000, 500, 0)
    best = assign(asked).total
    for cap in ("1", "0.75", "0.5", "0.25"):
        seconds, game = cpu_seconds(lambda cap=cap: lottery(asked, cap))
        drawing, _ = cpu_seconds(lambda game=game: game.draw(0))
        print(
            f"  cap {cap:<5} {seconds:6.3f} s, a draw {drawing:6.3f} s   {float(game.expected / best):.4%} of the greatest total"
        )


def calibrations(panels: int) -> None:
    """Print what calibration gains over raw means in rank correlation with the truth."""
    print("\nRank correlation with the true merits, calibrated less raw means (bias in parts of the merits' spread)")
    for noise in (0.5, 1.0):
        for proposals, reviewers, each, count in ((30, 10, 4, panels), (100, 38, 3, panels // 3), (500, 190, 3, 3)):
            gains, inside, seconds = [], [], 0.0
            for bias in (0.0, 0.5, 1.0):
                measured = [_measured((proposals, reviewers, each), seed, bias, noise) for seed in range(max(1, count))]
                gains.append(statistics.fmean(one[0] for one in measured))
                inside.append(statistics.fmean(one[1] for one in measured))
                seconds = statistics.median(one[2] for one in measured)
            print(
                f"  noise {noise}  {proposals:>3} proposals x {each}:   "
                + "   ".join(f"bias {bias}: {gain:+.4f}" for bias, gain in zip((0.0, 0.5, 1.0), gains, strict=True))
                + f"   95 % intervals hold {statistics.fmean(inside):.1%}   {seconds:.3f} s each"
            )


def _measured(size: tuple[int, int, int], seed: int, bias: float, noise: float) -> tuple[float, float, float]:
    """Return the gain in rank correlation, how often the truth lies in its interval, and the CPU seconds."""
    reviews, merit = synthetic_reviews(*size, seed, severity=bias, noise=noise)
    seconds, found = cpu_seconds(lambda: calibrate(reviews))
    truth = merit[[int(name[1:]) - 1 for name in found.proposals]]
    low, high = found.interval()
    gain = _rank_correlation(found.merit, truth) - _rank_correlation(found.raw_mean, truth)
    return gain, float(((low <= truth) & (truth <= high)).mean()), seconds


def _rank_correlation(ones: np.ndarray, others: np.ndarray) -> float:
    ranks = [np.argsort(np.argsort(values)).astype(float) for values in (ones, others)]
    return float(np.corrcoef(*ranks)[0, 1])


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--panels", type=int, default=60)
    parser.add_argument("--only", choices=("assignment", "floor", "quotas", "lottery", "calibration"))
    parser.add_argument("--instance", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    if asked.instance is not None:
        instance(asked.instance)
        return
    parts: dict[str, Callable[[], None]] = {
        "assignment": lambda: assignments(dense=asked.dense),
        "floor": floors,
        "quotas": quotas,
        "lottery": lotteries,
        "calibration": lambda: calibrations(asked.panels),
    }
    for name, part in parts.items():
        if asked.only in {None, name}:
            part()


if __name__ == "__main__":
    main()
