"""``moonbridge assign`` and ``moonbridge calibrate``: who reviews what, and what the scores then say."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moonbridge.errors import Infeasible, InputError

if TYPE_CHECKING:
    from moonbridge.engines.reviewing.calibration import Calibration
    from moonbridge.engines.reviewing.conflicts import Conflict
    from moonbridge.engines.reviewing.panel import Panel, Quota
    from moonbridge.engines.reviewing.people import Known, Reviewer, Submission
    from moonbridge.engines.reviewing.result import Assignment

type _Tell = Callable[[int, int | None, str], None]
"""Takes how much is done, of how much (None: nobody knows), and of what."""

_YEARS = 4
"""The engine's COAUTHOR_YEARS; to import it here would cost as much as to work."""
_QUOTA = re.compile(r"^(?P<group>[\w .-]+?)\s*(?P<sign>>=|<=)\s*(?P<number>[0-9]+)$")


class Aim(StrEnum):
    """What is made as great as possible."""

    TOTAL = "total"
    FLOOR = "floor"


def assign(
    reviewers: Annotated[Path, typer.Argument(help="The reviewers: a CSV file with the column reviewer.")],
    proposals: Annotated[Path, typer.Argument(help="The proposals: a CSV file with the column proposal.")],
    *,
    team: Annotated[Path | None, typer.Option(help="Members of teams, by proposal: conflicts are detected.")] = None,
    conflicts: Annotated[
        Path | None, typer.Option(help="Conflicts declared by reviewers, teams or the office.")
    ] = None,
    parents: Annotated[
        Path | None, typer.Option(help="Parent organisations of institutions, by ROR id: conflicts are detected.")
    ] = None,
    papers: Annotated[Path | None, typer.Option(help="Papers with their authors' ORCID iDs and years.")] = None,
    years: Annotated[int, typer.Option(min=0, help="How many years a paper together makes a conflict.")] = _YEARS,
    teams: Annotated[Path | None, typer.Option(help="Earlier teams with their members.")] = None,
    bids: Annotated[Path | None, typer.Option(help="Bids of reviewers: eager, willing, neutral ...")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="How well pairs fit, 0 to 1, as somebody else computed it.")
    ] = None,
    orders: Annotated[Path | None, typer.Option(help="Pairs that must and must not be.")] = None,
    existing: Annotated[
        Path | None, typer.Option(help="An assignment of which as few pairs as possible are to change.")
    ] = None,
    demand: Annotated[int, typer.Option(min=0, help="Reviews per proposal where the file says nothing.")] = 3,
    least: Annotated[int, typer.Option(min=0, help="Least reviews per reviewer where the file says nothing.")] = 0,
    most: Annotated[int, typer.Option(min=0, help="Most reviews per reviewer where the file says nothing.")] = 8,
    quota: Annotated[
        list[str] | None, typer.Option(help="As in 'engineer>=1' or 'country<=1', on each proposal; repeatable.")
    ] = None,
    aim: Annotated[Aim, typer.Option(help="The greatest total, or first the best for the worst-served proposal.")] = (
        Aim.TOTAL
    ),
    cap: Annotated[str | None, typer.Option(help="Draw at random: no pair is likelier than this, as 0.5.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the draw for --cap.")] = 0,
    likeness: Annotated[str, typer.Option(help="How texts are compared: 'words', or an installed plug-in.")] = "words",
    alternates: Annotated[int, typer.Option(min=0, help="Also name so many who may step in.")] = 0,
    on: Annotated[str | None, typer.Option(help="The date of detection, as 2026-11-21; default: today.")] = None,
    language: Annotated[str, typer.Option(help="The language of explanations: en or zh.")] = "en",
    output: Annotated[Path | None, typer.Option(help="Write the pairs as CSV; replaces an older file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Assign REVIEWERS to PROPOSALS as well as possible within every load, conflict and quota, and prove it."""
    if language not in {"en", "zh"}:
        raise InputError(f"explanations are written in en or zh, not in {language!r}", field="--language")
    if cap is not None and (existing is not None or aim is Aim.FLOOR):
        raise InputError("a draw has the greatest expected total; it goes with no --existing and no --aim floor")
    from moonbridge.formats.reviewing.people import read_reviewers, read_submissions

    given = _Given(
        read_reviewers(reviewers, least=least, most=most),
        read_submissions(proposals, team=team, demand=demand),
        conflicts,
        bids,
        scores,
        orders,
        _Lists(parents, papers, years, teams),
        _day(on),
    )
    try:
        with _followed() as tell:
            tell(0, None, "looking for conflicts")
            found = given.conflicts()
            tell(0, None, "comparing proposals and reviewers")
            panel = given.panel(found, quota or [], likeness)
            tell(0, None, "assigning")
            chosen = _assigned(panel, aim, existing, cap, seed, tell=tell)
    except Infeasible as error:
        if language == "zh" and "sentence_zh" in error.numbers:
            raise Infeasible(error.numbers["sentence_zh"], **error.numbers) from None
        raise
    _tell(chosen, found, alternates, output, as_json=as_json)


def calibrate(
    scores: Annotated[Path, typer.Argument(help="The reviews: a CSV file with the columns proposal, reviewer, score.")],
    *,
    merits: Annotated[Path | None, typer.Option(help="Write merits as CSV, for 'moonbridge select --scores'.")] = None,
    covariance: Annotated[
        Path | None, typer.Option(help="Write their covariance as CSV, for 'moonbridge select --covariance'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say what SCORES tell about proposals once severe and lenient reviewers are allowed for, with the doubt that remains."""
    from moonbridge.engines.reviewing.calibration import calibrate as calibrated
    from moonbridge.formats.reviewing.reviews import calibration_data, covariance_csv, merits_csv, read_reviews

    found = calibrated(read_reviews(scores))
    if merits is not None:
        merits.write_bytes(merits_csv(found))
    if covariance is not None:
        covariance.write_bytes(covariance_csv(found))
    if as_json:
        print(json.dumps(calibration_data(found), ensure_ascii=False, indent=2))
    else:
        _print_calibration(found)


@dataclass(frozen=True, slots=True)
class _Lists:
    """Files by which conflicts are detected, beside what people say of themselves."""

    parents: Path | None
    papers: Path | None
    years: int
    teams: Path | None

    def known(self) -> "Known":
        """Return what the files say."""
        from moonbridge.engines.reviewing.people import Known
        from moonbridge.formats.reviewing.known import read_papers, read_parents, read_teams

        return Known(
            {} if self.parents is None else read_parents(self.parents),
            () if self.papers is None else read_papers(self.papers),
            {} if self.teams is None else read_teams(self.teams),
        )


@dataclass(frozen=True, slots=True)
class _Given:
    """What the files say."""

    reviewers: "tuple[Reviewer, ...]"
    submissions: "tuple[Submission, ...]"
    declared: Path | None
    bids: Path | None
    scores: Path | None
    orders: Path | None
    lists: _Lists
    on: dt.date

    @property
    def names(self) -> tuple[list[str], list[str]]:
        return [one.id for one in self.submissions], [one.id for one in self.reviewers]

    def conflicts(self) -> "tuple[Conflict, ...]":
        """Return what is declared and what is detected."""
        from moonbridge.engines.reviewing.conflicts import Detector
        from moonbridge.formats.reviewing.pairs import read_conflicts

        declared = () if self.declared is None else read_conflicts(self.declared, *self.names)
        detector = Detector(self.on, self.lists.known(), self.lists.years)
        return (*declared, *detector.detect(self.reviewers, self.submissions))

    def panel(self, conflicts: "Sequence[Conflict]", quotas: Sequence[str], likeness: str) -> "Panel":
        """Return what is to be assigned."""
        from moonbridge.engines.reviewing.affinity import affinity, unreadable
        from moonbridge.engines.reviewing.conflicts import barred
        from moonbridge.engines.reviewing.panel import panel
        from moonbridge.formats.reviewing import pairs
        from moonbridge.formats.reviewing.plugins import likeness_named

        proposals, reviewers = self.names
        ordered = {} if self.orders is None else pairs.read_orders(self.orders, proposals, reviewers)
        closed = barred(conflicts, proposals, reviewers) | unreadable(self.submissions, self.reviewers)
        for (proposal, reviewer), must in ordered.items():
            closed[proposals.index(proposal), reviewers.index(reviewer)] |= not must
        return panel(
            affinity(
                self.submissions,
                self.reviewers,
                bids=None if self.bids is None else pairs.read_bids(self.bids, proposals, reviewers),
                scores=None if self.scores is None else pairs.read_fit(self.scores, proposals, reviewers),
                alike=likeness_named(likeness),
            ),
            demand=[one.demand for one in self.submissions],
            least=[one.least for one in self.reviewers],
            most=[one.most for one in self.reviewers],
            barred=closed,
            forced=[(proposals.index(p), reviewers.index(r)) for (p, r), must in ordered.items() if must],
            quotas=[one for text in quotas for one in _quotas(text, self.reviewers)],
            proposals=proposals,
            reviewers=reviewers,
        )


def _day(text: str | None) -> dt.date:
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date; write for example 2026-11-21", field="--on") from None


def _quotas(text: str, reviewers: "Sequence[Reviewer]") -> "tuple[Quota, ...]":
    """Return the quotas that a text such as ``engineer>=1`` or ``country<=1`` means."""
    from moonbridge.engines.reviewing.quotas import BY_EACH, KIND, quotas

    match = _QUOTA.match(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no quota; write for example engineer>=1 or country<=1", field="--quota")
    group, number = match["group"], int(match["number"])
    low, high = (number, None) if match["sign"] == ">=" else (0, number)
    if group in BY_EACH and low:
        raise InputError(f"a quota on {group} says how many of one {group} there are at most", field="--quota")
    by, value = (group, "") if group in BY_EACH else (KIND, group)
    found = quotas(reviewers, by, value, low=low, high=high)
    if value and not found[0].members:
        raise InputError(f"no reviewer is of the kind {group!r}", field="--quota")
    return found


@contextmanager
def _followed() -> Iterator[_Tell]:
    """Show on standard error how far the work is and how long it has taken, where somebody looks at a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of, what: bar.update(task, completed=done, total=of, description=what)


def _assigned(
    panel: "Panel", aim: Aim, existing: Path | None, cap: str | None, seed: int, *, tell: _Tell
) -> "Assignment":
    from moonbridge.engines.reviewing.assignment import Effort
    from moonbridge.engines.reviewing.assignment import assign as assigned
    from moonbridge.engines.reviewing.floor import assign_fairly
    from moonbridge.engines.reviewing.panel import pairs_mask
    from moonbridge.engines.reviewing.sampling import lottery
    from moonbridge.formats.reviewing.pairs import read_assigned

    effort = Effort(progress=lambda done, of, what: tell(done, of, f"assigning: {what}"))
    if cap is not None:
        try:
            return lottery(panel, cap, effort=effort).draw(seed)
        except ValueError:
            raise InputError(f"{cap!r} is not a probability; write for example 0.5", field="--cap") from None
    if existing is None:
        return assign_fairly(panel, effort=effort) if aim is Aim.FLOOR else assigned(panel, effort=effort)
    if aim is Aim.FLOOR:
        raise InputError("as few changes as possible go with the greatest total, not with --aim floor")
    before = pairs_mask(panel, read_assigned(existing, panel.proposals, panel.reviewers))
    return assigned(panel, keep=before, effort=effort)


def _tell(
    chosen: "Assignment", conflicts: "Sequence[Conflict]", alternates: int, output: Path | None, *, as_json: bool
) -> None:
    from moonbridge.formats.reviewing.pairs import assignment_csv, assignment_data

    if output is not None:
        output.write_bytes(assignment_csv(chosen))
    others = chosen.alternates(alternates) if alternates else {}
    if as_json:
        data = assignment_data(chosen, conflicts) | ({"alternates": others} if others else {})
        print(json.dumps(data, ensure_ascii=False, indent=2))
        return
    rows = [
        (proposal, ", ".join(names), *([", ".join(others[proposal])] if others else []))
        for proposal, names in chosen.names().items()
    ]
    _print_table(("proposal", "reviewers", *(["may step in"] if others else [])), rows)
    print("\n" + _headline(chosen, len({(one.proposal, one.reviewer) for one in conflicts})))


def _headline(chosen: "Assignment", conflicts: int) -> str:
    from moonbridge.formats.reviewing.pairs import score_text

    said = f"{int(chosen.chosen.sum())} reviews of {len(chosen.panel.proposals)} proposals, {conflicts} pairs barred by conflicts; "
    said += f"total {score_text(chosen.total)}, worst-served proposal {score_text(chosen.floor)}"
    if chosen.drawn:
        return f"{said}; drawn at random."
    if chosen.proven:
        return f"{said}, proven: nothing is better."
    return f"{said}; no total exceeds {score_text(chosen.bound)}" + (
        "." if chosen.floor_bound is None else f", no worst-served proposal exceeds {score_text(chosen.floor_bound)}."
    )


def _print_calibration(found: "Calibration") -> None:
    from moonbridge.engines.reviewing.outlying import agreement, outliers
    from moonbridge.formats.reviewing.reviews import merit_records

    records = sorted(merit_records(found), key=lambda record: -record["merit"])
    rows = [
        (one["proposal"], *(f"{one[key]:.2f}" for key in ("merit", "doubt", "raw_mean")), str(one["reviews"]))
        for one in records
    ]
    _print_table(("proposal", "merit", "doubt", "raw mean", "reviews"), rows)
    triples = zip(
        found.reviewers, found.severity.tolist(), found.severity_doubt.tolist(), found.noise.tolist(), strict=True
    )
    print()
    _print_table(
        ("reviewer", "severity", "doubt", "noise"),
        [(name, *(f"{value:.2f}" for value in values)) for name, *values in triples],
    )
    merit, severity, noise = (f"{share:.0%}" for share in found.shares)
    agreed = agreement(found)
    alpha = "undefined" if agreed.alpha is None else f"{agreed.alpha:.2f}"
    print(f"\nOf a score's variance, {merit} is merit, {severity} severity and {noise} noise.")
    print(
        f"Agreement: one review {agreed.single:.2f}, a proposal's mean {agreed.panel:.2f}, Krippendorff's alpha {alpha}."
    )
    for one in outliers(found):
        review = one.review
        print(
            f"Look at {review.reviewer} on {review.proposal}: {review.score:g} where {one.expected:.1f} was to be expected "
            f"({one.studentised:+.1f} standard deviations)."
        )


def _print_table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    printed = Table(box=None, header_style="bold", pad_edge=False)
    for name in heading:
        printed.add_column(name, overflow="fold")
    for row in rows:
        printed.add_row(*(escape(str(cell)) for cell in row))
    console = Console(highlight=False)
    (console if console.is_terminal else Console(highlight=False, width=160)).print(printed)
