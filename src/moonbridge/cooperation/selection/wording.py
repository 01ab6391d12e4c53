"""How the names in a problem read on a page: explanations and rules in words, in the reader's language.

Explanations are kept with short stable names. Before one is put into words, its elements, resources, groups and countries get
the names that people know, and the codes of proposals whose fate is nobody else's business are replaced.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import GroupKind, Opportunity
from moonbridge.cooperation.selection.afterwards import HOLDS_A_PLACE
from moonbridge.cooperation.selection.conditions import FIRST_TIME, NEEDED_IS_GONE
from moonbridge.cooperation.selection.levers import WHAT_IF
from moonbridge.cooperation.selection.limits import PLACES, WHOLE_MISSION, Envelope
from moonbridge.cooperation.selection.results import revived
from moonbridge.cooperation.selection.statements import MERIT_SCALE
from moonbridge.engines.selection.problem import Limit, Problem, Synergy, merit_text
from moonbridge.engines.selection.result import Explanation
from moonbridge.engines.selection.rules import EVERYBODY, GroupAmount, GroupCount, GroupPart, GroupShares, Rule
from moonbridge.engines.selection.sentences import Said, rule_sentence, sentences, source_sentence
from moonbridge.engines.selection.words import say
from moonbridge.quantities import COUNT

_OWN_WORDS = frozenset({NEEDED_IS_GONE, HOLDS_A_PLACE, WHAT_IF})
"""Reasons that the stage itself writes into problems; all others are somebody's words and stay as they are."""
_CODES = frozenset({"proposal", "proposals", "others", "displaces", "brings", "merged_into", "merges", "carries"})


def country_name(code: str) -> str:
    """Return the name of a country in the current language; the code where it has none."""
    name = Locale.parse(get_language() or "en", sep="-").territories.get(code.upper())
    return name or code


