"""What a team is told of its review, as plain data that both languages can be read from.

``mode``
    the mode of the call;
``panels``
    each with ``name``, ``kind``, ``reviews`` (how many), ``criteria``, ``verdicts`` (how many of each), ``comments`` and ``to_team``, the
    panel's own comment;
``criteria``
    ``name``, ``name_zh``, ``weight``, ``lowest``, ``highest``, ``mean`` (decimal text, or null), ``single`` (there is one mark alone, so
    that a mean would tell it), ``descriptors`` (``value``, ``text``, ``text_zh``) and ``near``, the value of the highest descriptor
    that the mean reaches;
``comments``
    ``reviewer`` (a letter; in an open call the name), ``text``, and ``parts`` on single criteria;
``strengthen``
    the criteria with a mean on which most of the full mark is missing, with what the next step of the scale demands;
``withheld``
    how many comments the office withheld.

It never holds confidential comments, single marks, ranks, other proposals or, but for open calls, names. Letters follow a digest of the
item and the seat, so that they say nothing about who is the same on another proposal, nor about who gave which mark.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any, Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language

from moonbridge.cooperation.opportunities.models import Criterion, ReviewMode
from moonbridge.cooperation.review.handovers import given_reviews
from moonbridge.cooperation.review.models import Descriptor, Item, Mark, Review, Round, Verdict
from moonbridge.quantities import decimal_text

THOUSANDTHS: Final = 1000
_MOST_TO_STRENGTHEN: Final = 3
_LETTERS: Final = 26
_FEWEST: Final = 2
"""Of fewer marks no mean is told: the mean of a single one is that mark."""


def contents(items: Iterable[Item], reviews: Iterable[Review], mode: str) -> Mapping[UUID, dict[str, Any]]:
    """Return what each team is told, by the key of its proposal."""
    by_proposal: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        by_proposal[item.proposal_id].append(item)
    given: dict[UUID, list[Review]] = defaultdict(list)
    for review in reviews:
        given[review.item.proposal_id].append(review)
    return {key: content(mode, held, given[key]) for key, held in by_proposal.items()}


def everything(round_: Round) -> Mapping[UUID, dict[str, Any]]:
    """Return what every team is told, whoever releases it."""
    items = with_parts(Item.objects.filter(panel__round=round_, proposal__submitted_at__isnull=False))
    return contents(items, spoken(round_), round_.mode)


def with_parts(items: QuerySet[Item]) -> QuerySet[Item]:
    """Return the items in the order of their proposals, with what a debrief says of them."""
    found = items.select_related("panel", "proposal", "withholding").prefetch_related(
        "panel__criteria", "panel__descriptors"
    )
    return found.order_by("proposal__code", "panel__position", "panel__name")


def spoken(round_: Round) -> QuerySet[Review]:
    """Return the reviews that speak to the teams, with all that they say."""
    marks = Mark.objects.select_related("criterion", "withholding").order_by("criterion__position", "pk")
    return (
        given_reviews(round_)
        .select_related("item", "seat__user", "withholding")
        .prefetch_related(Prefetch("marks", marks))
    )


def content(mode: str, items: Sequence[Item], reviews: Iterable[Review]) -> dict[str, Any]:
    """Return what the team of the proposal of ``items`` is told by these ``reviews``, all loaded with their parts."""
    by_item: dict[Any, list[Review]] = defaultdict(list)
    for review in sorted(reviews, key=_shuffled):
        by_item[review.item_id].append(review)
    letters = (_letter(number) for number in count())
    panels = [_panel(mode, item, by_item[item.pk], letters) for item in items]
    return {
        "mode": mode,
        "panels": panels,
        "strengthen": _to_strengthen(panels),
        "withheld": sum(_withheld(item, by_item[item.pk]) for item in items),
    }


def in_words(told: Mapping[str, str], key: str) -> str:
    """Return what stands under ``key``, in the reader's language where it has it."""
    chinese = (get_language() or "").startswith("zh")
    return (chinese and told.get(f"{key}_zh")) or told[key]


def _shuffled(review: Review) -> bytes:
    return hashlib.sha256(f"{review.item_id}:{review.seat_id}".encode()).digest()


