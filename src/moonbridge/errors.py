"""Everything Moonbridge refuses, as one tree.

::

    MoonbridgeError                    anything refused or failed, with a code, a sentence and the numbers
    ├── InputError                     what was given cannot be read (file, line, field)
    │   └── QuantityError              a quantity that cannot be read or is not exact in its base unit
    ├── Refused                        understood, but not allowed to happen
    │   ├── NotAllowed                 this person may not do this (shown as 404 where the thing itself is hidden)
    │   ├── WrongState                 the thing is not in a state from which this can happen
    │   ├── DeadlinePassed             the instant until which this was possible is over
    │   ├── DoesNotFit                 more was asked than the envelope offers
    │   ├── Stale                      somebody else changed it since it was read
    │   └── CommandReused              a command id was sent before with other content
    ├── Infeasible                     no portfolio can satisfy all rules; names the rules
    ├── NotProven                      time ran out before the proof
    ├── Unavailable                    nothing is wrong with what was asked, but it cannot be done now
    │   ├── ReadOnly                   nothing can be written now: the disk is full, or the database only reads
    │   └── Busy                       others were changing the same, several times in a row
    ├── Cancelled                      whoever asked for a long work stopped it
    └── TamperedError                  a record, receipt or certificate does not verify

The command line and the API print ``code``, the sentence and ``numbers``; the pages translate the sentence by its code.
"""

from typing import Any


class MoonbridgeError(Exception):
    """Base of all errors: a stable ``code``, an English sentence, and the ``numbers`` that the sentence speaks of."""

    code = "moonbridge"

    def __init__(self, sentence: str, **numbers: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.numbers = numbers

    def __str__(self) -> str:
        return self.sentence

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data for a JSON answer."""
        return {"code": self.code, "sentence": self.sentence, "numbers": self.numbers}


class InputError(MoonbridgeError):
    """Something given cannot be read; says in which file, on which line, in which field."""

    code = "input"

    def __init__(
        self,
        sentence: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        **numbers: Any,
    ) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        where = ", ".join(part for part in (place, f"field {field}" if field else "") if part)
        super().__init__(f"{where}: {sentence}" if where else sentence, **numbers)
        self.bare, self.file, self.line, self.field = sentence, file, line, field

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data, its place included."""
        return super().as_dict() | {"file": self.file, "line": self.line, "field": self.field}


class QuantityError(InputError):
    """A quantity that cannot be read, has another dimension, or is not a whole number of the base unit.

    ``template`` is the sentence before its ``numbers`` were put in by ``%``, so that a page can say it in another language.
    """

    code = "quantity"

    def __init__(self, template: str, *, field: str | None = None, **numbers: str) -> None:
        super().__init__(template % numbers, file=None, line=None, field=field, **numbers)
        self.template = template


class Refused(MoonbridgeError):  # noqa: N818 - a refusal is what it is called on screen
    """Understood, but not allowed to happen."""

    code = "refused"


class NotAllowed(Refused):
    """This person may not do this."""

    code = "not-allowed"


class WrongState(Refused):
    """The thing is not in a state from which this can happen."""

    code = "wrong-state"


class DeadlinePassed(Refused):
    """The instant until which this was possible is over."""

    code = "deadline-passed"


class DoesNotFit(Refused):
    """More was asked than the envelope offers."""

    code = "does-not-fit"


class Stale(Refused):
    """Somebody else changed the thing since it was read; nothing was overwritten."""

    code = "stale"


class CommandReused(Refused):
    """A command id was sent before with other content."""

    code = "command-reused"


class Infeasible(MoonbridgeError):  # noqa: N818 - the field's word
    """No portfolio can satisfy all rules; ``numbers['rules']`` names a conflicting set, ``smallest`` if that is proven."""

    code = "infeasible"


class NotProven(MoonbridgeError):  # noqa: N818 - the field's word
    """Time ran out before optimality was proven; ``numbers`` holds the best value found and the bound."""

    code = "not-proven"


class Unavailable(MoonbridgeError):  # noqa: N818 - a refusal is what it is called on screen
    """Nothing is wrong with what was asked, but it cannot be done now; nothing was changed, and it can be sent again with the same id."""

    code = "unavailable"


class ReadOnly(Unavailable):
    """Nothing can be written now (the disk is full, or the database only reads); nothing that was confirmed is lost."""

    code = "read-only"


class Busy(Unavailable):
    """Others were changing the same at the same instant, several times in a row."""

    code = "busy"


class Cancelled(MoonbridgeError):  # noqa: N818 - the field's word
    """Whoever asked for a long work stopped it; nothing was decided."""

    code = "cancelled"


class TamperedError(MoonbridgeError):
    """A record, receipt or certificate does not verify."""

    code = "tampered"
