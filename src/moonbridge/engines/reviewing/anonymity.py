"""What in a text tells who wrote it: names, addresses, iDs, institutions, agencies, and talk of one's own earlier work.

Text and names are compared without case, diacritics and hyphens (:func:`~moonbridge.engines.reviewing.names.plain`), names in every order
and with initials. Chinese characters are compared with Chinese characters only, as there. What could as well be something else (a
family name alone, an acronym that was only guessed, "in our laboratory") is a finding too, but not a certain one.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import permutations
from typing import Final

from moonbridge.engines.reviewing.mail_hosts import HOSTS, is_whole_sector
from moonbridge.engines.reviewing.names import plain
from moonbridge.engines.reviewing.own_work import PHRASES
from moonbridge.engines.reviewing.people import orcid_holds

_AROUND: Final = 60
"""Characters shown on either side of a finding."""
_MOST_PARTS: Final = 4
"""Names of more parts are looked for in the orders forwards and backwards only."""
_SHORT: Final = 6
"""Names with fewer letters count only where they are written with capitals: "li na" may be anything, "Li Na" is a name."""
_LONG_ENOUGH: Final = 4
"""A family name alone, or an institution's name, needs so many letters to be looked for."""
_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN: Final = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_TOKEN: Final = re.compile(rf"[^\W\d_{_HAN}]+")
_BETWEEN: Final = re.compile(r"[\s.,'’·\-\u2010\u2011]{0,4}")
"""What may stand between the parts of one name."""
_JOINS: Final = re.compile(r"[-\u2010\u2011'’·]")
"""What joins the parts of one given name: Xiao-Ming, O'Brien."""
_MAIL: Final = re.compile(r"[\w.+-]+@(?P<host>[\w-]+(?:\.[\w-]+)+)")
_ORCID: Final = re.compile(r"(?<![\w-])\d{4}-\d{4}-\d{4}-\d{3}[\dXx](?![\w-])")
_SMALL_WORDS: Final = frozenset(
    "a an of the for and in at on de la le les du des d di da do del für und et y".split()  # noqa: SIM905 - words, not syntax
)


class Kind(StrEnum):
    """What a finding is."""

    NAME = "name"
    MAIL = "mail"
    HOST = "host"
    ORCID = "orcid"
    INSTITUTION = "institution"
    AGENCY = "agency"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who proposes: what an anonymous text must not tell. ``agencies`` are names and short names of the bodies of their countries."""

    people: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to look at: ``key`` is its name for programs, ``where`` for people."""

    key: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a passage that tells who proposes, or may (not ``certain``): how it is written, how often, and where first."""

    key: str
    where: str
    kind: Kind
    found: str
    excerpt: str
    times: int
    certain: bool

    @property
    def digest(self) -> str:
        """What tells this finding from every other, as long as the passage says it as often in the same words (SHA-256, hex)."""
        said = "\0".join((self.key, self.kind, _letters(self.found), str(self.times)))
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    kind: Kind
    certain: bool


def find(identity: Identity, passages: Iterable[Passage]) -> list[Finding]:
    """Return all findings, in the order of ``passages`` and in each the certain ones first."""
    wanted = _Wanted(identity)
    return [finding for passage in passages for finding in _told(passage, _apart(_hits(wanted, passage.text)))]


class _Wanted:
    """What is looked for, made ready once for many passages."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.names = _Names(identity.people)
        self.emails = frozenset(address.casefold() for address in identity.emails)
        hosts = {address.rpartition("@")[2] for address in self.emails}
        self.hosts = {host for host in hosts - HOSTS - {""} if not is_whole_sector(host)}

    @cached_property
    def institutions(self) -> "re.Pattern[str] | None":
        """Names of institutions and of their parts, as they stand in folded text."""
        parts = [part for name in self.identity.institutions for part in _parts_of_institution(name)]
        return _any_of(plain(part) for part in parts if _is_telling(part))

    @cached_property
    def acronyms(self) -> "re.Pattern[str] | None":
        """Acronyms that the team itself writes."""
        return _any_of(short for name in self.identity.institutions for short in _acronyms(name))

    @cached_property
    def guesses(self) -> "re.Pattern[str] | None":
        """Acronyms that an institution's words would make."""
        return _any_of(guess for name in self.identity.institutions if (guess := _initials(name)))

    @cached_property
    def agencies(self) -> "re.Pattern[str] | None":
        """Long names of agencies, as they stand in folded text."""
        return _any_of(plain(name) for name in self.identity.agencies if not _is_acronym(name))

    @cached_property
    def short_agencies(self) -> "re.Pattern[str] | None":
        """Short names of agencies, as they are written."""
        return _any_of(name for name in self.identity.agencies if _is_acronym(name))

    @cached_property
    def own_hosts(self) -> "re.Pattern[str] | None":
        """Hosts of the team's addresses, alone or at the end of a longer one."""
        return _any_of(self.hosts, before=r"(?<![\w-])")


