"""What the studio shows: what may be changed, what came of it, and how that differs from the recommendation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import GroupKind, Opportunity
from moonbridge.cooperation.selection import frontiers, queries, studies, whatifs
from moonbridge.cooperation.selection.boards import Bar, bars_of
from moonbridge.cooperation.selection.levers import LEAST, Changes, Dial, Levers, Query
from moonbridge.cooperation.selection.models import Recommendation, Study
from moonbridge.cooperation.selection.results import Efforts, explained, in_time
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.frontier import Members, Partners, Unused
from moonbridge.engines.selection.problem import Problem, Synergy, merit_text
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import (
    Conflict,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Needs,
    Rule,
)
from moonbridge.engines.selection.sentences import source_sentence
from moonbridge.errors import Infeasible, InputError, NotProven

_LONGEST_NUMBER: Final = 6


@dataclass(frozen=True)
class Answer:
    """What came of a question: a portfolio, proven or not; or why there is none; and the study that works on it or did."""

    result: Result | None = None
    causes: tuple[str, ...] = ()
    impossible: bool = False
    study: Study | None = None

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return self.result is not None and self.result.proven

    @property
    def running(self) -> bool:
        """Whether a study is at work on it."""
        return self.study is not None and self.study.state == SolveState.RUNNING

    @property
    def open(self) -> bool:
        """Whether a study could still find out more."""
        return not self.running and not self.proven and not (self.impossible and self.causes)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a portfolio: what it is called, how much it is, and by how much it differs from the recommendation's."""

    label: str
    value: str
    difference: str = ""
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal in the list: its option here and in the recommendation, and the queries that hold it in, out or let it go."""

    code: str
    title: str
    synthetic: bool
    merit: str
    option: str | None
    before: str | None
    held: str
    hold: str
    let_go: str
    reason: str = ""

    @property
    def moved(self) -> str:
        """Say whether it came in, went out, or flies another option than in the recommendation."""
        if self.option == self.before:
            return ""
        return "out" if self.option is None else "in" if self.before is None else "other"


@dataclass(frozen=True)
class LeverRow:
    """One rule, synergy or limit with its dials as they are turned now."""

    key: str
    words: str
    off: bool
    dials: list[tuple[Dial, str, int]]
    rule: Rule | Synergy | None = None
    price: Fraction | None = None

    @property
    def changed(self) -> bool:
        """Whether it differs from the recommendation."""
        return self.off or any(dial.present != now for dial, _label, now in self.dials)

    @property
    def price_text(self) -> str:
        """What leaving it out is worth; empty where it is not known."""
        return "" if self.price is None else signed(self.price)


def signed(amount: Fraction) -> str:
    """Return a merit with its sign; a plain 0 where nothing differs."""
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{merit_text(abs(amount))}"


class Studio:
    """One look into the studio: a recommendation, what is changed in its problem, and what came of it."""

    def __init__(
        self, recommendation: Recommendation, levers: Levers, changes: Changes, *, wording: Wording | None = None
    ) -> None:
        self.recommendation, self.levers, self.changes = recommendation, levers, changes
        self.opportunity = recommendation.opportunity
        self.wording = wording or Wording(self.opportunity)

    @cached_property
    def problem(self) -> Problem:
        """The problem as changed."""
        return self.levers.changed(self.changes)

    @cached_property
    def before(self) -> Result:
        """The recommended portfolio."""
        found = self.recommendation.result
        data = {"bound": found.get("bound", found["value"]), "proven": True} | {
            name: found[name] for name in ("choices", "value", "solver")
        }
        return whatifs.revived(self.levers.problem, data)

    def query(self, changes: Changes | None = None) -> str:
        """Return the query that shows these changes (the present ones without)."""
        return self.levers.query(self.changes if changes is None else changes, on=self.recommendation.number)

    @property
    def path(self) -> str:
        """Where the page is found that shows this."""
        return f"{reverse('selection-studio', args=[self.opportunity.slug])}?{self.query()}"

    # --- the answer ---

    def answer(self, effort: Efforts) -> Answer:
        """Return what comes of the changes: known already, or worked out in time, or why it is not known."""
        if not self.changes.anything:
            return Answer(self.before)
        study = studies.known(self.recommendation, self.problem, studies.PORTFOLIO).first()
        if study is not None and study.answer is not None:
            return Answer(whatifs.revived(self.problem, study.answer), study=study)
        if study is not None and study.refusal and study.refusal["code"] == Infeasible.code:
            return Answer(impossible=True, causes=self._causes(study.refusal["numbers"]["rules"]), study=study)
        try:
            return Answer(whatifs.answered(self.problem, effort), study=study)
        except Infeasible as error:
            return Answer(impossible=True, causes=self._causes(error.numbers["rules"]), study=study)
        except NotProven:
            return Answer(study=study)

    def _causes(self, sentences: list[str]) -> tuple[str, ...]:
        """Return the conflicting rules and limits in the reader's words."""
        sources = {source_sentence(self.problem, s): s for s in (*self.problem.limits, *self.problem.rules)}
        return tuple(self.wording.source(sources[said]) if said in sources else said for said in sentences)

    def summary(self, answer: Answer) -> str:
        """Return in one or two sentences what came of the changes, for whoever hears the page."""
        if answer.impossible:
            return _("No portfolio can keep all of this together.")
        if answer.result is None:
            return _("This is not worked out yet.")
        if not self.changes.anything:
            return _("This is recommendation %(number)s.") % {"number": self.recommendation.number}
        moved = [row for row in self.rows(answer.result) if row.moved]
        came_in = ", ".join(row.code for row in moved if row.moved == "in") or "–"
        went_out = ", ".join(row.code for row in moved if row.moved == "out") or "–"
        said = _("Total merit %(value)s (%(difference)s). In: %(in)s. Out: %(out)s.") % {
            "value": merit_text(answer.result.value), "difference": signed(self.gain(answer.result)),
            "in": came_in, "out": went_out,
        }  # fmt: skip
        return said if answer.proven else f"{said} {whatifs.gap_words(answer.result)}"

    def gain(self, result: Result) -> Fraction:
        """Return how much more merit a portfolio has than the recommended one: from the best to the best, not between drawn ones."""
        return whatifs.best(result) - whatifs.best(self.before)

    def figures(self, result: Result) -> list[Figure]:
        """Return the numbers of a portfolio, each against the recommendation's."""
        gain, more = self.gain(result), len(result.choices) - len(self.before.choices)
        found = [
            Figure(_("total merit"), merit_text(result.value), signed(gain) if gain else "", gain > 0 if gain else None),
            Figure(
                _("of %(total)s proposals selected") % {"total": len(self.problem.proposals)},
                str(len(result.choices)), _difference(more), more > 0 if more else None,
            ),
        ]  # fmt: skip
        breadths = (name for name, measure in self.levers.measures.items() if not isinstance(measure, Unused))
        return found + [self._breadth(name, result) for name in breadths]

    def _breadth(self, name: str, result: Result) -> Figure:
        measure = self.levers.measures[name]
        now = frontiers.reached(self.problem, measure, result.choices)
        more = now - frontiers.reached(self.levers.problem, measure, self.before.choices)
        return Figure(self.measure_label(name), str(now), _difference(more), more > 0 if more else None)

    def measure_label(self, name: str) -> str:
        """Return what a measure is called."""
        match self.levers.measures[name]:
            case Partners(kind=GroupKind.COUNTRY.value):
                return _("countries taking part")
            case Partners(kind=GroupKind.INSTITUTION.value):
                return _("institutions taking part")
            case Partners():
                return _("themes")
            case Members():
                return _("first-time participants")
            case Unused() as unused:
                place = self.wording.place(unused.element, unused.resource)
                return _("left of %(limit)s") % {"limit": place}

    def bars(self, result: Result) -> list[Bar]:
        """Return the bars of a portfolio against the limits as changed."""
        return bars_of(result, self.wording)

    def rows(self, result: Result) -> list[Row]:
        """Return every proposal, the highest merit first; with its reason where the portfolio is the recommended one."""
        proposals = sorted(
            self.levers.problem.proposals, key=lambda one: (-max(option.merit for option in one.options), one.id)
        )
        explained = {} if self.changes.anything else self.recommendation.result["explanations"]
        return [
            Row(
                one.id, one.title, one.synthetic, merit_text(max(option.merit for option in one.options)),
                result.choices.get(one.id), self.before.choices.get(one.id), self._held(one.id),
                self.query(self.changes.holding(one.id, inside=one.id not in result.choices)),
                self.query(self.changes.holding(one.id, inside=None)),
                self.wording.explanation(explained.get(one.id, {})),
            )
            for one in proposals
        ]  # fmt: skip

    def _held(self, code: str) -> str:
        return "in" if code in self.changes.inside else "out" if code in self.changes.outside else ""

    def why(self, result: Result, code: str, effort: Efforts) -> str:
        """Return why a proposal is in or out of a proven portfolio; raises NotProven when time ran out."""
        if not self.changes.anything:
            return self.wording.explanation(self.recommendation.result["explanations"][code])
        with in_time():
            return self.wording.explanation(explained(result, code, effort=effort()))

    # --- the levers ---

    def capacities(self) -> list[LeverRow]:
        """Return the limits with their dials."""
        return [
            LeverRow(key, self.wording.place(limit.element, limit.resource), off=False, dials=self._dials(key, ""))
            for key, limit in self.levers.limits.items()
        ]

    def rules(self, prices: Mapping[str, Fraction | None]) -> dict[str, list[LeverRow]]:
        """Return the rules with their dials: those of the call, those between proposals, and what the office forced."""
        groups: dict[str, list[LeverRow]] = {"call": [], "between": [], "forced": []}
        for key, (rule, *_others) in self.levers.rules.items():
            kind = "forced" if isinstance(rule, Fixed) else "between" if isinstance(rule, Conflict | Needs) else "call"
            off = key in self.changes.off
            groups[kind].append(LeverRow(key, self.rule_words(key), off, self._dials(key, "-"), rule, prices.get(key)))
        for key, pair in self.levers.synergies.items():
            off = key in self.changes.off
            groups["between"].append(LeverRow(key, self.rule_words(key), off, [], pair, prices.get(key)))
        return groups

    def rule_words(self, key: str) -> str:
        """Return a rule in words, a family in one sentence; or what a pair is worth together."""
        if key in self.levers.synergies:
            return self.wording.together(self.levers.synergies[key])
        rule, *others = self.levers.rules[key]
        if others and isinstance(rule, GroupCount | GroupShares | GroupAmount | GroupPart):
            return self.wording.each(rule)
        return self.wording.source(rule)

    def _dials(self, key: str, dash: str) -> list[tuple[Dial, str, int]]:
        names = [name for name in self.levers.dials if name == key or (dash and name.startswith(f"{key}{dash}"))]
        return [
            (self.levers.dials[n], _side(n), self.changes.turned.get(n, self.levers.dials[n].present)) for n in names
        ]

    def dial_words(self, name: str) -> str:
        """Return to what a dial belongs, in words."""
        key = name.partition("-")[0]
        limit = self.levers.limits.get(key)
        return self.wording.place(limit.element, limit.resource) if limit else self.rule_words(key)

    def told(self) -> Iterator[str]:
        """Yield in words what is changed."""
        for key in self.changes.off:
            yield _("without: %(rule)s") % {"rule": self.rule_words(key)}
        for name, amount in self.changes.turned.items():
            dial = self.levers.dials[name]
            said = {
                "now": dial.text(amount),
                "before": dial.text(dial.present),
                "what": self.dial_words(name),
                "side": _side(name),
            }
            if said["side"]:
                yield _("%(side)s %(now)s instead of %(before)s in: %(what)s") % said
            else:
                yield _("%(what)s: %(now)s instead of %(before)s") % said
        for code in self.changes.inside:
            yield _("%(code)s held in") % {"code": code}
        for code in self.changes.outside:
            yield _("%(code)s held out") % {"code": code}
        if self.changes.reach is not None:
            yield _("%(measure)s: at least %(reach)s") % {
                "measure": self.measure_label(self.changes.along),
                "reach": self.measured(self.changes.along, self.changes.reach),
            }

    def measured(self, name: str, amount: int) -> str:
        """Return an amount of a measure as text."""
        measure = self.levers.measures[name]
        return self.wording.amount(measure.resource, amount) if isinstance(measure, Unused) else str(amount)


