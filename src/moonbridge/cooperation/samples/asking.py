"""What a request says, as plain data: read, compared, written back, checked for what is missing, and whether it fits."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from moonbridge.cooperation.samples.models import Disposition, Request
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.engines.lending.balance import Disposition as EngineDisposition
from moonbridge.engines.lending.fit import Hindrance, Reason, Stock, Wish, hindrances
from moonbridge.engines.lending.policy import Policy, Purpose, Unit
from moonbridge.engines.lending.standing import Debt
from moonbridge.quantities import SAMPLE_MASS

TEXTS: Final = (
    "title", "purpose", "institution", "country", "hypothesis", "technique", "destructive", "justification", "team",
    "facilities", "funding", "restrictions", "unread",
)  # fmt: skip
"""The columns of a request that its form holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a draft: nanograms asked (None: the whole piece, or nothing yet), the least that makes sense, and what becomes of it."""

    split: UUID
    mass_ng: int | None = None
    least_ng: int | None = None
    disposition: str = Disposition.INTACT


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a request says."""

    texts: Mapping[str, Any]
    lines: tuple[Line, ...]


def read(request: Request) -> Draft:
    """Return what the request says now."""
    lines = (Line(row.split_id, row.mass_ng, row.least_ng, row.disposition) for row in request.lines.all())
    return Draft({name: getattr(request, name) for name in TEXTS}, tuple(lines))


def as_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as JSON: the content of a command."""
    return {"texts": dict(draft.texts), "lines": [asdict(line) | {"split": str(line.split)} for line in draft.lines]}


def differences(before: Draft, after: Draft) -> dict[str, tuple[Any, Any]]:
    """Return what differs, part by part, as JSON."""
    old, new = as_json(before), as_json(after)
    changed = {name: (old["texts"][name], text) for name, text in new["texts"].items() if old["texts"][name] != text}
    return changed | ({"lines": (old["lines"], new["lines"])} if old["lines"] != new["lines"] else {})


def write(request: Request, draft: Draft) -> None:
    """Make the locked request say what the draft says; lines that it does not name are taken off, unknown ones are passed over."""
    for name, value in draft.texts.items():
        setattr(request, name, value)
    request.save(update_fields=list(draft.texts))
    wanted = {line.split: line for line in draft.lines}
    for row in request.lines.all():
        line = wanted.get(row.split_id)
        if line is None:
            row.delete()
        else:
            row.mass_ng, row.least_ng, row.disposition = line.mass_ng, line.least_ng, line.disposition
            row.save(update_fields=["mass_ng", "least_ng", "disposition"])


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that stands between a draft and its submission, and the section of the form where it belongs."""

    section: str
    sentence: str


_NEEDED: Final = {
    "title": ("about", gettext_noop("Give the request a title.")),
    "hypothesis": ("about", gettext_noop("Say what you want to find out.")),
    "technique": ("about", gettext_noop("Say how you want to find it out.")),
    "institution": ("team", gettext_noop("Name the institution that borrows.")),
    "country": ("team", gettext_noop("Name the country of the institution.")),
    "team": ("team", gettext_noop("Name who will touch the samples.")),
    "facilities": ("team", gettext_noop("Describe where the samples will be kept and used.")),
    "funding": ("declarations", gettext_noop("Say who pays for the work.")),
    "restrictions": ("declarations", gettext_noop("Say which laws or rules restrict the cooperation, or that there are none.")),
}  # fmt: skip


def missing(draft: Draft) -> list[Missing]:
    """Return what is still missing, in the order of the form."""
    found = [Missing(place, _(said)) for name, (place, said) in _NEEDED.items() if not str(draft.texts[name]).strip()]
    destroys = any(line.disposition == Disposition.CONSUME for line in draft.lines)
    if (draft.texts["destructive"] or destroys) and not draft.texts["justification"].strip():
        found.append(Missing("about", _("Say why it cannot be done without destroying material.")))
    if destroys and not draft.texts["destructive"]:
        found.append(Missing("about", _("You ask to use material up: declare the work as destructive.")))
    if draft.texts["unread"]:
        found.append(Missing("lines", _("Something that you typed cannot be read yet.")))
    return found


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a request fits, with every reason why not, and what is available of each split (nanograms, by its id)."""

    hindrances: tuple[Hindrance, ...]
    available: Mapping[UUID, int]

    @property
    def fits(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.hindrances

    def sentences(self) -> list[str]:
        """Return every reason in words."""
        return [sentence(one) for one in self.hindrances]


def fit_of(request: Request, policy: Policy, debts: Iterable[Debt] = (), draft: Draft | None = None) -> Fit:
    """Return whether the request, or what its form says meanwhile, fits under the policy; ``debts`` are what makes delinquent."""
    draft = draft or read(request)
    splits = [row.split for row in request.lines.select_related("split__collection__book")]
    found = stocks(splits)
    wishes = [_wish(line, found[line.split], policy) for line in draft.lines if line.split in found]
    purpose = Purpose(str(draft.texts["purpose"]))
    return Fit(
        hindrances(policy, purpose, wishes, debts), {key: stock.available(policy) for key, stock in found.items()}
    )


def _wish(line: Line, stock: Stock, policy: Policy) -> Wish:
    mass = None if policy.unit(stock.form) == Unit.WHOLE else line.mass_ng
    return Wish(stock, mass, EngineDisposition(line.disposition))


def lines_text(request: Request) -> list[dict[str, str]]:
    """Return the lines as the record says them: exact text."""
    rows = request.lines.select_related("split")
    return [
        {
            "split": row.split.name,
            "mass": SAMPLE_MASS.text(row.mass_ng) if row.mass_ng else "whole",
            "then": row.disposition,
        }
        for row in rows
    ]


def sentence(hindrance: Hindrance) -> str:
    """Return one reason why a request does not fit, in the reader's language."""
    said = {
        "about": hindrance.about,
        "asked": SAMPLE_MASS.text(hindrance.asked),
        "available": SAMPLE_MASS.text(hindrance.available),
    }
    return _SENTENCES[hindrance.reason]() % said


_SENTENCES: Final[Mapping[Reason, Callable[[], str]]] = {
    Reason.NOTHING_ASKED: lambda: _("Nothing is asked for yet."),
    Reason.TWICE: lambda: _("%(about)s is asked for twice."),
    Reason.PURPOSE: lambda: _("Nothing is lent for the purpose %(about)s."),
    Reason.NOT_LENT: lambda: _("%(about)s is kept and not lent."),
    Reason.WITHOUT_MASS: lambda: _("Say how much of %(about)s you need."),
    Reason.ONLY_WHOLE: lambda: _("%(about)s is lent whole."),
    Reason.TOO_MUCH: lambda: _("%(about)s: %(asked)s asked, %(available)s available."),
    Reason.DELINQUENT: lambda: _("You or your institution are late: %(about)s. Nothing new is lent until that is done."),
}  # fmt: skip