class _Names:
    """Names of people as keys of joined letters: ``zhangxiaoming`` in every order, with initials, and family names alone."""

    def __init__(self, people: Sequence[str]) -> None:
        self.full: set[str] = set()
        self.abbreviated: set[str] = set()
        self.single: set[str] = set()
        self.han: set[str] = set()
        for person in people:
            self._take(person)
        keys = self.full | self.abbreviated | self.single
        self.prefixes = {key[:length] for key in keys for length in range(1, len(key) + 1)}
        self.written = _any_of(self.han, before="", after="", join=r"[\s·]?")

    def _take(self, person: str) -> None:
        self.han |= {run.replace("·", "") for run in _HAN_RUN.findall(person) if len(run) > 1}
        parts = _TOKEN.findall(_JOINS.sub("", plain(person)))
        self.single |= {part for part in (parts[:1] + parts[-1:]) if len(part) >= _LONG_ENOUGH}
        if len(parts) > 1:
            orders = permutations(parts) if len(parts) <= _MOST_PARTS else (parts, parts[::-1])
            self.full |= {"".join(order) for order in orders}
            apart = _TOKEN.findall(_JOINS.sub(" ", plain(person)))
            self.abbreviated |= {*_abbreviations(parts), *_abbreviations(apart)} - self.full


def _abbreviations(parts: list[str]) -> Iterator[str]:
    """Yield family name and initials in both orders; either end may be the family name, or all but the first name."""
    yield from (parts[0][0] + "".join(parts[1:]), "".join(parts[1:]) + parts[0][0])
    for family, given in ((parts[0], parts[1:]), (parts[-1], parts[:-1])):
        for initials in {given[0][0], "".join(part[0] for part in given)}:
            yield from (initials + family, family + initials)


class _Folded:
    """A text without case and diacritics, which knows where each letter stood."""

    def __init__(self, text: str) -> None:
        self.text = text
        if text.isascii():
            self.folded, self._places = text.lower(), None
            return
        folds = {letter: plain(letter) for letter in set(text)}
        self.folded = "".join(map(folds.__getitem__, text))
        same = all(len(folded) == 1 for folded in folds.values())
        self._places = None if same else [place for place, letter in enumerate(text) for _ in folds[letter]]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece of the folded text stands in the text itself."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + 1


def _hits(wanted: _Wanted, text: str) -> Iterator[_Hit]:
    folded = _Folded(text)
    yield from _addresses(wanted, text)
    yield from _of_names(wanted.names, folded)
    yield from _in_folded(wanted.institutions, folded, Kind.INSTITUTION, certain=True)
    yield from _in_folded(wanted.own_hosts, folded, Kind.HOST, certain=True)
    yield from _in_folded(wanted.agencies, folded, Kind.AGENCY, certain=False)
    for pattern, kind, certain in (
        (wanted.names.written, Kind.NAME, True),
        (wanted.acronyms, Kind.INSTITUTION, True),
        (wanted.guesses, Kind.INSTITUTION, False),
        (wanted.short_agencies, Kind.AGENCY, False),
    ):
        yield from (_Hit(*found.span(), kind, certain) for found in (pattern.finditer(text) if pattern else ()))
    for phrase, certain in PHRASES:
        yield from (_Hit(*found.span(), Kind.SELF, certain) for found in phrase.finditer(text))


def _in_folded(pattern: "re.Pattern[str] | None", folded: _Folded, kind: Kind, *, certain: bool) -> Iterator[_Hit]:
    for found in pattern.finditer(folded.folded) if pattern else ():
        yield _Hit(*folded.place(*found.span()), kind, certain)


def _addresses(wanted: _Wanted, text: str) -> Iterator[_Hit]:
    for found in _MAIL.finditer(text):
        host = found["host"].casefold()
        own = found.group().casefold() in wanted.emails or any(
            host == known or host.endswith(f".{known}") for known in wanted.hosts
        )
        yield _Hit(*found.span(), Kind.MAIL, own)
    for found in _ORCID.finditer(text):
        if orcid_holds(found.group()):
            yield _Hit(*found.span(), Kind.ORCID, certain=True)


def _of_names(names: _Names, folded: _Folded) -> Iterator[_Hit]:
    """Look for names in the words of a text, joining neighbours as long as they can become a name."""
    words = [found.span() for found in _TOKEN.finditer(folded.folded)] if names.prefixes else []
    for first, (start, _) in enumerate(words):
        joined, last = "", start
        for place in range(first, len(words)):
            begin, end = words[place]
            gap = folded.folded[last:begin]
            joined += folded.folded[begin:end]
            if not _BETWEEN.fullmatch(gap) or joined not in names.prefixes:
                break
            last = end
            span = folded.place(start, end)
            if (certain := _is_name(names, joined, folded.text[slice(*span)])) is not None:
                yield _Hit(*span, Kind.NAME, certain)