def _letter(number: int) -> str:
    """Return A, B, ... Z, AA, AB, ..."""
    return (_letter(number // _LETTERS - 1) if number >= _LETTERS else "") + chr(ord("A") + number % _LETTERS)


def is_withheld(thing: Review | Mark | Item) -> bool:
    """Return whether the office keeps this comment from the team."""
    return hasattr(thing, "withholding")


def _panel(mode: str, item: Item, reviews: Sequence[Review], letters: Iterable[str]) -> dict[str, Any]:
    panel = item.panel
    verdicts = Counter(review.verdict for review in reviews if review.verdict)
    names = iter(letters)
    comments = [_comment(mode, review, names) for review in reviews if _says_something(review)]
    return {
        "name": panel.name,
        "kind": panel.kind,
        "reviews": len(reviews),
        "criteria": [_criterion(criterion, item, reviews) for criterion in panel.criteria.all()],
        "verdicts": {str(verdict): verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        "comments": comments,
        "to_team": "" if is_withheld(item) else item.to_team.strip(),
    }


def _said(review: Review) -> tuple[str, list[Mark]]:
    """Return what a review says to the team, but for what is withheld."""
    text = "" if is_withheld(review) else review.to_team.strip()
    return text, [mark for mark in review.marks.all() if mark.comment.strip() and not is_withheld(mark)]


def _says_something(review: Review) -> bool:
    text, marks = _said(review)
    return bool(text or marks)


def _comment(mode: str, review: Review, letters: Iterable[str]) -> dict[str, Any]:
    text, marks = _said(review)
    person = review.seat.user
    name = (person.name or person.email) if mode == ReviewMode.OPEN else next(iter(letters))
    parts = [
        {"criterion": m.criterion.name, "criterion_zh": m.criterion.name_zh, "text": m.comment.strip()} for m in marks
    ]
    return {"reviewer": name, "text": text, "parts": parts}


def _criterion(criterion: Criterion, item: Item, reviews: Iterable[Review]) -> dict[str, Any]:
    given = [
        mark.value_permille
        for review in reviews
        for mark in review.marks.all()
        if mark.criterion_id == criterion.pk and mark.value_permille is not None
    ]
    mean = Fraction(sum(given), len(given)) if len(given) >= _FEWEST else None
    steps = sorted(
        (d for d in item.panel.descriptors.all() if d.criterion_id == criterion.pk), key=lambda d: d.value_permille
    )
    reached = [step for step in steps if mean is not None and step.value_permille <= mean]
    return {
        "name": criterion.name,
        "name_zh": criterion.name_zh,
        "weight": criterion.weight,
        "lowest": criterion.lowest,
        "highest": criterion.highest,
        "mean": None if mean is None else decimal_text(round(mean / THOUSANDTHS, 3)),
        "single": len(given) == 1,
        "descriptors": [_step(step) for step in reversed(steps)],
        "near": _step(reached[-1])["value"] if reached else None,
    }


def _step(step: Descriptor) -> dict[str, str]:
    value = decimal_text(Fraction(step.value_permille, THOUSANDTHS))
    return {"value": value, "text": step.text, "text_zh": step.text_zh}


def _to_strengthen(panels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the criteria with the greatest weighted part of the scale still to reach, and the next step of each."""
    lacking = []
    for panel in panels:
        for told in panel["criteria"]:
            if told["mean"] is None or Fraction(told["mean"]) == told["highest"]:
                continue
            reach = Fraction(told["highest"] - Fraction(told["mean"]), told["highest"] - told["lowest"])
            higher = [step for step in told["descriptors"] if Fraction(step["value"]) > Fraction(told["mean"])]
            named = {key: told[key] for key in ("name", "name_zh", "mean", "highest")}
            lacking.append((told["weight"] * reach, named | {"next": higher[-1] if higher else None}))
    lacking.sort(key=lambda pair: -pair[0])
    return [told for _, told in lacking[:_MOST_TO_STRENGTHEN]]


def _withheld(item: Item, reviews: Iterable[Review]) -> int:
    things: list[Review | Mark | Item] = [item]
    for review in reviews:
        things += [review, *review.marks.all()]
    return sum(is_withheld(thing) for thing in things)