def looked_at(opportunity: Opportunity, query: Query) -> tuple[Studio | None, InputError | None]:
    """Return what a query asks to see (None without any recommendation), and what of it cannot be read.

    Where something cannot be read, the recommendation is shown as it is.
    """
    try:
        named = (query.getlist("on") or [""])[-1]
        return _looked_at(_recommendation(opportunity, named), query), None
    except InputError as error:
        return _looked_at(queries.studied_first(opportunity), QueryDict()), error


def _looked_at(recommendation: Recommendation | None, query: Query) -> Studio | None:
    if recommendation is None:
        return None
    levers = Levers(queries.problem_of(recommendation))
    return Studio(recommendation, levers, levers.read(query))


def _recommendation(opportunity: Opportunity, named: str) -> Recommendation | None:
    """Return the recommendation with this number; without one that of the decision, else the newest."""
    if not named:
        return queries.studied_first(opportunity)
    readable = named.isascii() and named.isdigit() and len(named) <= _LONGEST_NUMBER
    found = queries.studied(opportunity).filter(number=int(named)).first() if readable else None
    if found is None:
        raise InputError(_("There is no recommendation “%(number)s” here.") % {"number": named[:20]}, field="on")
    return found


def _difference(more: int) -> str:
    return f"{'+' if more > 0 else '−'}{abs(more)}" if more else ""


def _side(name: str) -> str:
    _key, dash, side = name.partition("-")
    return "" if not dash else _("at least") if side == LEAST else _("at most")
