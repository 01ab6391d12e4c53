"""What a review says, as one value: read from its rows, compared, checked for what is missing.

The form, the saving, the spreadsheet and the submission all speak of this value, so that they cannot disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.review.models import Panel, PanelKind, Review
from moonbridge.cooperation.review.states import WRITING, ItemState, ReviewState

LONGEST: Final = 20_000
"""Characters in one comment; more than that is no review."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said by one criterion: a mark in thousandths (None: not given yet) and a comment."""

    value_permille: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that a reviewer writes. ``judged`` maps the ids of criteria to what is said by them; those without a word are absent."""

    judged: Mapping[UUID, Judged] = field(default_factory=dict)
    to_team: str = ""
    confidential: str = ""
    expertise: int | None = None
    verdict: str = ""


PLAIN: Final = ("to_team", "confidential", "expertise", "verdict")
"""The parts of a draft that are columns of the review itself."""
NOTHING: Final = Judged()


def plain_lines(text: str) -> str:
    """Return ``text`` with its lines ended as in plain text, whatever browser or spreadsheet it comes from."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(review: Review) -> Draft:
    """Return what ``review`` says now; with its marks prefetched this asks the database nothing."""
    judged = {mark.criterion_id: Judged(mark.value_permille, mark.comment) for mark in review.marks.all()}
    said = {key: one for key, one in judged.items() if one != NOTHING}
    return Draft(judged=said, **{name: getattr(review, name) for name in PLAIN})


def as_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as JSON: the content of a command."""
    judged = {str(key): asdict(one) for key, one in sorted(draft.judged.items())}
    return {"judged": judged} | {name: getattr(draft, name) for name in PLAIN}


def changed(before: Draft, after: Draft) -> dict[UUID | str, tuple[Any, Any]]:
    """Return what differs, as (before, after): by the criterion's id for what is judged, by the column's name for the rest."""
    keys = dict.fromkeys([*before.judged, *after.judged])
    judged = {key: (before.judged.get(key, NOTHING), after.judged.get(key, NOTHING)) for key in keys}
    plain = {name: (getattr(before, name), getattr(after, name)) for name in PLAIN}
    return {key: (old, new) for key, (old, new) in (judged | plain).items() if old != new}


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that stands between a draft and its submission, and the name of the form's field where it belongs."""

    field: str
    sentence: str


def mark_field(criterion: UUID) -> str:
    """Return the name of the form's field for the mark by this criterion."""
    return f"mark-{criterion}"


def comment_field(criterion: UUID) -> str:
    """Return the name of the form's field for the comment by this criterion."""
    return f"comment-{criterion}"


def missing(draft: Draft, panel: Panel, criteria: Iterable[Criterion]) -> list[Missing]:
    """Return what is still missing before the review can be submitted, in the order of the form."""
    found = [
        Missing(mark_field(one.pk), gettext("Give a mark for “%(criterion)s”.") % {"criterion": one.name})
        for one in criteria
        if draft.judged.get(one.pk, NOTHING).value_permille is None
    ]
    if panel.kind == PanelKind.TECHNICAL and not draft.verdict:
        found.append(Missing("verdict", gettext("Say whether it is feasible.")))
    if not draft.to_team.strip():
        found.append(Missing("to_team", gettext("Write a comment to the team.")))
    if draft.expertise is None:
        found.append(Missing("expertise", gettext("Say how well you know the field.")))
    return found


def locked(review: Review) -> str:
    """Return why nobody may change this review now, in words; empty while it may be changed."""
    item = review.item
    if item.state == ItemState.CLOSED:
        return gettext("The panel has closed this proposal.")
    if item.panel.round.state not in WRITING:
        return gettext("Reviews are not written now: the review of this call is “%(state)s”.") % {
            "state": item.panel.round.get_state_display()
        }
    return ""


def may_write(review: Review) -> bool:
    """Return whether its author may change the text now."""
    return review.state in {ReviewState.ASSIGNED, ReviewState.DRAFT} and not locked(review)


def may_reopen(review: Review) -> bool:
    """Return whether its author may take the submission back now."""
    return review.state == ReviewState.SUBMITTED and not locked(review)