def _is_name(names: _Names, joined: str, written: str) -> bool | None:
    """Return whether the ``joined`` words certainly are a name, only may be one, or (None) are none."""
    capitals = _has_capitals(written)
    if joined in names.full:
        return True if capitals or len(joined) > _SHORT else None
    if joined in names.abbreviated and capitals and len(_TOKEN.findall(written)) > 1:
        return len(joined) > _LONG_ENOUGH
    return False if joined in names.single and capitals else None


def _has_capitals(written: str) -> bool:
    """Return whether this is written as names are: every initial a capital, and one word at least with one ("X. van der Berg")."""
    small = [word for word in _TOKEN.findall(written) if word[0].islower()]
    return all(len(word) > 1 for word in small) and len(small) < len(_TOKEN.findall(written))


def _any_of(
    wanted: Iterable[str], *, before: str = r"(?<!\w)", after: str = r"(?!\w)", join: str = ""
) -> "re.Pattern[str] | None":
    """Return a pattern that finds any of the ``wanted`` texts, the longest first; white space matches any white space."""
    texts = sorted({" ".join(text.split()) for text in wanted} - {""}, key=lambda text: (-len(text), text))
    found = [_bounded(text, before, after, join) for text in texts]
    return re.compile("|".join(found)) if found else None


def _bounded(text: str, before: str, after: str, join: str) -> str:
    """Return one text as a pattern; Chinese characters have no word ends to look for."""
    letters = join.join(map(re.escape, text)) if join else re.escape(text).replace(r"\ ", r"[\s-]+")
    ends = (re.match(rf"[{_HAN}]", text[0]), re.match(rf"[{_HAN}]", text[-1]))
    return f"{'' if ends[0] else before}{letters}{'' if ends[1] else after}"


def _parts_of_institution(name: str) -> Iterator[str]:
    """Yield the whole name and what stands between commas, without what stands in brackets."""
    bare = re.sub(r"[(\uff08][^)\uff09]*[)\uff09]", " ", name)
    yield " ".join(bare.split())
    yield from (part.strip() for part in re.split(r"[,;/\uff0c\u3001\uff1b]", bare))


def _is_telling(part: str) -> bool:
    """Return whether a name says more than one common word ("institute") would."""
    han = "".join(_HAN_RUN.findall(part))
    words = _TOKEN.findall(plain(part))
    return len(han) >= _LONG_ENOUGH or (len([word for word in words if word not in _SMALL_WORDS and len(word) > 1]) > 1)


def _acronyms(name: str) -> Iterator[str]:
    """Yield what is written as an acronym: in brackets, or as the whole name."""
    bracketed = re.findall(r"[(\uff08]([^)\uff09]*)[)\uff09]", name)
    yield from (short.strip() for short in [*bracketed, name] if _is_acronym(short.strip()))


def _is_acronym(text: str) -> bool:
    letters = re.sub(r"[^\w]", "", text)
    return 2 <= len(letters) <= 12 and " " not in text.strip() and sum(letter.isupper() for letter in letters) > 1  # noqa: PLR2004 - from ESA-like to GEOMAR-like


def _initials(name: str) -> str:
    """Return the acronym that the words of the first part of a name would make, from three letters on."""
    first = next(iter(re.split(r"[,;/(\uff08]", name)), "")
    words = [word for word in re.findall(r"[^\W\d_]+", first) if word.casefold() not in _SMALL_WORDS]
    made = "".join(word[0] for word in words if word[0].isupper())
    return made if len(made) > 2 and made.isascii() else ""  # noqa: PLR2004 - shorter ones stand for too much


def _apart(hits: Iterable[_Hit]) -> list[_Hit]:
    """Return the hits that do not lie in a better one: certain before likely, long before short."""
    kept: list[_Hit] = []
    ends: list[tuple[int, int]] = []
    for hit in sorted(hits, key=lambda one: (not one.certain, one.start - one.end, one.start)):
        if not any(hit.start < end and start < hit.end for start, end in ends):
            kept.append(hit)
            ends.append((hit.start, hit.end))
    return sorted(kept, key=lambda one: (not one.certain, one.start))


def _told(passage: Passage, hits: list[_Hit]) -> Iterator[Finding]:
    """Yield one finding for each thing that is found, however often it stands there."""
    groups: dict[tuple[bool, Kind, str], list[_Hit]] = {}
    for hit in hits:
        groups.setdefault((hit.certain, hit.kind, _letters(passage.text[hit.start : hit.end])), []).append(hit)
    for (certain, kind, _), same in groups.items():
        first = same[0]
        found = " ".join(passage.text[first.start : first.end].split())
        excerpt = _excerpt(passage.text, first)
        yield Finding(passage.key, passage.where, kind, found, excerpt, len(same), certain)


def _letters(found: str) -> str:
    """Return what is the same however it is set: without case, diacritics, white space and signs between letters."""
    return re.sub(r"[\s,'’·\-\u2010\u2011]+", "", plain(found))


def _excerpt(text: str, hit: _Hit) -> str:
    start, end = max(0, hit.start - _AROUND), hit.end + _AROUND
    shown = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"