class Wording:
    """Puts what was found for one opportunity into words, in the current language.

    ``open_codes`` are the proposals that may be named to this reader; None: all.
    """

    def __init__(self, opportunity: Opportunity, open_codes: Collection[str] | None = None) -> None:
        self.opportunity = opportunity
        self.open_codes = open_codes
        self.chinese = (get_language() or "en").startswith("zh")

    @cached_property
    def envelope(self) -> Envelope:
        """The lines of the envelope by their names in problems."""
        return Envelope(self.opportunity.envelope.select_related("element"), ())

    @cached_property
    def elements(self) -> Mapping[str, str]:
        """What the elements are called."""
        offered = self.opportunity.mission.elements.all()
        names = {e.slug: (e.name_zh or e.name) if self.chinese else e.name for e in offered}
        return {WHOLE_MISSION: _("whole mission")} | names

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """What the resources are called."""
        lines = {line.pk: line for line in self.envelope.lines}
        return {name: lines[key].label for key, name in self.envelope.names.items()}

    @cached_property
    def _problem(self) -> Problem:
        """A problem that knows only what amounts are measured in, under the names shown, and how close is equal."""
        kinds = {self.resource(name): kind for name, kind in self.envelope.kinds.items()}
        counted = {self.resource(PLACES + element): COUNT for element in self.elements}
        within = Fraction(self.opportunity.lottery_within, MERIT_SCALE)
        return Problem((), (), resources=kinds | counted, lottery_within=within)

    def resource(self, name: str) -> str:
        """Return what a resource is called."""
        if name.startswith(PLACES):
            return _("places on %(element)s") % {"element": self.element(name.removeprefix(PLACES))}
        return self.resources.get(name, name)

    def element(self, slug: str) -> str:
        """Return what an element is called."""
        return self.elements.get(slug, slug)

    def place(self, element: str, resource: str) -> str:
        """Return what a limit is called: ``Lander · mass``."""
        return (
            self.resource(resource)
            if resource.startswith(PLACES)
            else f"{self.element(element)} · {self.resource(resource)}"
        )

    def amount(self, resource: str, amount: int) -> str:
        """Return an amount of a resource as text with its unit."""
        return self._problem.amount_text(("", self.resource(resource)), amount)

    def group(self, name: str) -> str:
        """Return what a group is called; sentences about everybody name no group, so that one keeps its code."""
        kind, _colon, which = name.partition(":")
        if name == EVERYBODY:
            return name
        if name == FIRST_TIME:
            return _("first-time participants")
        return country_name(which) if kind == GroupKind.COUNTRY else self.element(which)

    def code(self, code: str) -> str:
        """Return the code of a proposal, or words in its place."""
        return code if self.open_codes is None or code in self.open_codes else _("another proposal")

    def explanation(self, data: Mapping[str, Any]) -> str:
        """Return a kept explanation in words; empty where none was kept."""
        return say(self._language, "sentence").join(said.text for said in self.sentences(data))

    def sentences(self, data: Mapping[str, Any]) -> list[Said]:
        """Return a kept explanation sentence by sentence; none where none was kept."""
        if not data:
            return []
        together = (self._beside(told["with"], Fraction(told["worth"])) for told in data.get("together", ()))
        return [*sentences(self._revived(data), self._language), *together]

    def _beside(self, other: str, worth: Fraction) -> Said:
        """Return what it counts that a proposal flies beside another one, which is selected."""
        said = {"other": self.code(other), "worth": merit_text(abs(worth))}
        if worth > 0:
            return Said("together", _("Together with %(other)s, which is selected, it counts %(worth)s more.") % said)
        return Said("together", _("Together with %(other)s, which is selected, it counts %(worth)s less.") % said)

    def together(self, pair: Synergy) -> str:
        """Return what a pair is worth together in words; without numbers to whom not every proposal is open."""
        said = {"first": self.code(pair.first), "second": self.code(pair.second), "worth": merit_text(abs(pair.value))}
        if self.open_codes is not None:
            more, less = (
                _("%(first)s and %(second)s are worth more together"),
                _("%(first)s and %(second)s are worth less together"),
            )
        else:
            more = _("%(first)s and %(second)s are worth %(worth)s more together")
            less = _("%(first)s and %(second)s are worth %(worth)s less together")
        return (more if pair.value > 0 else less) % said

    def stated(self, said: Rule | Synergy) -> str:
        """Return what the panel states in words."""
        return self.together(said) if isinstance(said, Synergy) else self.source(said)

    def source(self, source: Limit | Rule) -> str:
        """Return a limit or a rule in words."""
        return source_sentence(self._problem, replace(source, **self._names(source)), self._language)

    def _names(self, source: Limit | Rule) -> dict[str, Any]:
        return {field.name: self._shown(field.name, getattr(source, field.name)) for field in fields(source)}

    def each(self, rule: GroupCount | GroupShares | GroupAmount | GroupPart) -> str:
        """Return in words what a rule demands of each group of its kind: of each country, of each theme."""
        kind = str(GroupKind(rule.group.partition(":")[0]).label)
        names = self._names(rule) | {"group": _("each %(kind)s") % {"kind": kind}}
        return rule_sentence(self._problem, replace(rule, **names), self._language)

    @property
    def _language(self) -> str:
        return "zh" if self.chinese else "en"

    def _revived(self, data: Mapping[str, Any]) -> Explanation:
        return revived(data, self._problem, self._shown)

    def _shown(self, field: str, value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of name
        if field in _CODES:
            return tuple(map(self.code, value)) if isinstance(value, tuple) else value and self.code(value)
        match field:
            case "element":
                return self.element(value)
            case "resource":
                return value and self.resource(value)
            case "group":
                return self.group(value)
            case "kind":
                return str(GroupKind(value).label)
            case "reason" | "written_reason" if value in _OWN_WORDS:
                return _(value)
            case "written_reason":
                return value.rstrip(".。")  # the sentence around it has a full stop of its own
        return value
