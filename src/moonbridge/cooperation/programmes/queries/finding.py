"""Search over everything that has a public page, tolerant of spelling, diacritics and script."""

from functools import reduce
from operator import and_
from typing import Final

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from moonbridge.cooperation.programmes.models import SearchDocument
from moonbridge.cooperation.programmes.search import is_chinese, normal_form

MAX_WORDS: Final = 8
"""Words of a question that are looked at; the rest is ignored."""
GUESSABLE: Final = range(4, 41)
"""Lengths of words for which a slip of the pen is looked for: too many others resemble shorter ones, none longer ones."""
ALIKE: Final = 0.45
"""How similar (0 to 1, by trigrams) a word must be to count as a slip of the pen."""


def search(text: str, *, kinds: tuple[str, ...] = ()) -> QuerySet[SearchDocument]:
    """Return what matches every word of ``text``, best first; where nothing does, what resembles them.

    A word matches the beginning of a word (Chinese: any part of a text). Names come before words inside texts, whole names before
    parts. Each find has ``address``, ``kind``, ``title``, ``title_zh``. An empty question finds nothing.
    """
    documents = SearchDocument.objects.filter(kind__in=kinds) if kinds else SearchDocument.objects.all()
    words = normal_form(text).split()[:MAX_WORDS]
    if not words:
        return documents.none()
    exact = documents.filter(reduce(and_, (_contains("words", word) for word in words)))
    return _ranked(exact, words) if exact.exists() else _alike(documents, words)


def _ranked(found: QuerySet[SearchDocument], words: list[str]) -> QuerySet[SearchDocument]:
    phrase = " ".join(words)
    closeness = Case(
        When(names__contains=f"| {phrase} |", then=Value(4)),
        When(names__contains=f"| {phrase}", then=Value(3)),
        When(names__contains=f" {phrase}", then=Value(2)),
        When(reduce(and_, (_contains("names", word) for word in words)), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return found.annotate(closeness=closeness).order_by("-closeness", "-weight", "title", "address")


def _alike(documents: QuerySet[SearchDocument], words: list[str]) -> QuerySet[SearchDocument]:
    """Return the documents with something like every word, a word that is too short to guess taken as it is."""
    guessed = [word for word in words if len(word) in GUESSABLE and not is_chinese(word)]
    if not guessed:
        return documents.none()
    literal = [_contains("words", word) for word in words if word not in guessed]
    likeness = {f"like_{number}": TrigramWordSimilarity(word, "words") for number, word in enumerate(guessed)}
    near = documents.filter(*literal).annotate(**likeness).filter(**{f"{name}__gte": ALIKE for name in likeness})
    best = F("like_0") if len(likeness) == 1 else Greatest(*likeness, output_field=FloatField())
    return near.order_by(best.desc(), "-weight", "title", "address")


def _contains(column: str, word: str) -> Q:
    """Return the condition that ``word`` begins a word in ``column``, or, in Chinese, stands anywhere in it."""
    if is_chinese(word):
        return Q(**{f"{column}__contains": word})
    # A number must be whole: "change 6" is not "change 61".
    return Q(**{f"{column}__contains": f" {word} " if word.isdigit() else f" {word}"})
