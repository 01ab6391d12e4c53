"""All that is wrong with a catalogue, found in one run and shown together."""

import difflib
from collections.abc import Iterable

from moonbridge.errors import InputError
from moonbridge.formats.catalogue.told import Written


class CatalogueError(InputError):
    """The catalogue cannot be used; ``errors`` holds one :class:`InputError` for each thing that is wrong, in file order."""

    code = "catalogue"

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.file or "", error.line or 0)))
        lines = "\n".join(str(error) for error in self.errors)
        noun = "mistake" if len(self.errors) == 1 else "mistakes"
        super().__init__(f"the catalogue has {len(self.errors)} {noun}:\n{lines}", mistakes=len(self.errors))


class Problems:
    """Collects what is wrong while reading goes on."""

    def __init__(self) -> None:
        self._errors: list[InputError] = []

    def add(self, sentence: str, *, at: Written, field: str | None = None) -> None:
        """Note one mistake with its place."""
        self._errors.append(InputError(sentence, file=at.file, line=at.line, field=field))

    def raise_if_any(self) -> None:
        """Raise :class:`CatalogueError` if anything was noted."""
        if self._errors:
            raise CatalogueError(self._errors)


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """Return the sentence that refuses ``given`` and names the nearest known word, e.g. "unknown source 'x'; did you mean 'y'?"."""
    nearest = difflib.get_close_matches(given, [str(word) for word in known], n=1, cutoff=0.6)
    return f"unknown {what} {given!r}" + (f"; did you mean {nearest[0]!r}?" if nearest else "")
